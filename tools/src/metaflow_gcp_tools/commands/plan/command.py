"""`metaflow-gcp plan`: what a deployment creates, costs at rest and needs; and what a change of it destroys."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metaflow_gcp_tools.problems import Problem
from metaflow_gcp_tools.terminal.options import AsJson, Out, Settings, Verbose
from metaflow_gcp_tools.terminal.output import Output

if TYPE_CHECKING:
    from metaflow_gcp_tools.commands.plan.changes import Changes


def plan(
    settings: Settings = None,
    out: Out = None,
    changes: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Show what a plan of Terraform's destroys: a file of `terraform plan -out` or `terraform show -json`. "
            "Can be repeated.",
            show_default=False,
        ),
    ] = None,
    _verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Show what a deployment creates, costs at rest and grows to; with --changes, what is lost by a change.

    Run it in the project's folder. Exit code 1 when a change loses data, or weakens its protection.

    Examples:
        metaflow-gcp plan --settings settings.toml
        metaflow-gcp plan --changes cdktf.out/stacks/infra/tfplan
    """
    from metaflow_gcp_tools.commands.plan import changes as judged, documents, show, terraform_plan
    from metaflow_gcp_tools.commands.plan.contents import Stacks
    from metaflow_gcp_tools.platform.manifest import Manifest
    from metaflow_gcp_tools.platform.synthesized import synthesized

    output = Output(as_json=as_json)
    result: dict[str, Any] = {"changes": [], "deployment": None}
    with output.progress.status("reading the plan"):
        found = [(file, judged.judge(terraform_plan.read(file))) for file in changes or ()]
    for file, each in found:
        show.changes(output.result, file, each)
        result["changes"].append(documents.changes(file, each))
    if settings or out or not found:
        with synthesized(settings=settings, out=out, doing=output.doing) as folder:
            manifest, stacks = Manifest.read(folder), Stacks.read(folder)
        show.deployment(output.result, manifest, stacks)
        result["deployment"] = documents.deployment(manifest, stacks)
    problems = [problem for file, each in found for problem in _problems(file, each)]
    for problem in problems:
        output.problem(problem)
    output.document("plan", result, exit_code=1 if problems else 0, problems=problems)
    return 1 if problems else 0


def _problems(file: Path, found: "Changes") -> Iterator[Problem]:
    """One for each plan that loses data, and one for each that protects it less: the details are in the result."""
    if lost := found.of_effect("data"):
        names = ", ".join(f"{change.kind.one} {change.name or change.address}" for change in lost)
        # Of these, and not of what else the plan replaces: taking back another change would save nothing.
        settings = sorted({force.setting for change in lost for force in change.forced_by if force.setting})
        yield Problem(
            what=f"{file} loses data: {names}",
            next_step=f"do not apply it, and {_take_back(settings)}; or save the data first, as said with each",
        )
    if found.weakened:
        names = "; ".join(dict.fromkeys(f"{each.name or each.address}: {each.what}" for each in found.weakened))
        settings = sorted({each.setting for each in found.weakened if each.setting})
        yield Problem(
            what=f"{file} weakens the protection of data: {names}",
            next_step=f"apply it only if you mean it; else {_take_back(settings)}",
        )


def _take_back(settings: Sequence[str]) -> str:
    return f"take back the change of {' and of '.join(settings)}" if settings else "take back what changes them"
