"""`python -m rehearsal check DIR`: any synthesized app, with the real Terraform and without the CDKTF CLI."""

import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from rehearsal.cloud.kubernetes.findings import findings, too_little
from rehearsal.cloud.model import Cloud
from rehearsal.run import mirror, seed, stacks, terraform
from rehearsal.run.attached import Attached
from rehearsal.run.breaking import Breaking, faults
from rehearsal.run.clock import foresee
from rehearsal.run.errors import StepFailed
from rehearsal.run.progress import Progress, Row
from rehearsal.run.report import Report


def check(directory: Path, *, cloud_file: Path | None, console: Console, fail: Sequence[str] = ()) -> Report:
    """Deploys, plans again and destroys the stacks of a folder; the folder itself is only read.

    With `fail` what breaks is done again until it goes well.
    """
    found = stacks.read(directory)
    asked = faults(fail, found, cdktf=False)
    terraform.require()
    configurations = {stack.name: stack.configuration() for stack in found}
    report = Report(command="check", clock=foresee(configurations, {}))
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as scratch, ExitStack() as providers:
        folder = Path(scratch)
        cloud = Cloud(folder / "cloud.sqlite")
        seed.add_projects(cloud, stacks.projects(found))
        if cloud_file:
            seed.seed(cloud, cloud_file)
        before = set(seed.left(cloud))
        environment = mirror.environment(mirror.write(folder), cloud.path)
        runs = {stack.name: attached(stack.folder, environment, providers) for stack in stacks.copy(directory, folder)}
        breaking = Breaking(asked=asked, cloud=cloud, report=report, runs=runs)
        try:
            with Progress(console, list(runs)) as progress:
                states = _deploy(runs, report, progress, breaking)
                report.clock = foresee(configurations, states)
                permissions(cloud)
                report.findings = findings(cloud) + cloud.notes()
                _destroy(runs, report, progress, breaking)
            report.left = [f"{key.kind} {key.id}" for key in seed.left(cloud) if key not in before]
            report.stays = stays(cloud)
            report.findings += breaking.unmet()
            report.ok = not report.left and not any(each.second_plan or each.left for each in report.stacks.values())
        except StepFailed as failed:
            report.fail(failed)
    report.seconds = round(time.monotonic() - started, 2)
    return report


def attached(folder: Path, environment: dict[str, str], providers: ExitStack) -> terraform.Terraform:
    """Terraform in a folder with providers that run until the stack is left."""
    serving = providers.enter_context(Attached(folder=folder, environment=environment))
    return terraform.Terraform(folder=folder, environment=environment, attached=serving)


def _deploy(
    runs: dict[str, terraform.Terraform], report: Report, progress: Progress, breaking: Breaking
) -> dict[str, dict[str, Any]]:
    """Returns the states."""
    progress.phase("deploy")
    states = {}
    for name, run in runs.items():
        row = progress.rows[name]
        for step, action in (("init", run.init), ("validate", run.validate)):
            row.begin(step)
            with report.step(name, step):
                action()
        breaking.again([name], partial(_apply, run, row, report))
        states[name] = run.state()
        report.stack(name).resources = terraform.addresses(states[name])
    second_plans(runs, report, progress, breaking)
    changed = breaking.updates()
    for name in changed:
        breaking.again([name], partial(_apply, runs[name], progress.rows[name], report))
    if changed:
        second_plans(runs, report, progress, breaking)
    return states


def _apply(run: terraform.Terraform, row: Row, report: Report) -> None:
    row.begin("plan")
    with report.step(row.stack, "plan"):
        planned = run.plan().resources
    row.begin("apply", planned)
    with report.step(row.stack, "apply"):
        run.apply(row)


def second_plans(runs: dict[str, terraform.Terraform], report: Report, progress: Progress, breaking: Breaking) -> None:
    """Plans again what is deployed: nothing may change."""
    progress.phase("second plan")
    for name, run in runs.items():
        progress.rows[name].begin("second plan")

        def plan(name: str = name, run: terraform.Terraform = run) -> None:
            with report.step(name, "second plan"):
                report.stack(name).second_plan = run.plan().changes

        breaking.again([name], plan)


def _destroy(runs: dict[str, terraform.Terraform], report: Report, progress: Progress, breaking: Breaking) -> None:
    progress.phase("destroy")
    for name, run in reversed(runs.items()):
        progress.rows[name].begin("destroy")

        def destroy(name: str = name, run: terraform.Terraform = run) -> None:
            with report.step(name, "destroy"):
                run.destroy(progress.rows[name])

        breaking.again([name], destroy)
        report.stack(name).left = run.resources()


def permissions(cloud: Cloud) -> None:
    """Fails where somebody may not do what they do: everything is there then, and does not work."""
    if problems := too_little(cloud):
        raise StepFailed("permissions", "\n".join(problems))


def stays(cloud: Cloud) -> list[str]:
    """What a destroy is meant to leave: enabled APIs and names that stay taken."""
    apis = [f"{project}: {api} is enabled" for project in cloud.projects() for api in cloud.enabled(project)]
    return apis + [f"{key.kind} {key.id}: {cloud.reserved(key)}" for key in cloud.all_reserved()]
