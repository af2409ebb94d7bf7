"""Breaks the platform in many ways and says who notices: `make mutants`. Writes the table of docs/mutants.md.

python -m tests.mutants [--each 2] [--seed 0] [--way "role missing"]
"""

import argparse
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import metaflow_gcp  # noqa: F401 - before cdktf: it makes the provider bindings lazy
from tests.mutants import page
from tests.mutants.broken_library import WAY, faults
from tests.mutants.reasons import reason
from tests.mutants.run import BASES, WAYS, Result, all_broken, as_text, name_of, share, synth

PROCESSES = 2
PARTS = 8
"""Of each platform's mutants: a part is the work of one process."""
LEAST = 0.97
"""The share that must be caught."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--each", type=int, default=2, help="mutants of every way and platform")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--way", action="append", default=[], help="only these ways; then docs/mutants.md stays as it is"
    )
    asked = parser.parse_args()
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as scratch, ProcessPoolExecutor(PROCESSES) as pool:
        shares = [
            (name, synth(name, Path(scratch)), asked.seed, asked.each, tuple(asked.way), number, PARTS)
            for name in BASES
            for number in range(PARTS)
        ]
        runs = [pool.submit(share, each) for each in shares]
        if not asked.way:
            runs += [pool.submit(all_broken, BASES[0], fault) for fault in faults()]
        for run in runs:
            for result in run.result():
                results.append(result)
                sys.stdout.write(f"{as_text(result)}\n")
                sys.stdout.flush()
    results.sort(key=lambda each: [*WAYS, WAY].index(each.way))
    caught = sum(bool(result.verdict.stage) for result in results)
    unexplained = [each for each in results if not each.verdict.stage and not reason(name_of(each))]
    sys.stdout.write(f"{caught} of {len(results)} caught ({100 * caught / len(results):.1f} %)\n")
    if not asked.way:
        page.write(results)
    sys.exit(1 if unexplained or caught < LEAST * len(results) else 0)


if __name__ == "__main__":
    main()
