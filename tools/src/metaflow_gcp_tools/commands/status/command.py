"""`metaflow-gcp status`: what is deployed, in which version, healthy or not and why, and what tasks wait for."""

from typing import Annotated

import typer

from metaflow_gcp_tools.problems import interruptible
from metaflow_gcp_tools.terminal.options import AsJson, Profile, Verbose
from metaflow_gcp_tools.terminal.output import Output


def status(
    run: Annotated[
        str,
        typer.Argument(metavar="[FLOW/RUN]", help="Show the tasks of this run, as Metaflow prints it: HelloFlow/12."),
    ] = "",
    *,
    profile: Profile = "",
    _verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Show what is deployed, in which version, whether it is healthy, and what tasks wait for.

    With a run, show where each task ran, how and why it ended, and what it cost.

    What you may not see is UNKNOWN, with what to ask for. The exit code is 1 when something is wrong.

    Examples:
        metaflow-gcp status
        metaflow-gcp status HelloFlow/12
        metaflow-gcp status --profile staging --json
    """
    from metaflow_gcp_tools.clients import kubernetes as kubernetes_api
    from metaflow_gcp_tools.commands.status import check, document, run as run_status, run_document, run_show, show
    from metaflow_gcp_tools.commands.tasks.pathspec import Pathspec
    from metaflow_gcp_tools.platform.description import Platform

    output = Output(as_json=as_json)
    path = Pathspec.parse(run, longest=2) if run else None
    platform = Platform.load(profile)
    api = kubernetes_api.client(platform.kube_context)
    output.progress.print(f"asking the cluster {platform.cluster_name} ...", style="dim")
    try:
        with interruptible(f"asking the cluster {platform.cluster_name}", left="status changes nothing"):
            of_run = run_status.of_run(platform, path, api) if path else None
            found = None if path else check.check(platform, api)
    finally:
        api.close()
    if of_run:
        run_show.show(output.result, of_run)
        return output.end("status", run_document.result(of_run), run_show.problems(of_run), tell=True)
    assert found
    show.show(output.result, found)
    show.note(output.result, found.current_context.problem(platform, profile))
    return output.end("status", document.result(found), found.problems)
