"""The options of `metaflow-gcp forward`, and what it says."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from metaflow_gcp_tools.problems import CommandFailed, Problem, WrongUse
from metaflow_gcp_tools.terminal.help import Command, Group
from metaflow_gcp_tools.terminal.options import AsJson, Profile, Verbose
from metaflow_gcp_tools.terminal.output import Output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaflow_gcp_tools.commands.forward.records import Record
    from metaflow_gcp_tools.commands.forward.status import Status
    from metaflow_gcp_tools.platform.description import Platform

app = typer.Typer(cls=Group, rich_markup_mode="rich")


@app.callback(invoke_without_command=True)
def forward(
    context: typer.Context,
    *,
    profile: Profile = "",
    port: Annotated[
        list[str] | None,
        typer.Option("--port", metavar="NAME=PORT", help="Use another port of this machine. Can be repeated."),
    ] = None,
    background: Annotated[
        bool, typer.Option("--background", help="Return, and keep them open without a terminal.")
    ] = False,
    _verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Keep the platform's services reachable on this machine, until Ctrl-C.

    Forwards the metadata service, the user interface, the Argo server and the events webhook by
    `kubectl port-forward`, and reopens what breaks.

    Examples:
        metaflow-gcp forward
        metaflow-gcp forward --port metadata-service=18080
        metaflow-gcp forward --background
        metaflow-gcp forward status
    """
    if context.invoked_subcommand:
        _refuse_options(context)
        return 0
    from metaflow_gcp_tools.commands.forward import kubectl, ports
    from metaflow_gcp_tools.platform.description import Platform

    output = Output(as_json=as_json)
    platform = Platform.load(profile)
    chosen = ports.chosen(platform, port or ())
    kubectl.require()
    if background:
        return _in_background(platform, profile, port or (), chosen, output)
    return _here(platform, profile, chosen, output)


def _refuse_options(context: typer.Context) -> None:
    """Before `status` and `stop`, which have their own: they would be taken for theirs."""
    given = [
        each.opts[0]
        for each in context.command.params
        if each.name != "_verbose" and getattr(context.get_parameter_source(each.name), "name", "") == "COMMANDLINE"
    ]
    if given:
        raise WrongUse(
            Problem(
                what=f"{' and '.join(given)} before `{context.invoked_subcommand}` would be ignored",
                next_step=f"write options last; see `metaflow-gcp forward {context.invoked_subcommand} --help`",
            )
        )


def _here(platform: "Platform", profile: str, chosen: dict[str, int], output: Output) -> int:
    import asyncio

    from metaflow_gcp_tools.commands.forward.board import Board
    from metaflow_gcp_tools.commands.forward.endings import until_ended
    from metaflow_gcp_tools.commands.forward.keeper import Keeper

    _tell_taken(platform, chosen, output)
    _say_what_to_set(platform, profile, chosen, output)
    board = Board(output.result)

    async def keep() -> "Record":
        def changed(status: "Status") -> None:
            try:
                board.show(status, keeper.record.forwards)
            except SystemExit:
                # rich's word for: nobody reads it any more, as with `| head`.
                task.cancel()

        keeper = Keeper(platform, chosen, command="forward", changed=changed)
        task = asyncio.create_task(keeper.keep())
        with board.shown():
            await until_ended(task)
        return keeper.record

    record = asyncio.run(keep())
    output.document("forward", {"processes": [_record_told(platform, profile, record)]}, exit_code=0)
    return 0


def _in_background(
    platform: "Platform", profile: str, moves: "Sequence[str]", chosen: dict[str, int], output: Output
) -> int:
    from metaflow_gcp_tools.commands.forward import background

    record = background.started(platform)
    if record is None:
        _tell_taken(platform, chosen, output)
        record = background.start(platform, profile, moves)
        said = f"process {record.pid} keeps them open; `metaflow-gcp forward stop` ends it"
    else:
        said = f"process {record.pid} keeps them open already"
    _say_what_to_set(platform, profile, {each.name: each.port for each in record.forwards}, output)
    exit_code = _tell("forward", platform, profile, [record], output)
    output.result.print(said)
    return exit_code


