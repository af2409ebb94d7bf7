"""Breaks the platform in many ways and says who notices: `make mutants`.

python -m tests.mutants [--each 4] [--seed 0] [--way "role missing"] [--write]
"""

import argparse
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import metaflow_gcp  # noqa: F401 - before cdktf: it makes the provider bindings lazy
from tests.mutants.run import BASES, Result, as_text, share, synth

PROCESSES = 2


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--each", type=int, default=4, help="mutants of every way and platform")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--way", action="append", default=[], help="only these ways")
    asked = parser.parse_args()
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as scratch, ProcessPoolExecutor(PROCESSES) as pool:
        shares = [
            (name, synth(name, Path(scratch)), asked.seed, asked.each, tuple(asked.way), number, PROCESSES)
            for name in BASES
            for number in range(PROCESSES)
        ]
        for found in pool.map(share, shares):
            results += found
            for result in found:
                sys.stdout.write(f"{as_text(result)}\n")
                sys.stdout.flush()
    caught = sum(bool(result.verdict.stage) for result in results)
    sys.stdout.write(f"{caught} of {len(results)} caught ({100 * caught / len(results):.1f} %)\n")


if __name__ == "__main__":
    main()
