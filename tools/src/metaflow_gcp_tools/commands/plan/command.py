"""`metaflow-gcp plan`: what a deployment creates, costs at rest and needs; and what a change of it destroys."""

from pathlib import Path
from typing import Annotated, Any

import typer

from metaflow_gcp_tools.terminal.options import AsJson, Out, Settings, Verbose
from metaflow_gcp_tools.terminal.output import Output


def plan(
    *,
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
    prices: Annotated[
        bool, typer.Option("--prices", help="Show costs; with --changes, the monthly difference at rest.")
    ] = False,
    currency: Annotated[
        str,
        typer.Option(
            metavar="CODE",
            help="Currency of the prices. Default: your billing account's if you can see it, otherwise USD.",
        ),
    ] = "",
    _verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Show what a deployment creates, costs at rest and grows to; with --changes, what a change would lose.

    Run it in the project's folder. The exit code is 1 when a change loses data or weakens its protection.

    Examples:
        metaflow-gcp plan --settings settings.toml
        metaflow-gcp plan --prices --currency EUR
        metaflow-gcp plan --changes cdktf.out/stacks/infra/tfplan
    """
    from metaflow_gcp_tools.commands.plan import changes as judged, costs, document, show, terraform_plan
    from metaflow_gcp_tools.commands.plan.contents import Stacks
    from metaflow_gcp_tools.platform.manifest import Manifest
    from metaflow_gcp_tools.platform.synthesized import synthesized
    from metaflow_gcp_tools.prices import current

    output = Output(as_json=as_json)
    current.check(currency, wanted=prices)
    result: dict[str, Any] = {"changes": [], "deployment": None}
    with output.progress.status("reading the plan"):
        plans = [(file, terraform_plan.read(file)) for file in changes or ()]
    found = [(file, judged.judge(plan)) for file, plan in plans]
    manifest, stacks = None, None
    if settings or out or not found:
        with synthesized(settings=settings, out=out, doing=output.doing) as folder:
            manifest, stacks = Manifest.read(folder), Stacks.read(folder)
    listed = None
    if prices:
        project = manifest.project if manifest else costs.provider(plans[0][1], "project")
        with output.doing("reading Google's price list (up to a minute, once a week)"):
            listed = current.load(project, currency)
    for (file, each), (_, plan) in zip(found, plans, strict=True):
        difference = costs.difference(plan, listed.book) if listed else None
        show.changes(output.result, file, each, difference)
        result["changes"].append(document.changes(file, each, difference))
    if manifest and stacks:
        priced = costs.of(stacks, listed.book, manifest.region) if listed else None
        show.deployment(output.result, manifest, stacks, priced)
        result["deployment"] = document.deployment(manifest, stacks, priced)
    if listed:
        show.prices(output.result, listed)
        result["prices"] = document.prices(listed)
    problems = [problem for file, each in found for problem in judged.problems(file, each)]
    return output.end("plan", result, problems, tell=True)
