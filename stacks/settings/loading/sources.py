"""Where settings come from: a TOML file, and over it the environment."""

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

from metaflow_gcp.checks import Problem
from stacks.settings.loading.errors import InvalidSettings

PREFIX = "METAFLOW_GCP_"
FILE_VARIABLE = "METAFLOW_GCP_SETTINGS"
_NO_KEYS = (
    FILE_VARIABLE,
    "METAFLOW_GCP_CDK",
    "METAFLOW_GCP_EAGER_BINDINGS",
    # Metaflow's own, which a client's shell may have set.
    "METAFLOW_GCP_SECRET_MANAGER_PREFIX",
)
_PROJECT_FOLDER = Path(__file__).parents[3]


def from_file() -> dict[str, Any]:
    """What the file holds; nothing when there is none and none was named."""
    path = _path()
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        if not _is_named():
            return {}
        raise _unreadable("does not exist", "a file that exists", f"create it, or unset {FILE_VARIABLE}") from None
    except IsADirectoryError:
        raise _unreadable("is a directory", "a TOML file", f"set {FILE_VARIABLE} to a file in it") from None
    except OSError as error:
        raise _unreadable(f"cannot be read: {error.strerror}", "a readable file", "change its permissions") from None
    except UnicodeDecodeError as error:
        raise _unreadable(
            f"is not UTF-8: byte {error.start + 1} is {error.object[error.start]:#04x}",
            "a TOML file in UTF-8",
            "save it as UTF-8",
        ) from None
    except ValueError as error:  # tomllib's own says line and column
        raise _unreadable(f"is not TOML: {error}", "TOML, see https://toml.io", "correct that place") from None
    except RecursionError:
        raise _unreadable("nests tables too deeply", "the tables of config/example.toml", "remove them") from None


def from_environment() -> dict[str, Any]:
    """`METAFLOW_GCP_BACKEND__DIRECTORY=x` as `{"backend": {"directory": "x"}}`; lists and tables are JSON."""
    found: dict[str, Any] = {}
    # Whole tables first: a single key then goes into them.
    for variable in sorted(_variables(), key=lambda name: name.count("__")):
        *tables, key = variable.removeprefix(PREFIX).lower().split("__")
        table = found
        for name in tables:
            inner = table.get(name)
            table[name] = table = inner if isinstance(inner, dict) else {}
        table[key] = _value(os.environ[variable])
    return found


def described() -> str:
    """For a headline: which file, and whether the environment had a part in it."""
    file = file_name()
    if not os.access(_path(), os.F_OK):
        file = f"no {file}"
    variables = _variables()
    count = "1 variable" if len(variables) == 1 else f"{len(variables)} variables"
    return f"{file}; {count} {PREFIX}* in the environment" if variables else file


def file_name() -> str:
    return str(_path()) if _is_named() else _path().name


def variable_for(where: str) -> str | None:
    """The variable in the environment that a key was given by: it, the table around it, or a key in it."""
    set_by = {name.removeprefix(PREFIX).lower(): name for name in _variables()}
    parts = re.split(r"[.\[]", where)
    names = ("__".join(parts[:length]) for length in range(len(parts), 0, -1))
    given_whole = (set_by[name] for name in names if name in set_by)
    given_in_part = (name for key, name in set_by.items() if key.startswith("__".join([*parts, ""])))
    return next(given_whole, None) or next(given_in_part, None)


def _variables() -> list[str]:
    return [name for name in os.environ if name.startswith(PREFIX) and name not in _NO_KEYS]


def _value(text: str) -> Any:
    """A list or a table from JSON. Everything else is text, of which pydantic makes numbers and booleans."""
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text  # "a list is needed" is then said along with every other problem


def _is_named() -> bool:
    return bool(os.environ.get(FILE_VARIABLE))


def _path() -> Path:
    return Path(os.environ.get(FILE_VARIABLE) or _PROJECT_FOLDER / "settings.toml")


def _unreadable(wrong: str, allowed: str, fix: str) -> InvalidSettings:
    named = FILE_VARIABLE if _is_named() else "settings.toml"
    return InvalidSettings(
        described(), [Problem(where=named, wrong=f"{str(_path())!r} {wrong}", allowed=allowed, fix=fix)]
    )
