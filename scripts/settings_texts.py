"""What the sources say under each key of the settings: the text of the schema, and of config/example.toml."""

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from stacks.settings.loading import keys


def of_keys(table: type) -> dict[str, str]:
    """Key -> the string under it. A class that gives a key another default may say something else about it."""
    found = {name: text for kind in reversed(table.__mro__) for name, text in _under_keys(kind)}
    return {name: found[name] for name in keys.keys_of(table) if name in found}


def of_table(table: type) -> str:
    return inspect.getdoc(table) or ""


def _under_keys(kind: Any) -> Iterator[tuple[str, str]]:
    try:
        [body] = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    except (OSError, TypeError):
        return  # `object`: written in C
    statements = body.body if isinstance(body, ast.ClassDef) else []
    for field, after in pairwise(statements):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)
