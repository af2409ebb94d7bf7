"""What is to be set, in the syntax of a shell."""

import os
import shlex
from enum import StrEnum
from pathlib import Path


class Shell(StrEnum):
    SH = "sh"
    """bash, zsh and every other shell that is like them."""
    FISH = "fish"


def lines(variables: dict[str, str | None], shell: Shell) -> list[str]:
    lines = []
    for name, value in variables.items():
        if value is not None:
            quoted = shlex.quote(value) if shell is Shell.SH else _quoted_for_fish(value)
            lines.append(f"export {name}={quoted}" if shell is Shell.SH else f"set -gx {name} {quoted}")
        elif os.environ.get(name):
            lines.append(f"unset {name}" if shell is Shell.SH else f"set -e {name}")
    return lines


def _quoted_for_fish(value: str) -> str:
    """https://fishshell.com/docs/current/language.html#quotes."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def own_shell() -> Shell:
    return Shell.FISH if Path(os.environ.get("SHELL", "")).name == "fish" else Shell.SH
