"""`metaflow-gcp run`: its options, and how it ends."""

from typing import TYPE_CHECKING, Annotated

import typer

from metaflow_gcp_tools.problems import WrongUse
from metaflow_gcp_tools.terminal.options import Account, Profile, Verbose, Via, ViaOption
from metaflow_gcp_tools.terminal.output import Output

if TYPE_CHECKING:
    from metaflow_gcp_tools.commands.run.child import Child


def run(
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND", help="The command and its arguments.")],
    *,
    profile: Profile = "",
    via: ViaOption = None,
    impersonate_service_account: Account = "",
    _verbose: Verbose = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="One JSON document on stdout, at the end; the command's stdout is stderr then."),
    ] = False,
) -> int:
    """Run a command with the platform's services reachable while it runs, and return its exit code.

    The command finds them by `METAFLOW_SERVICE_URL` and the like: `run` sets these for it. It starts as soon as
    the metadata service answers.

    Jobs of a flow go to the platform's cluster, whatever the current context of your kubeconfig is.

    Examples:
        metaflow-gcp run -- python flow.py run
        metaflow-gcp run -- python flow.py run --with kubernetes
        metaflow-gcp run -- metaflow status
        metaflow-gcp run --via iap -- python flow.py run
    """
    import asyncio
    import shutil

    from metaflow_gcp_tools.commands.forward import iap_proxy, kubectl
    from metaflow_gcp_tools.commands.run import document
    from metaflow_gcp_tools.commands.run.session import Session
    from metaflow_gcp_tools.commands.run.through_iap import ThroughIap
    from metaflow_gcp_tools.platform.description import Platform

    output = Output(as_json=as_json)
    platform = Platform.load(profile)
    if shutil.which(command[0]) is None:
        raise WrongUse.of(
            what=f"there is no command {command[0]!r}",
            next_step="write it as you would without `metaflow-gcp run --`: for example `-- python flow.py run`",
        )
    via = iap_proxy.default(platform) if via is None else via
    iap_proxy.check(via, impersonate_service_account)
    child: Child
    if via is Via.IAP:
        upstream = iap_proxy.of_platform(platform, impersonate_service_account)
        child = ThroughIap(upstream, profile, command, output)
    else:
        kubectl.require()
        child = Session(platform, profile, command, output)
    exit_code = asyncio.run(child.to_its_end())
    output.document("run", document.result(command), exit_code=exit_code)
    return exit_code
