"""`metaflow-gcp logs`: its options, and how it ends."""

from typing import Annotated

import typer

from metaflow_gcp_tools.problems import interruptible
from metaflow_gcp_tools.terminal.options import AsJson, Profile, Verbose
from metaflow_gcp_tools.terminal.output import Output


def logs(
    pathspec: Annotated[
        str, typer.Argument(metavar="FLOW/RUN[/STEP[/TASK]]", help="As Metaflow prints it: HelloFlow/12/train/34.")
    ],
    *,
    link: Annotated[
        bool, typer.Option("--link", help="Print a link to these logs in the Google Cloud console instead.")
    ] = False,
    profile: Profile = "",
    as_json: AsJson = False,
    _verbose: Verbose = False,
) -> int:
    """Print the logs of a run, a step or a task, even after its pods are gone.

    It reads Cloud Logging, which also has what Metaflow's own logs miss: everything before and after the task's code.

    Examples:
        metaflow-gcp logs HelloFlow/12
        metaflow-gcp logs HelloFlow/12/train/34 --link
    """
    from metaflow_gcp_tools.clients import kubernetes as kubernetes_api
    from metaflow_gcp_tools.commands.logs import document, found, show
    from metaflow_gcp_tools.commands.tasks.pathspec import Pathspec
    from metaflow_gcp_tools.platform.description import Platform

    output = Output(as_json=as_json)
    path = Pathspec.parse(pathspec)
    platform = Platform.load(profile)
    with interruptible("looking for the run's pods", left="logs changes nothing"):
        api = kubernetes_api.client(platform.kube_context)
        try:
            with output.doing(f"looking for the pods of {path}"):
                where = found.where(platform, path, api)
        finally:
            api.close()
    if where.problem:
        output.problem(where.problem.problems[0])
    with interruptible("reading Cloud Logging", left="logs changes nothing"):
        lines = [] if link else found.lines(platform, where)
    show.links(output.result, where) if link else show.lines(output.result, where, lines)
    if not link and not lines:
        show.nothing(output.progress, where)
    return output.end("logs", document.result(path, where, lines))
