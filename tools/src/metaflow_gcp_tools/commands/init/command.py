"""`metaflow-gcp init`: its options, and how it ends."""

from typing import Annotated

import typer

from metaflow_gcp_tools.terminal.options import AsJson, Verbose
from metaflow_gcp_tools.terminal.output import Output


def init(
    *,
    org_prefix: Annotated[
        str | None,
        typer.Option(
            "--org-prefix", metavar="NAME", help="Your organisation's short name. Default: asks.", show_default=False
        ),
    ] = None,
    project: Annotated[
        str | None,
        typer.Option("--project", metavar="ID", help="The Google Cloud project. Default: asks.", show_default=False),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option("--region", metavar="REGION", help="Where everything is. Default: asks.", show_default=False),
    ] = None,
    _verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Write settings.toml for a new platform, once the settings have been checked.

    Run it in the project's folder. A settings file that is there already stays as it is.

    Examples:
        metaflow-gcp init
        metaflow-gcp init --org-prefix acme --project acme-metaflow --region us-west1
    """
    # Here, not above: `--help` does not wait for it.
    from metaflow_gcp_tools.commands.init import asking, document, settings, show

    output = Output(as_json=as_json)
    file = settings.new_file()
    chosen = asking.chosen(output, {"org_prefix": org_prefix, "project": project, "region": region})
    settings.write(file, chosen, doing=output.doing)
    show.written(output.result, file)
    return output.end("init", document.result(file, chosen))
