"""Orders and parallelism do not matter: `make orders`.

    python -m tests.deploys.orders --count 10 --seed 0

The same stacks are deployed by the real Terraform with one, ten and fifty operations at a time; how long each takes is
drawn anew, and with it what is ready when. Each time the same is there in the end.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rehearsal.cloud.model import Cloud
from rehearsal.faults.fault import Fault
from rehearsal.faults.store import inject
from rehearsal.run import mirror, seed, stacks
from rehearsal.run.check import attached
from rehearsal.run.direct import Direct
from tests.deploys.faults import resources, synthesized

PARALLELISM = (1, 10, 50)
State = dict[str, Any]


def end(cloud: Cloud) -> dict[str, State]:
    """All there is, by its key."""
    found: dict[str, State] = {" ".join(each.key): each.state for each in cloud.all()}
    return found | {f"apis of {project}": {"enabled": cloud.enabled(project)} for project in cloud.projects()}


def different(one: dict[str, State], other: dict[str, State]) -> list[str]:
    """What two ends do not have in common."""
    missing = [f"only in one: {key}" for key in sorted(one.keys() ^ other.keys())]
    return missing + [
        f"{key}: {name}"
        for key in sorted(one.keys() & other.keys())
        for name in sorted(one[key].keys() | other[key].keys())
        if one[key].get(name) != other[key].get(name)
    ]


def directly(found: list[stacks.Stack], folder: Path, number: int, drawn: dict[str, dict[str, State]]) -> Cloud:
    """Deploys in one process in a random order; `drawn` are the states of what is random by itself."""
    cloud = Cloud(folder / f"order-{number}.sqlite")
    seed.add_projects(cloud, stacks.projects(found))
    direct = Direct(cloud=cloud, stacks=found, order=random.Random(number))
    for name, stack in direct.made.items():
        stack.states.update(drawn.get(name, {}))
    direct.deploy()
    drawn.update(
        {
            name: {address: state for address, state in stack.states.items() if address.startswith("random_")}
            for name, stack in direct.made.items()
        }
    )
    if direct.changes():
        raise AssertionError(f"order {number}: the second plan is not empty: {direct.changes()}")
    return cloud


def by_terraform(source: Path, folder: Path, number: int, drawn: Path | None) -> Cloud:
    """Deploys with Terraform; `drawn` is a folder of states that hold what is random by itself."""
    folder.mkdir()
    cloud = Cloud(folder / "cloud.sqlite")
    found = stacks.copy(source, folder)
    seed.add_projects(cloud, stacks.projects(found))
    draw = random.Random(number)
    for each in resources(found):
        inject(cloud, Fault(address=each.address, kind="slow", value=str(draw.randint(1, 4))))
    environment = mirror.environment(mirror.write(folder), cloud.path)
    with ExitStack() as providers:
        for stack in found:
            run = attached(stack.folder, environment, providers)
            run.init()
            if drawn:
                shutil.copy(drawn / f"{stack.name}.tfstate", folder / "states")
            applied = run.stream("apply", "-auto-approve", f"-parallelism={PARALLELISM[number % 3]}")
            if applied.code or run.plan().code:
                raise AssertionError(f"{stack.name}: {applied.message or 'the second plan is not empty'}")
    return cloud


def only_random(source: Path, folder: Path) -> Path:
    """States that hold nothing but what is random by itself."""
    folder.mkdir()
    cloud = Cloud(folder / "cloud.sqlite")
    environment = mirror.environment(mirror.write(folder), cloud.path)
    with ExitStack() as providers:
        for stack in stacks.copy(source, folder):
            run = attached(stack.folder, environment, providers)
            run.init()
            names = [each.address for each in resources([stack]) if each.type.startswith("random_")]
            run.stream("apply", "-auto-approve", *(f"-target={each}" for each in names or ["terraform_data.none"]))
            (folder / "states" / f"{stack.name}.tfstate").touch()
    return folder / "states"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.deploys.orders")
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    started, failed = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="orders-") as scratch:
        folder = Path(scratch)
        source = synthesized(folder)
        drawn = only_random(source, folder / "random")
        first: dict[str, State] = {}
        for number in range(asked.seed, asked.seed + asked.count):
            got = end(by_terraform(source, folder / f"order-{number}", number, drawn))
            first = first or got
            problems = different(first, got)
            failed += bool(problems)
            told = f"order {number}, {PARALLELISM[number % 3]} at a time: {len(got)} objects"
            sys.stdout.write("\n  ".join([told, *problems]) + "\n")
            sys.stdout.flush()
    sys.stdout.write(f"{asked.count - failed} of {asked.count} end the same, in {time.monotonic() - started:.0f} s\n")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
