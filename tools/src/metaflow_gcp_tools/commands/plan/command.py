"""`metaflow-gcp plan`: what a deployment creates, costs at rest and needs; and what a change of it destroys."""

from pathlib import Path
from typing import Annotated, Any

import typer

from metaflow_gcp_tools.terminal.options import AsJson, Out, Settings, Verbose
from metaflow_gcp_tools.terminal.output import Output


def plan(
    settings: Settings = None,
    out: Out = None,
    changes: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Show what a Terraform plan destroys: a file of `terraform plan -out` or `terraform show -json`. "
            "Can be repeated.",
            show_default=False,
        ),
    ] = None,
    _verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Show what a deployment creates, costs at rest and grows to; with --changes, what a change would lose.

    Run it in the project's folder. The exit code is 1 when a change loses data or weakens its protection.

    Examples:
        metaflow-gcp plan --settings settings.toml
        metaflow-gcp plan --changes cdktf.out/stacks/infra/tfplan
    """
    from metaflow_gcp_tools.commands.plan import changes as judged, document, show, terraform_plan
    from metaflow_gcp_tools.commands.plan.contents import Stacks
    from metaflow_gcp_tools.platform.manifest import Manifest
    from metaflow_gcp_tools.platform.synthesized import synthesized

    output = Output(as_json=as_json)
    result: dict[str, Any] = {"changes": [], "deployment": None}
    with output.progress.status("reading the plan"):
        found = [(file, judged.judge(terraform_plan.read(file))) for file in changes or ()]
    for file, each in found:
        show.changes(output.result, file, each)
        result["changes"].append(document.changes(file, each))
    if settings or out or not found:
        with synthesized(settings=settings, out=out, doing=output.doing) as folder:
            manifest, stacks = Manifest.read(folder), Stacks.read(folder)
        show.deployment(output.result, manifest, stacks)
        result["deployment"] = document.deployment(manifest, stacks)
    problems = [problem for file, each in found for problem in judged.problems(file, each)]
    return output.end("plan", result, problems, tell=True)
