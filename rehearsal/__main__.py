"""The command line: `python -m rehearsal`."""

import sqlite3
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rehearsal.run.check import check as check_directory
from rehearsal.run.errors import WrongUse
from rehearsal.run.report import Report
from rehearsal.run.show import show

app = typer.Typer(
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)


Fail = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FAULT",
        help="Break at a place, and go on until it is put right: TYPE.NAME[:create|read|update|delete][:before|after]"
        "[:KIND][:TIMES], STACK:locked or STACK:disk-full. KIND: unavailable (503; after: the answer is lost), quota, "
        "stockout, expired, slow=MINUTES, killed=provider|terraform|cdktf. * stands for any. May be given again.",
    ),
]


@app.callback(invoke_without_command=True)
def rehearse(context: typer.Context, fail: Fail = None) -> None:
    """Deploy apis, infra and services on the simulated cloud with the real CDKTF CLI, plan again, destroy.

    Run it in the project's folder. The report is build/rehearsal/report.json, and as a page report.html beside it.
    """
    if context.invoked_subcommand is not None:
        return
    from rehearsal.run.rehearse import REPORT, rehearse as run

    console = Console()
    _finish(console, lambda: run(Path.cwd(), console=console, fail=fail or []), REPORT)


@app.command()
def check(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A folder laid out like cdktf.out.")],
    cloud: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON: what exists in the cloud beforehand.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the report there, and beside it a page, .html for .json.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the report, and nothing else, on standard output.")
    ] = False,
    fail: Fail = None,
) -> None:
    """Deploy the stacks of a synthesized app on the simulated cloud without the CDKTF CLI, plan again, destroy."""
    console = Console(stderr=json)

    def run() -> Report:
        made = check_directory(directory, cloud_file=cloud, console=console, fail=fail or [])
        if report:
            made.write(report)
        if json:
            typer.echo(made.to_json(), nl=False)
        return made

    _finish(console, run, report)


def _temporary() -> str:
    try:
        return tempfile.gettempdir()
    except OSError:
        return "the folder for temporary files (TMPDIR)"


def _finish(console: Console, run: object, file: Path | None) -> None:
    try:
        made: Report = run()  # type: ignore[operator]
    except WrongUse as wrong:
        typer.echo(f"rehearsal: {wrong}", err=True)
        raise typer.Exit(2) from None
    except (OSError, sqlite3.OperationalError) as error:
        # A full disk, or a folder that cannot be written: the cloud's model is a database of SQLite's.
        what = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        typer.echo(f"rehearsal: {what}. It writes to build/ and to {_temporary()}: make room there.", err=True)
        raise typer.Exit(1) from None
    show(console, made, file)
    raise typer.Exit(0 if made.ok else 1)


if __name__ == "__main__":
    app(prog_name="python -m rehearsal")
