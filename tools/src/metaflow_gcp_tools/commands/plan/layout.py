"""How a plan is laid out: lines, headlines and tables, on a terminal and elsewhere."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


def line(console: Console, text: str, *, indent: int = 0, style: str = "") -> None:
    """On a terminal wrapped at words, further lines as far in as the first; elsewhere one line, to be searched."""
    if console.is_terminal:
        console.print(Padding(Text(text, style), (0, 0, 0, indent)), soft_wrap=False)
    else:
        console.print(f"{' ' * indent}{text}", style=style)


def headline(console: Console, text: str) -> None:
    console.print()
    console.print(text, style="bold")


def show(console: Console, table: Table) -> None:
    """On a narrow terminal cells are wrapped at words, not cut."""
    console.print(table, soft_wrap=not console.is_terminal)


def table(*columns: str) -> Table:
    made = Table(box=SIMPLE_HEAD, pad_edge=True)
    for number, column in enumerate(columns):
        made.add_column(column, justify="left" if number == 0 else "right")
    return made
