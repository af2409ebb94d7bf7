"""`metaflow-gcp forward`, its `status` and its `stop`: their options, and how they end."""

from typing import TYPE_CHECKING, Annotated

import typer

from metaflow_gcp_tools.problems import CommandFailed, Problem, WrongUse
from metaflow_gcp_tools.terminal.help import Command, Group
from metaflow_gcp_tools.terminal.options import Account, AsJson, Profile, Verbose, Via, ViaOption
from metaflow_gcp_tools.terminal.output import Output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaflow_gcp_tools.commands.forward.page import Page
    from metaflow_gcp_tools.commands.forward.records import Record
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
        bool, typer.Option("--background", help="Return at once, and keep them open in the background.")
    ] = False,
    via: ViaOption = None,
    impersonate_service_account: Account = "",
    open_: Annotated[bool, typer.Option("--open", help="Open the user interface in your browser.")] = False,
    _verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Keep the platform's services reachable on this machine, until Ctrl-C.

    Forwards the metadata service, the user interface, the Argo server and the events webhook by
    `kubectl port-forward`, and reopens what breaks.

    Examples:
        metaflow-gcp forward
        metaflow-gcp forward --port metadata-service=18080
        metaflow-gcp forward --background --open
        metaflow-gcp forward --via iap
        metaflow-gcp forward status
    """
    if context.invoked_subcommand:
        _refuse_options(context)
        return 0
    from metaflow_gcp_tools.commands.forward import document, foreground, iap_proxy, kubectl, ports, show
    from metaflow_gcp_tools.commands.forward.page import Page
    from metaflow_gcp_tools.platform.description import Platform

    output = Output(as_json=as_json)
    platform = Platform.load(profile)
    chosen = ports.chosen(platform, port or ())
    via = iap_proxy.default(platform) if via is None else via
    iap_proxy.check(via, impersonate_service_account)
    if via is Via.IAP:
        if background or open_:
            raise WrongUse.of(
                what="--via iap opens the metadata service only, and not in the background",
                next_step="leave out --background and --open; the user interface has an address: `metaflow-gcp status`",
            )
        return _through_iap(platform, profile, impersonate_service_account, chosen[ports.METADATA_SERVICE], output)
    kubectl.require()
    page = Page(wanted=open_)
    if background:
        return _in_background(platform, profile, port or (), chosen, output, page=page)
    _tell_taken(platform, chosen, output)
    show.moved(output.result, platform, profile, chosen)
    record = foreground.keep(platform, chosen, show.Board(output.result), page)
    return output.end("forward", document.processes(platform, profile, [record]))


def _through_iap(platform: "Platform", profile: str, account: str, port: int, output: Output) -> int:
    from metaflow_gcp_tools.commands.forward import document, iap_proxy, ports, through_iap
    from metaflow_gcp_tools.commands.forward.kubectl import ADDRESS

    upstream = iap_proxy.of_platform(platform, account)
    if taken := ports.taken({ports.METADATA_SERVICE: port}):
        raise CommandFailed(*taken)

    def opened() -> None:
        output.result.print(f"{ports.METADATA_SERVICE} is at http://{ADDRESS}:{port}/ until Ctrl-C", markup=False)

    through_iap.keep(upstream, port, opened)
    return output.end("forward", document.processes(platform, profile, []))


def _refuse_options(context: typer.Context) -> None:
    """Before `status` and `stop`, which have their own: they would be taken for theirs."""
    given = [
        each.opts[0]
        for each in context.command.params
        if each.name != "_verbose" and getattr(context.get_parameter_source(each.name), "name", "") == "COMMANDLINE"
    ]
    if given:
        raise WrongUse.of(
            what=f"{' and '.join(given)} before `{context.invoked_subcommand}` would be ignored",
            next_step=f"write options last: see `metaflow-gcp forward {context.invoked_subcommand} --help`",
        )


def _in_background(
    platform: "Platform", profile: str, moves: "Sequence[str]", chosen: dict[str, int], output: Output, *, page: "Page"
) -> int:
    from metaflow_gcp_tools.commands.forward import background, show

    record = background.started(platform)
    if record is None:
        _tell_taken(platform, chosen, output)
        record = background.start(platform, profile, moves)
        said = f"process {record.pid} keeps them open; `metaflow-gcp forward stop` ends it"
    else:
        said = f"process {record.pid} already keeps them open"
    show.moved(output.result, platform, profile, {each.name: each.port for each in record.forwards})
    exit_code = _tell("forward", platform, profile, [record], output)
    page.show(record.forwards)
    output.result.print(said)
    return exit_code


@app.command(cls=Command)
def status(*, profile: Profile = "", _verbose: Verbose = False, as_json: AsJson = False) -> int:
    """Show which forwards are open, and which process keeps them.

    The exit code is 1 when one is not open, or there are none.

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
    from metaflow_gcp_tools.commands.forward import background, document, records, show
    from metaflow_gcp_tools.platform.description import Platform

    output = Output(as_json=as_json)
    found = records.living(Platform.load(profile).kube_context)
    ended = [each for each in found if each.command == "forward"]
    left = [each for each in found if each.command != "forward"]
    for each in ended:
        background.stop(each)
        show.ended(output.result, each)
    show.left(output.result, left, anything=bool(found))
    return output.end("forward stop", document.stopped(ended, left))


def _tell(command: str, platform: "Platform", profile: str, found: "Sequence[Record]", output: Output) -> int:
    """What these processes keep, and the problems in it."""
    from metaflow_gcp_tools.commands.forward import document, show
    from metaflow_gcp_tools.commands.forward.status import State

    problems = [
        Problem(
            what=f"{each.name} is {each.state}" + (f": {each.note}" if each.note else ""),
            next_step=each.next_step or "it is being retried; look again with `metaflow-gcp forward status`",
        )
        for record in found
        for each in record.forwards
        if each.state != State.OPEN
    ]
    if not found:
        problems = [
            Problem(
                what="no forwards of this platform are open",
                next_step="open them with `metaflow-gcp forward` or `metaflow-gcp forward --background`",
            )
        ]
    show.processes(output.result, platform, found)
    return output.end(command, document.processes(platform, profile, found), problems, tell=True)


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
