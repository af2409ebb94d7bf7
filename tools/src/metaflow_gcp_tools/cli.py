"""The command line: its commands, and the one place where errors end."""

import os
import re
import sys
from functools import cache
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.exceptions import Abort, TyperException
from typer.main import get_command

from metaflow_gcp_tools.commands.configure import command as configure_command
from metaflow_gcp_tools.commands.env import command as env_command
from metaflow_gcp_tools.commands.forward import command as forward_command
from metaflow_gcp_tools.commands.image import command as image_command
from metaflow_gcp_tools.commands.init import command as init_command
from metaflow_gcp_tools.commands.logs import command as logs_command
from metaflow_gcp_tools.commands.plan import command as plan_command
from metaflow_gcp_tools.commands.preflight import command as preflight_command
from metaflow_gcp_tools.commands.run import command as run_command
from metaflow_gcp_tools.commands.status import command as status_command
from metaflow_gcp_tools.problems import CommandFailed, Interrupted, Problem
from metaflow_gcp_tools.terminal import help as help_text, log
from metaflow_gcp_tools.terminal.options import Verbose
from metaflow_gcp_tools.terminal.output import Output

JOURNEY = ("init", "preflight", "plan", "configure", "run", "env", "forward", "status", "logs", "image")
"""The commands in the order in which people meet them."""


class _Commands(help_text.Group):
    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx), key=JOURNEY.index)


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings=help_text.NAMES,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"metaflow-gcp {version('metaflow-gcp')}")
        raise typer.Exit


@app.callback()
def _app(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    _verbose: Verbose = False,
) -> None:
    """Run Metaflow on Google Cloud, and operate it.

    The first day: `metaflow-gcp configure`, then `metaflow-gcp run -- python flow.py run`.
    """


app.command("configure", cls=help_text.Command)(configure_command.configure)
app.command("env", cls=help_text.Command)(env_command.env)
app.add_typer(forward_command.app, name="forward")
app.add_typer(image_command.app, name="image", help="Build, push and check the images that tasks run in.")
app.command("init", cls=help_text.Command)(init_command.init)
app.command("logs", cls=help_text.Command)(logs_command.logs)
app.command("plan", cls=help_text.Command)(plan_command.plan)
app.command("preflight", cls=help_text.Command)(preflight_command.preflight)
app.command("run", cls=help_text.Command, context_settings={"allow_interspersed_args": False})(run_command.run)
app.command("status", cls=help_text.Command)(status_command.status)


def main() -> None:
    """Run the command that was asked for; a command returns its exit code, or `None` for 0."""
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
    log.keep_quiet()
    arguments = _as_options(arguments)
    ours = arguments[: arguments.index("--")] if "--" in arguments else arguments
    output = Output(as_json="--json" in ours)
    try:
        # KeyboardInterrupt that nobody explained comes back as its exit code.
        exit_code = _built()(arguments, prog_name="metaflow-gcp", standalone_mode=False) or 0
        output.flush()
        if exit_code != Interrupted.exit_code or _command(ours) == "run":
            return exit_code
        problems: tuple[Problem, ...] = (_interrupted(ours),)
    except CommandFailed as error:
        problems, exit_code = error.problems, error.exit_code
    except TyperException as error:
        usage = getattr(error, "ctx", None)
        path = usage.command_path if usage else f"metaflow-gcp {_command(ours)}".strip()
        message = error.format_message().rstrip()
        problems = (Problem(what=message, next_step=f"see `{path} --help`"),) if message else ()
        exit_code = error.exit_code
    except Abort:
        problems, exit_code = (_interrupted(ours),), Interrupted.exit_code
    except OSError as error:
        problems, exit_code = (_of_files(error),), CommandFailed.exit_code
    for problem in problems:
        output.problem(problem)
    output.document(_command(ours), {}, exit_code=exit_code, problems=problems)
    return exit_code


@cache
def _built() -> Any:
    """The commands as typer makes them of `app`: that takes longer than most of what they do."""
    return get_command(app)


def _as_options(arguments: list[str]) -> list[str]:
    """`help plan` is `plan --help`, and `version` is `--version`, as with git."""
    match arguments:
        case ["help", *command]:
            return [*command, "--help"]
        case ["version", *_]:
            return ["--version"]
    return arguments


def _interrupted(arguments: list[str]) -> Problem:
    command = f"metaflow-gcp {_command(arguments)}".strip()
    return Problem(what=f"interrupted: `{command}` had not finished", next_step="run it again")


def _of_files(error: OSError) -> Problem:
    """A full disk, a folder that is read-only, no rights: everything else is told where it happens."""
    what = error.filename or "a file or a pipe"
    if isinstance(what, bytes):
        what = os.fsdecode(what)
    why = error.strerror or re.sub(r"^\[Errno \d+\] ", "", str(error)) or type(error).__name__
    return Problem(
        what=f"{what} cannot be read or written: {why}",
        next_step="check its permissions and the free space of its disk (temporary files: TMPDIR), and retry",
    )


def _command(arguments: list[str]) -> str:
    """The command that was asked for, as it calls itself in its documents: `image build`; empty for none of ours."""
    found: list[str] = []
    commands: dict[str, Any] = vars(_built())["commands"]
    for word in arguments:
        if word in commands:
            found.append(word)
            commands = vars(commands[word]).get("commands", {})
    return " ".join(found)
