"""`metaflow-gcp env`: its options, and how it ends."""

from typing import Annotated

import typer

from metaflow_gcp_tools.commands.env.show import Shell, lines, own_shell
from metaflow_gcp_tools.terminal.options import AsJson, Profile, Verbose
from metaflow_gcp_tools.terminal.output import Output


def env(
    *,
    profile: Profile = "",
    shell: Annotated[
        Shell | None,
        typer.Option(
            metavar="SHELL",
            help="Whose syntax: `sh` (bash and zsh take it, too) or `fish`. Default: as $SHELL is.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
    _verbose: Verbose = False,
) -> int:
    """Print what to set so that a shell or a notebook runs flows on this platform: `eval "$(metaflow-gcp env)"`.

    KUBECONFIG names a file with only the platform's cluster, for the flows' jobs; METAFLOW_PROFILE names the profile.
    While `metaflow-gcp forward` uses other ports than the usual ones, these are printed, too.

    Examples:
        metaflow-gcp env
        metaflow-gcp env --profile staging
        metaflow-gcp env --shell fish
    """
    from metaflow_gcp_tools.commands.env import document, variables
    from metaflow_gcp_tools.platform.description import Platform

    output = Output(as_json=as_json)
    found = variables.of(Platform.load(profile), profile)
    for line in lines(found, shell or own_shell()):
        output.result.print(line)
    return output.end("env", document.result(profile, found))