@app.command(cls=Command)
def status(*, profile: Profile = "", _verbose: Verbose = False, as_json: AsJson = False) -> int:
    """Show which forwards are open, and which process keeps them.

    Exit code 1 when one is not open, or none is kept.

    Examples:
        metaflow-gcp forward status
        metaflow-gcp forward status --json
    """
    from metaflow_gcp_tools.commands.forward import records
    from metaflow_gcp_tools.platform.description import Platform

    output = Output(as_json=as_json)
    platform = Platform.load(profile)
    found = records.living(platform.kube_context)
    return _tell("forward status", platform, profile, found, output)


@app.command(cls=Command)
def stop(*, profile: Profile = "", _verbose: Verbose = False, as_json: AsJson = False) -> int:
    """End the forwards of this platform, in the background and in other terminals.

    Those of a `metaflow-gcp run` stay: they end with its command.

    Examples:
        metaflow-gcp forward stop
        metaflow-gcp forward stop --profile staging
    """
    from metaflow_gcp_tools.commands.forward import background, records
    from metaflow_gcp_tools.platform.description import Platform

    output = Output(as_json=as_json)
    platform = Platform.load(profile)
    found = records.living(platform.kube_context)
    stopped = [each for each in found if each.command == "forward"]
    left = [each for each in found if each.command != "forward"]
    for each in stopped:
        background.stop(each)
        output.result.print(f"process {each.pid} has ended, and its forwards with it")
    for each in left:
        output.result.print(f"process {each.pid}, a `metaflow-gcp {each.command}`, has forwards until its command ends")
    if not found:
        output.result.print("there is nothing to stop")
    result = {"stopped": [each.pid for each in stopped], "left": [each.pid for each in left]}
    output.document("forward stop", result, exit_code=0)
    return 0


def _tell(command: str, platform: "Platform", profile: str, found: "Sequence[Record]", output: Output) -> int:
    """Tables of what these processes keep, and the problems in it."""
    from metaflow_gcp_tools.commands.forward import background, board
    from metaflow_gcp_tools.commands.forward.status import State

    problems = [
        Problem(
            what=f"{each.name} is {each.state}" + (f": {each.note}" if each.note else ""),
            next_step=each.next_step or "it is tried again all the time; look again: `metaflow-gcp forward status`",
        )
        for record in found
        for each in record.forwards
        if each.state != State.OPEN
    ]
    if not found:
        problems = [
            Problem(
                what="no forwards of this platform are kept open",
                next_step="open them: `metaflow-gcp forward`, or `metaflow-gcp forward --background`",
            )
        ]
    for record in found:
        where = f", in the background; log: {background.log_file(platform)}" if record.background else ""
        output.result.print(f"metaflow-gcp {record.command}, process {record.pid}{where}")
        output.result.print(board.table(record.forwards))
    for problem in problems:
        output.problem(problem)
    exit_code = 1 if problems else 0
    result = {"processes": [_record_told(platform, profile, record) for record in found]}
    output.document(command, result, exit_code=exit_code, problems=problems)
    return exit_code


def _record_told(platform: "Platform", profile: str, record: "Record") -> dict[str, Any]:
    from metaflow_gcp_tools.commands.forward import background

    return {
        "pid": record.pid,
        "command": record.command,
        "background": record.background,
        "log": str(background.log_file(platform)) if record.background else None,
        "forwards": [_told(each, profile) for each in record.forwards],
    }


def _told(status: "Status", profile: str) -> dict[str, Any]:
    from dataclasses import asdict

    from metaflow_gcp_tools.commands.forward import ports

    return {**asdict(status), "url": status.url, "variables": ports.variables(status.name, status.port, profile)}


def _tell_taken(platform: "Platform", chosen: dict[str, int], output: Output) -> None:
    """Say which ports are taken; the other forwards open all the same. Raises `CommandFailed` if all of them are.

    Of what another process of ours carries, the port need not be free.
    """
    from metaflow_gcp_tools.commands.forward import ports, records

    taken = ports.taken(
        {name: port for name, port in chosen.items() if records.carrier(platform.kube_context, name, port) is None}
    )
    if len(taken) == len(chosen):
        raise CommandFailed(*taken)
    for problem in taken:
        output.problem(problem)


def _say_what_to_set(platform: "Platform", profile: str, chosen: dict[str, int], output: Output) -> None:
    """For forwards that are not where the profile says."""
    from metaflow_gcp_tools.commands.forward import ports

    for each in platform.forwards:
        if chosen[each.name] != each.port:
            for variable, value in ports.variables(each.name, chosen[each.name], profile).items():
                output.result.print(f"{each.name} has moved; set it for Metaflow: export {variable}={value}")
