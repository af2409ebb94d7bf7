"""`python -m rehearsal`: the project's own three stacks, with the real CDKTF CLI."""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from rich.console import Console

from rehearsal.cloud.kubernetes.findings import findings
from rehearsal.cloud.model import Cloud
from rehearsal.run import mirror, seed, stacks, terraform
from rehearsal.run.breaking import Breaking, faults
from rehearsal.run.cdktf import Cdktf, executable, path
from rehearsal.run.check import attached, permissions, second_plans, stays
from rehearsal.run.clock import foresee
from rehearsal.run.errors import StepFailed, WrongUse
from rehearsal.run.progress import Progress
from rehearsal.run.report import Report

STACKS = ["apis", "infra", "services"]
REPORT = Path("build/rehearsal/report.json")
"""From the project's folder."""


def rehearse(project: Path, *, console: Console, fail: Sequence[str] = ()) -> Report:
    """Deploys, plans again and destroys; everything it writes is under build/rehearsal.

    With `fail` what breaks is done again until it goes well.
    """
    if not (project / "cdktf.json").is_file() or not (project / "main.py").is_file():
        raise WrongUse(f"{project} is no project of ours: run this where cdktf.json and main.py are.")
    terraform.require()
    executable(project)
    folder = project / REPORT.parent
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        return _rehearse(project, folder, console, fail)


def _rehearse(project: Path, folder: Path, console: Console, fail: Sequence[str]) -> Report:
    _clear(folder)
    report = Report(command="rehearse")
    started = time.monotonic()
    cloud = Cloud(folder / "cloud.sqlite")
    environment = mirror.environment(mirror.write(folder), cloud.path) | settings(folder) | {"PATH": path(), "CI": "1"}
    cdktf = Cdktf(project=project, output=folder / "cdktf.out", log=folder / "cdktf.log", environment=environment)
    try:
        with ExitStack() as providers, Progress(console, STACKS) as progress:
            progress.phase("synth")
            _synth(cdktf)
            found = stacks.read(cdktf.output)
            asked = faults(fail, found, cdktf=True)
            seed.add_projects(cloud, stacks.projects(found))
            configurations = {stack.name: stack.configuration() for stack in found}
            report.clock = foresee(configurations, {})
            runs = {name: attached(cdktf.output / "stacks" / name, environment, providers) for name in STACKS}
            breaking = Breaking(asked=asked, cloud=cloud, report=report, runs=runs, cdktf=cdktf)
            deploy = partial(_command, cdktf, "deploy", report, progress)
            breaking.again(STACKS, deploy)
            states = {name: run.state() for name, run in runs.items()}
            for name, state in states.items():
                report.stack(name).resources = terraform.addresses(state)
            report.clock = foresee(configurations, states)
            second_plans(runs, report, progress, breaking)
            if breaking.updates():
                breaking.again(STACKS, deploy)
                second_plans(runs, report, progress, breaking)
            permissions(cloud)
            report.findings = findings(cloud) + cloud.notes()
            breaking.again(STACKS, partial(_command, cdktf, "destroy", report, progress))
            report.findings += breaking.unmet()
            for name, run in runs.items():
                report.stack(name).left = run.resources()
        report.left = [f"{key.kind} {key.id}" for key in seed.left(cloud)]
        report.stays = stays(cloud)
        report.ok = not report.left and not any(each.second_plan or each.left for each in report.stacks.values())
    except StepFailed as failed:
        report.fail(failed)
    finally:
        report.seconds = round(time.monotonic() - started, 2)
        report.write(project / REPORT)
    return report


def settings(folder: Path) -> dict[str, str]:
    """The settings of a rehearsal.

    The state is its own, a destroy must succeed, and the two required settings are made up unless the user has any.
    """
    chosen = {
        "METAFLOW_GCP_BACKEND__TYPE": "local",
        "METAFLOW_GCP_BACKEND__DIRECTORY": str(folder / "state"),
        "METAFLOW_GCP_DELETION_PROTECTION": "false",
    }
    if "METAFLOW_GCP_SETTINGS" not in os.environ:
        for name, value in (("METAFLOW_GCP_ORG_PREFIX", "acme"), ("METAFLOW_GCP_PROJECT", "acme-metaflow")):
            chosen[name] = os.environ.get(name, value)
    return chosen


def _command(cdktf: Cdktf, command: str, report: Report, progress: Progress) -> None:
    progress.phase(f"cdktf {command} {' '.join(STACKS)}")
    for name, phases in cdktf.run(command, progress.rows).items():
        seconds = report.stack(name).seconds
        seconds.update(phases if command == "deploy" else {command: round(sum(phases.values()), 2)})


def _synth(cdktf: Cdktf) -> None:
    """Tells wrong settings before anything starts, and what the stacks name."""
    ran = subprocess.run(
        [sys.executable, "main.py"],
        cwd=cdktf.project,
        env=cdktf.environment | {"CDKTF_OUTDIR": os.path.relpath(cdktf.output, cdktf.project)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode == 2:
        raise WrongUse(ran.stderr.strip())
    if ran.returncode:
        raise StepFailed("synth", (ran.stderr or ran.stdout).strip())


def _clear(folder: Path) -> None:
    """A fresh cloud: nothing of the run before stays but the lock we hold."""
    for each in folder.iterdir():
        if each.name != "lock":
            shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One rehearsal at a time in a folder; the lock goes with the process that holds it."""
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WrongUse(f"Another rehearsal is running in {folder.parent.parent}: wait for it.") from None
        yield
