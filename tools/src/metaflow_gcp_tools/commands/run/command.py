"""`metaflow-gcp run`: its options, and how it ends."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from metaflow_gcp_tools.problems import WrongUse
from metaflow_gcp_tools.terminal.options import Profile, Verbose
from metaflow_gcp_tools.terminal.output import Output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaflow_gcp_tools.commands.run.child import Child
    from metaflow_gcp_tools.platform.description import Platform


class Via(StrEnum):
    KUBECTL = "kubectl"
    IAP = "iap"


def run(
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND", help="The command and its arguments.")],
    *,
    profile: Profile = "",
    via: Annotated[
        Via | None,
        typer.Option(
            metavar="kubectl|iap",
            help="kubectl opens port forwards. iap goes through the platform's endpoint, without a cluster.",
        ),
    ] = None,
    impersonate_service_account: Annotated[
        str, typer.Option(metavar="ADDRESS", help="With --via iap: the service account that you are to the endpoint.")
    ] = "",
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

    from metaflow_gcp_tools.commands.forward import kubectl
    from metaflow_gcp_tools.commands.run import document
    from metaflow_gcp_tools.commands.run.session import Session
    from metaflow_gcp_tools.platform.description import Platform

    output = Output(as_json=as_json)
    platform = Platform.load(profile)
    if shutil.which(command[0]) is None:
        raise WrongUse.of(
            what=f"there is no command {command[0]!r}",
            next_step="write it as you would without `metaflow-gcp run --`: for example `-- python flow.py run`",
        )
    via = via or _default(platform)
    if impersonate_service_account and via is Via.KUBECTL:
        raise WrongUse.of(
            what="--impersonate-service-account is for --via iap", next_step="add --via iap, or leave it out"
        )
    child: Child
    if via is Via.IAP:
        child = _through_iap(platform, profile, impersonate_service_account, command, output)
    else:
        kubectl.require()
        child = Session(platform, profile, command, output)
    exit_code = asyncio.run(child.to_its_end())
    output.document("run", document.result(command), exit_code=exit_code)
    return exit_code


def _default(platform: "Platform") -> Via:
    """The endpoint where there is one and no kubectl."""
    import shutil

    return Via.IAP if platform.endpoint and shutil.which("kubectl") is None else Via.KUBECTL


def _through_iap(platform: "Platform", profile: str, account: str, command: "Sequence[str]", output: Output) -> "Child":
    from metaflow_gcp_tools.clients import iap
    from metaflow_gcp_tools.commands.run.through_iap import ThroughIap

    if platform.endpoint is None:
        raise WrongUse.of(
            what="the platform has no endpoint",
            next_step="leave out --via iap; or set endpoint.enabled, deploy, and run `metaflow-gcp configure`",
        )
    host = platform.endpoint.hosts["metadata"]
    is_ = iap.account(account)
    return ThroughIap(f"https://{host}", iap.Tokens(host, is_, iap.signed_by_google(is_)), profile, command, output)
