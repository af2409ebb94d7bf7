"""`make deploy` and `make destroy`: say first what would be lost, and stop there without a clear yes.

    python -m scripts.deploy {deploy,destroy} [--yes] STACK...

Each stack that has a state is planned by Terraform, all at the same time, and the plans are read as `metaflow-gcp plan
--changes` reads them. If data is lost or less protected, a person on a terminal is asked; elsewhere nothing is done,
and the exit code is 1. With --yes nothing is planned, and nobody is asked.
"""

import argparse
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile
from pathlib import Path

from metaflow_gcp_tools.commands.plan import show, show_costs
from metaflow_gcp_tools.problems import CommandFailed
from metaflow_gcp_tools.terminal.output import Output
from scripts.planning import Planned, loses, planned

STACKS = Path("cdktf.out/stacks")
A_CENT = 0.01
"""A smaller difference in costs a month is none."""

TOGETHER = ("--terraform-parallelism", "20")
"""Terraform's ten operations at a time keep the database and the cluster waiting behind dozens of short ones."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.deploy", description="Deploy or destroy the stacks.")
    parser.add_argument("what", choices=("deploy", "destroy"))
    parser.add_argument("stacks", nargs="+")
    parser.add_argument("--yes", action="store_true", help="do not plan first, and do not ask")
    asked = parser.parse_args(arguments)
    if asked.yes:
        return _cdktf(asked.what, asked.stacks)
    if code := subprocess.run([sys.executable, "main.py"], check=False).returncode:
        return code
    try:
        return _carefully(asked.what, asked.stacks)
    except CommandFailed as failed:
        for problem in failed.problems:
            Output(as_json=False).problem(problem)
        return failed.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted.\n")
        return 130


def _carefully(what: str, stacks: list[str]) -> int:
    left = stacks if what == "deploy" else stacks[::-1]
    while left:
        plans = _plans(what, left)
        if not _agreed(what, plans):
            return 1
        if code := _cdktf(what, list(plans), "--skip-synth"):
            return code
        left = left[len(plans) :]
    return 0


def _plans(what: str, stacks: Sequence[str]) -> dict[str, Planned]:
    """Of the stacks up to the first that cannot be planned: what it reads of an earlier one may not be there yet.

    Raises `CommandFailed` if that is the very first.
    """
    with Output(as_json=False).doing(f"looking for what `make {what}` would lose"), ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda stack: planned(STACKS / stack, destroy=what == "destroy"), stacks))
    if found[0].failed:
        raise CommandFailed.of(what=f"Terraform cannot plan the stack {stacks[0]}", next_step=found[0].failed)
    return dict(takewhile(lambda each: not each[1].failed, zip(stacks, found, strict=True)))


def _agreed(what: str, plans: Mapping[str, Planned]) -> bool:
    """Whether nothing is lost, or somebody wants it so."""
    output = Output(as_json=False)
    for each in plans.values():
        if each.adds and abs(each.adds.month) >= A_CENT:
            show_costs.difference(output.progress, each.adds)
    losing = {stack: each.changes for stack, each in plans.items() if each.changes and loses(each.changes)}
    if not losing:
        return True
    for stack, changes in losing.items():
        show.changes(output.progress, Path(stack), changes, None)
    if any(change.kind.takes_flows for changes in losing.values() for change in changes.gone):
        from scripts import deployed_flows  # noqa: PLC0415 - Kubernetes' client takes a second to load

        for line in deployed_flows.told(STACKS / "services"):
            output.progress.print(line)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        output.progress.print(f"Stopped before {', '.join(plans)}. If you want this, run `make {what} YES=1`.")
        return False
    sys.stderr.write("Type 'yes' to go on: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() == "yes":
        return True
    output.progress.print(f"Stopped before {', '.join(plans)}.")
    return False


def _cdktf(what: str, stacks: Sequence[str], *options: str) -> int:
    with subprocess.Popen(["cdktf", what, *stacks, "--auto-approve", *TOGETHER, *options]) as process:
        # Ctrl-C reaches both: Terraform stops in an orderly way, and this waits for it.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    signal.signal(signal.SIGINT, before)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return process.returncode


if __name__ == "__main__":
    sys.exit(main())
