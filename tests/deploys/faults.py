"""A fault before and after every resource in turn, for create, update and delete: `make faults`.

    python -m tests.deploys.faults

In this process (rehearsal/run/trial.py), a third of a second each. Writes the table of docs/faults.md.
"""

import json
import multiprocessing
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.cloud.model import Cloud
from rehearsal.faults.fault import OPERATIONS, WHENS, Fault
from rehearsal.faults.healing import import_id
from rehearsal.faults.outcomes import MEANS, outcome
from rehearsal.run import seed, stacks
from rehearsal.run.trial import Result, Trials

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
START, END = "<!-- Written by `make faults`. -->\n", "<!-- End of it. -->\n"
CHANGES = [each for each in OPERATIONS if each != "read"]
PROCESSES = 2


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a stack; `path` is its construct's."""

    stack: str
    path: str
    address: str

    @property
    def type(self) -> str:
        return self.address.partition(".")[0]


def resources(found: list[stacks.Stack]) -> list[Resource]:
    """Without `terraform_data`: Terraform itself keeps it."""
    return [
        Resource(stack=stack.name, path=raw["//"]["metadata"]["path"], address=f"{type_}.{name}")
        for stack in found
        for type_, named in stack.configuration()["resource"].items()
        if type_ != "terraform_data"
        for name, raw in named.items()
    ]


def faults(resource: Resource) -> Iterator[Fault]:
    """Before and after, for each change. What asks no cloud can only lose its provider."""
    kind, value = ("killed", "provider") if resource.type.startswith("random_") else ("unavailable", "")
    for operation in CHANGES:
        for when in WHENS:
            yield Fault(address=resource.address, operation=operation, when=when, kind=kind, value=value)


def trials(found: list[stacks.Stack], folder: Path) -> Trials:
    cloud = Cloud(folder / "cloud.sqlite")
    seed.add_projects(cloud, stacks.projects(found))
    return Trials(cloud, found, folder)


def unprotected(source: Path, to: Path) -> list[stacks.Stack]:
    """A copy that can be destroyed: as with `deletion_protection = false` in the settings."""
    found = stacks.copy(source, to)
    for stack in found:
        configuration = stack.configuration()
        for named in configuration["resource"].values():
            for raw in named.values():
                _unprotect(raw)
        stack.file.write_text(json.dumps(configuration))
    return found


def _unprotect(raw: dict[str, Any]) -> None:
    raw.get("lifecycle", {}).pop("prevent_destroy", None)
    for name in ("deletion_protection", "deletion_protection_enabled"):
        for place in (raw, *(each for each in [raw.get("settings")] if isinstance(each, dict))):
            if name in place:
                place[name] = False
    if "force_destroy" in raw or "uniform_bucket_level_access" in raw:
        raw["force_destroy"] = True


def cell(result: Result) -> str:
    """What it takes to go on."""
    if result.fault.operation == "update" and not result.changed:
        return "-"
    if not result.well:
        return "**fails**"
    if not result.message:
        return "goes on"
    commands = dict.fromkeys(each.split()[1] for each in result.cures)
    return ", ".join([*commands, "rerun", *(["made twice"] if result.twice else [])])


def table(rows: Iterable[tuple[Resource, list[Result]]]) -> str:
    titles = ["stack and construct", "type", *(f"{each}, {when}" for each in CHANGES for when in WHENS)]
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for resource, results in rows:
        cells = [f"`{resource.path}`", f"`{resource.type}`", *map(cell, results)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def types(tried: Trials) -> str:
    """Of each type: what becomes of an object whose answer is lost, and what it is imported by."""
    lines = ["| type | an object whose answer was lost | imported by |", "|---|---|---|"]
    seen = {each.type: each for each in reversed(resources(tried.found)) if not each.type.startswith("random_")}
    for type_, resource in sorted(seen.items()):
        [stack] = [each for each in tried.found if each.name == resource.stack]
        became = outcome(type_, stack.configuration()["resource"][type_][resource.address.partition(".")[2]])
        id_ = import_id(tried.done.cloud, stack.folder, resource.address) if became == "forgotten" else None
        lines.append(f"| `{type_}` | {MEANS[became]} | {f'`{id_}`' if id_ else ''} |")
    # A name that is drawn is another one each time.
    return re.sub(r"(?<=[-_])[0-9a-f]{8}\b", "SUFFIX", "\n".join(lines))


def written(page: str) -> list[list[str]]:
    """The rows of the page's table."""
    body = page.partition(START)[2].partition(END)[0].partition("## ")[0]
    return [
        [each.strip(" `") for each in line.strip("|").split("|")]
        for line in body.splitlines()
        if line.startswith("| `")
    ]


def _work(source: Path, share: list[Resource]) -> list[tuple[Resource, list[Result]]]:
    with tempfile.TemporaryDirectory(prefix="faults-") as scratch:
        folder = Path(scratch)
        tried = trials(stacks.copy(source, folder), folder)
        return [(each, [tried.attempt(each.stack, fault) for fault in faults(each)]) for each in share]


def synthesized(folder: Path) -> Path:
    """The stacks of the smallest settings, below the folder; they can be destroyed."""
    import metaflow_gcp  # noqa: F401, PLC0415 - before cdktf: it makes the provider bindings lazy
    from stacks.bundled_node import use_bundled_node  # noqa: PLC0415 - what follows starts Node

    use_bundled_node()
    from stacks.app import synth  # noqa: PLC0415
    from tests.deploys.random_settings import load  # noqa: PLC0415

    os.environ["CDKTF_OUTDIR"] = str(folder / "cdktf.out")
    given = {"org_prefix": "acme", "project": "acme-metaflow", "deletion_protection": False}
    synth(load(given | {"backend": {"directory": str(folder / "state")}}))
    return folder / "cdktf.out"


def main() -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-") as scratch:
        folder = Path(scratch)
        source = synthesized(folder)
        by_type = types(trials(stacks.read(source), folder))
        found = resources(stacks.read(source))
        shares = [(source, found[number::PROCESSES]) for number in range(PROCESSES)]
        with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
            done = dict(pair for share in pool.starmap(_work, shares) for pair in share)
    rows = [(each, done[each]) for each in found]
    results = [each for _, row in rows for each in row]
    for result in results:
        for problem in result.problems:
            sys.stdout.write(f"{result.fault}: {problem}\n")
    ran = [each for each in results if cell(each) != "-"]
    well = sum(each.well and each.met for each in ran)
    told = (
        f"{len(found)} resources, {len(ran)} faults: {well} converge, {sum(bool(each.cures) for each in ran)} of them "
        f"after a command"
    )
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(START)
    text = f"{told}.\n\n{table(rows)}\n\n## By type\n\n{by_type}"
    PAGE.write_text(f"{before}{START}\n{text}\n\n{END}{rest.partition(END)[2]}", "utf-8")
    sys.stdout.write(f"{told}, in {time.monotonic() - started:.0f} s. The table is in {PAGE.name}.\n")
    sys.exit(0 if well == len(ran) else 1)


if __name__ == "__main__":
    main()
