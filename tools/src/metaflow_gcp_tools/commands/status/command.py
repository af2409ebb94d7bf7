"""`metaflow-gcp status`: what is deployed, in which version, healthy or not and why, and what tasks wait for."""

from metaflow_gcp_tools.problems import interruptible
from metaflow_gcp_tools.terminal.options import AsJson, Profile, Verbose
from metaflow_gcp_tools.terminal.output import Output


def status(
    profile: Profile = "",
    _verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Show what is deployed, in which version, whether it is healthy, and what tasks wait for.

    What you may not see is UNKNOWN, with what to ask for. The exit code is 1 when something is wrong.

    Examples:
        metaflow-gcp status
        metaflow-gcp status --profile staging --json
    """
    from metaflow_gcp_tools.clients import kubernetes as kubernetes_api
    from metaflow_gcp_tools.commands.status import check, document, show
    from metaflow_gcp_tools.platform.description import Platform

    output = Output(as_json=as_json)
    platform = Platform.load(profile)
    api = kubernetes_api.client(platform.kube_context)
    output.progress.print(f"asking the cluster {platform.cluster_name} ...", style="dim")
    try:
        with interruptible(f"asking the cluster {platform.cluster_name}", left="status changes nothing"):
            found = check.check(platform, api)
    finally:
        api.close()
    show.show(output.result, found)
    show.note(output.result, found.current_context.problem(platform, profile))
    return output.end("status", document.result(found), found.problems)
