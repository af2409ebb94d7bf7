"""The command line: its commands, and the one place where errors end."""

import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException
from typer.main import get_command

from metaflow_gcp_tools.configure import command as configure_command
from metaflow_gcp_tools.forward import command as forward_command
from metaflow_gcp_tools.image import command as image_command
from metaflow_gcp_tools.output import Output
from metaflow_gcp_tools.plan import command as plan_command
from metaflow_gcp_tools.preflight import command as preflight_command
from metaflow_gcp_tools.problems import CommandFailed, Problem
from metaflow_gcp_tools.run import command as run_command
from metaflow_gcp_tools.status import command as status_command

INTERRUPTED = 130
"""As a shell has it: 128 and SIGINT."""

JOURNEY = ("preflight", "plan", "configure", "run", "forward", "status", "image")
"""The commands in the order in which people meet them."""


class _Commands(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx), key=JOURNEY.index)


app = typer.Typer(cls=_Commands, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="rich")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"metaflow-gcp {version('metaflow-gcp')}")
        raise typer.Exit


@app.callback()
def _app(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Run Metaflow on Google Cloud, and operate it."""


app.command("configure")(configure_command.configure)
app.add_typer(forward_command.app, name="forward")
app.add_typer(image_command.app, name="image", help="Build, push and check the images that tasks run in.")
app.command("plan")(plan_command.plan)
app.command("preflight")(preflight_command.preflight)
app.command("run", context_settings={"allow_interspersed_args": False})(run_command.run)
app.command("status")(status_command.status)


def main() -> None:
    """Run the command that was asked for; a command returns its exit code, or `None` for 0."""
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
    ours = arguments[: arguments.index("--")] if "--" in arguments else arguments
    output = Output(as_json="--json" in ours)
    try:
        return app(arguments, prog_name="metaflow-gcp", standalone_mode=False) or 0
    except CommandFailed as error:
        problems, exit_code = error.problems, error.exit_code
    except TyperException as error:
        usage = getattr(error, "ctx", None)
        path = usage.command_path if usage else f"metaflow-gcp {_command(ours)}".strip()
        message = error.format_message().rstrip()
        problems = (Problem(what=message, next_step=f"see `{path} --help`"),) if message else ()
        exit_code = error.exit_code
    except Abort:
        return INTERRUPTED
    for problem in problems:
        output.problem(problem)
    output.document(_command(ours), {}, exit_code=exit_code, problems=problems)
    return exit_code


def _command(arguments: list[str]) -> str:
    """The command that was asked for, as it calls itself in its documents: `image build`; empty for none of ours."""
    found: list[str] = []
    commands: dict[str, Any] = vars(get_command(app))["commands"]
    for word in arguments:
        if word in commands:
            found.append(word)
            commands = vars(commands[word]).get("commands", {})
    return " ".join(found)
