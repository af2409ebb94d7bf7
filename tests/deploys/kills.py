"""SIGKILL at random moments: `make kills`.

    python -m tests.deploys.kills --count 20 --seed 0

One rehearsal of the three stacks with the real Terraform. Its process group, Terraform and the providers, is killed
again and again while it deploys and while it destroys; the next run goes on, with the imports that it takes. In the end
the second plan is empty, and nothing is left, but for what has a name that is drawn: where that is lost with the state,
the next run draws another one, and makes another object. Those are told.
"""

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.cloud.model import Cloud
from rehearsal.faults.healing import cures
from rehearsal.run import mirror, seed, stacks
from rehearsal.run.converge import heal
from rehearsal.run.terraform import Terraform
from tests.deploys.faults import synthesized

AT_MOST = 9.0
"""Seconds after which a run is killed, at the latest."""
RUNS = 60
DRAWN = ("google_sql_database_instance", "google_project_iam_custom_role")
"""Types whose names end in a `random_id`, since Google keeps the name of a deleted one."""


@dataclass(kw_only=True)
class Killing:
    """Runs of Terraform's, of which so many are killed."""

    cloud: Cloud
    left: int
    draw: random.Random
    say: Callable[[str], None] = lambda line: None
    kills: list[float] = field(default_factory=list)
    healed: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)

    def until(self, run: Terraform, *words: str) -> None:
        """Runs it until it goes well."""
        for _ in range(RUNS):
            after = self.draw.uniform(0, AT_MOST) if self.left else None
            code, message = self._run(run, after, *words)
            if code == 0:
                return
            if code == -signal.SIGKILL:
                self.left -= 1
                self.kills.append(after or 0)
                self.say(f"{run.folder.name} {words[0]}: killed after {after:.1f} s")
                continue
            found = cures(self.cloud, run.folder, message)
            if not found:
                raise AssertionError(f"{run.folder.name} {words[0]} does not go on: {message}")
            for each in found:
                self.say(f"  {each}")
                self.healed.append(str(each))
                heal(run, each)
        raise AssertionError(f"{run.folder.name} {words[0]} does not go well in {RUNS} runs")

    def _run(self, run: Terraform, after: float | None, *words: str) -> tuple[int, str]:
        timers: list[threading.Timer] = []

        def started(pid: int) -> None:
            if after is not None:
                # `setsid`: Terraform leads a group of its own, with the providers that it starts.
                timers.append(threading.Timer(after, _kill, (pid,)))
                timers[0].start()

        run.started[:], run.wrapper[:] = [started], ["setsid"]
        outcome = run.stream(words[0], "-auto-approve", *words[1:])
        for timer in timers:
            timer.cancel()
        run.started.clear()
        return outcome.code, outcome.message


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        # At the very beginning it leads no group yet, nor has it started anything.
        os.killpg(pid, signal.SIGKILL) if os.getpgid(pid) == pid else os.kill(pid, signal.SIGKILL)


def rehearse(source: Path, folder: Path, *, count: int, number: int, say: Callable[[str], None]) -> Killing:
    """Deploys and destroys; half of the kills are for each."""
    cloud = Cloud(folder / "cloud.sqlite")
    found = stacks.copy(source, folder)
    seed.add_projects(cloud, stacks.projects(found))
    environment = mirror.environment(mirror.write(folder), cloud.path)
    runs = [Terraform(folder=stack.folder, environment=environment) for stack in found]
    killing = Killing(cloud=cloud, left=count - count // 2, draw=random.Random(number), say=say)
    for run in runs:
        run.init()
        killing.until(run, "apply")
    changes = [change for run in runs for change in run.plan().changes]
    killing.left += count // 2
    for run in reversed(runs):
        killing.until(run, "destroy")
    left = [f"{each.key.kind} {each.key.id}" for each in cloud.all() if each.key.kind not in DRAWN]
    if changes or left:
        raise AssertionError("\n".join([*changes, *left]))
    killing.twice = [f"{each.key.kind} {each.key.id}" for each in cloud.all()]
    for each in killing.twice:
        say(f"  made twice: {each}")
    return killing


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.deploys.kills")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    started, number, kills, healed, twice = time.monotonic(), asked.seed, 0, 0, 0

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    with tempfile.TemporaryDirectory(prefix="kills-") as scratch:
        source = synthesized(Path(scratch))
        while kills < asked.count:
            folder = Path(scratch) / f"rehearsal-{number}"
            folder.mkdir()
            killing = rehearse(source, folder, count=min(8, asked.count - kills), number=number, say=say)
            kills, healed, number = kills + len(killing.kills), healed + len(killing.healed), number + 1
            twice += len(killing.twice)
    seconds = time.monotonic() - started
    went = (
        f"{kills} kills in {number - asked.seed} rehearsals: each next run went on, with {healed} commands in between"
    )
    say(f"{went}; {twice} objects were made twice; in {seconds:.0f} s")


if __name__ == "__main__":
    main()
