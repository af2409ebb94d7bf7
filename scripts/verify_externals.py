"""Ask the registries whether every image and chart of externals.json exists there: no pull, no Docker, no login.

    python scripts/verify_externals.py              PASS, FAIL or UNKNOWN for each; exit code 1 when one FAILs
    python scripts/verify_externals.py --json       the same as one JSON document
    python scripts/verify_externals.py --resolve    keep the digests of those that have none; then take the snapshots
                                                    anew: pytest tests/stacks/test_snapshots.py --snapshot-update

A registry that does not answer makes nothing fail: what is UNKNOWN was not verified.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.checks import State
from metaflow_gcp_tools.clients.registries import charts, images
from metaflow_gcp_tools.clients.registries.answer import Answer
from metaflow_gcp_tools.clients.registries.charts import Chart
from metaflow_gcp_tools.clients.together import together

FILE = Path(__file__).parents[1] / "constructs/src/metaflow_gcp/externals.json"


def questions(document: dict[str, Any], timeout: float) -> dict[str, Callable[[], Answer]]:
    """What to ask, by what is asked for. An image with a digest is asked for by that: it is what is pulled."""
    asked: dict[str, Callable[[], Answer]] = {}
    for found in document["images"].values():
        name = f"{found['name']}@{found['digest']}" if found["digest"] else found["name"]
        asked[name] = partial(images.ask, name, timeout)
    for name, found in document["charts"].items():
        for version, installed in found["versions"].items():
            chart = Chart(
                name=name, repository=found["repository"], version=version, app_version=installed["app_version"]
            )
            asked[f"{chart.repository}/{name} {version}"] = partial(charts.ask, chart, timeout)
    return asked


def closing(answers: Sequence[Answer]) -> str:
    count = {state: sum(answer.state is state for answer in answers) for state in State}
    if count[State.UNKNOWN] == len(answers):
        return "Nothing was verified: no registry answered."
    said = f"{count[State.PASS]} of {len(answers)} exist."
    if count[State.FAIL]:
        said += f" {count[State.FAIL]} do not: change them in {FILE.name}."
    if count[State.UNKNOWN]:
        said += f" {count[State.UNKNOWN]} were not verified: their registries did not answer."
    return said


def resolved(text: str, answers: dict[str, Answer]) -> str:
    """The file with the digests that were missing. Only they change, so that a diff shows nothing else."""
    for found in json.loads(text)["images"].values():
        answer = answers[found["name"]] if not found["digest"] else None
        if answer and answer.digest:
            before = f'"name": "{found["name"]}", "digest": null'
            text = text.replace(before, f'"name": "{found["name"]}", "digest": "{answer.digest}"')
    return text


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--resolve", action="store_true", help="keep the digests of the images that have none")
    parser.add_argument("--timeout", type=float, default=20, help="seconds to wait for each answer (default: 20)")
    parser.add_argument("--file", type=Path, default=FILE, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    text = options.file.read_text("utf-8")
    asked = questions(json.loads(text), options.timeout)
    answers = dict(zip(asked, together(asked.values()), strict=True))
    failed = any(answer.state is State.FAIL for answer in answers.values())
    if options.resolve:
        options.file.write_text(resolved(text, answers), "utf-8")
    if options.json:
        found = [
            {"name": name, "state": answer.state, "says": answer.says, "digest": answer.digest}
            for name, answer in answers.items()
        ]
        print(json.dumps({"version": 1, "externals": found, "says": closing([*answers.values()])}, indent=2))
    else:
        for name, answer in answers.items():
            print(f"{answer.state:<8} {name}: {answer.says}")
        print(closing([*answers.values()]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
