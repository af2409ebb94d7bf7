"""What people see."""

from pathlib import Path

from rich.console import Console


def written(console: Console, file: Path) -> None:
    console.print(f"wrote {file}")
    console.print("next: `metaflow-gcp preflight` checks the project, then `make deploy`")
