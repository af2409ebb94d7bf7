"""How help looks: options that take no value show none, and paragraphs are as wide as the terminal."""

import inspect
from typing import Any

from typer.core import TyperCommand, TyperGroup

NAMES = {"help_option_names": ["--help", "-h"]}
"""For the outermost command; the others inherit them."""


class _Help:
    help: str | None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.help = unwrapped(self.help or "")

    def get_params(self, ctx: Any) -> list[Any]:
        found: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for each in found:
            if getattr(each, "is_flag", False):
                each.metavar = ""  # Typer would write <bool>.
            elif getattr(each, "param_type_name", "") == "argument":
                each.display_type_rich = _nothing  # Its name says it; Typer would add <list[str]>.
        return found


def _nothing(**_: Any) -> None:
    return None


class Command(_Help, TyperCommand):
    """For `cls` of a command."""


class Group(_Help, TyperGroup):
    """For `cls` of a `Typer`."""


def unwrapped(text: str) -> str:
    """Each paragraph in one line, whatever its width in the source; what is indented, such as examples, as it is."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(each if "\n    " in each else each.replace("\n", " ") for each in paragraphs)
