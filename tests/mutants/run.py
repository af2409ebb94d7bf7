"""All mutants of a run: which, and what became of them."""

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rehearsal.cloud.kubernetes.findings import too_little
from tests.mutants import broken_library, ways_google, ways_helm, ways_kubernetes, ways_order, ways_rights, ways_text
from tests.mutants.platform import Mutant, Platform, Way, expressions
from tests.mutants.trial import Verdict, deploy, judge, notices

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "tests" / "stacks" / "settings"
BASES = ("minimal", "everything")

WAYS: dict[str, Way] = {
    **ways_text.WAYS,
    **ways_order.WAYS,
    **ways_google.WAYS,
    **ways_kubernetes.WAYS,
    **ways_rights.WAYS,
    **ways_helm.WAYS,
}


@dataclass(frozen=True, kw_only=True)
class Result:
    way: str
    settings: str
    where: str
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Base:
    platform: Platform
    usual: list[str]
    """What a report says of it without any fault."""


def synth(name: str, folder: Path) -> Path:
    """By main.py, as a person does it."""
    chosen = environment(name) | {"CDKTF_OUTDIR": str(folder / name)}
    subprocess.run([sys.executable, "main.py"], cwd=ROOT, env=chosen, check=True)
    return folder / name


def environment(name: str) -> dict[str, str]:
    """The settings' own, of a platform that may be destroyed."""
    return broken_library.clean_environment() | {
        "METAFLOW_GCP_SETTINGS": str(SETTINGS / f"{name}.toml"),
        "METAFLOW_GCP_DELETION_PROTECTION": "false",
    }


def read(name: str, folder: Path) -> Platform:
    documents = {each.parent.name: json.loads(each.read_text("utf-8")) for each in folder.glob("stacks/*/cdk.tf.json")}
    return Platform(name=name, folder=folder, stacks=documents, values={})


def base(name: str, folder: Path) -> Base:
    """A platform as it is, deployed once: it must go through."""
    platform = read(name, folder)
    with tempfile.TemporaryDirectory(prefix="mutant-") as scratch:
        deployment = deploy(platform, Path(scratch))
        deployment.deploy()
        if changes := deployment.changes():
            raise RuntimeError(f"{name} itself is not right: {changes[0]}")
        if lacks := too_little(deployment.cloud):
            raise RuntimeError(f"{name} itself is not right: {lacks[0]}")
        usual = notices(deployment)
        for element in platform.elements():
            for _, _, expression in expressions(platform.of(element)):
                platform.values[expression] = deployment.made[element.stack].resolved(expression)
        deployment.destroy()
    return Base(platform=platform, usual=usual)


def mutants(platform: Platform, *, seed: int, each: int, ways: tuple[str, ...] = ()) -> Iterator[tuple[str, Mutant]]:
    """So many of every way, or of these ways: the same for the same seed."""
    for way in ways or tuple(WAYS):
        chance = random.Random(f"{seed} {way} {platform.name}")
        found = list(WAYS[way](platform, chance))
        yield from ((way, mutant) for mutant in chance.sample(found, min(each, len(found))))


def tried(base_: Base, way: str, mutant: Mutant) -> Result:
    changed = base_.platform.copy()
    mutant.change(changed)
    with tempfile.TemporaryDirectory(prefix="mutant-") as scratch:
        verdict = judge(changed, base_.usual, Path(scratch))
    return Result(way=way, settings=base_.platform.name, where=mutant.where, verdict=verdict)


@cache
def _base(name: str, folder: Path) -> Base:
    return base(name, folder)


def share(asked: tuple[str, Path, int, int, tuple[str, ...], int, int]) -> list[Result]:
    """One process's share of a platform's mutants."""
    name, folder, seed, each, ways, number, of = asked
    made = _base(name, folder)
    chosen = list(mutants(made.platform, seed=seed, each=each, ways=ways))[number::of]
    return [tried(made, way, mutant) for way, mutant in chosen]


def broken(name: str, fault: broken_library.Fault) -> Result:
    """What becomes of the platform when a construct is broken."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as scratch:
        folder = Path(scratch)
        said = broken_library.synthesized(fault, environment(name), folder)
        if said:
            verdict = Verdict(stage="synth", said=said)
        else:
            platform = read(name, folder / "out")
            (folder / "cloud").mkdir()
            verdict = judge(platform, [], folder / "cloud")
    return Result(way=broken_library.WAY, settings=name, where=f"{fault.file}: {fault.what}", verdict=verdict)


def all_broken(name: str, fault: broken_library.Fault) -> list[Result]:
    return [broken(name, fault)]


def name_of(result: Result) -> str:
    return f"{result.way}: {result.settings} {result.where}"


def as_text(result: Result) -> str:
    verdict = result.verdict
    where = f"{result.way}: {result.settings} {result.where}"
    return (
        f"{verdict.stage or 'SURVIVED':12} {where}\n{'':13}{verdict.said[:220]}"
        if verdict.said
        else f"SURVIVED     {where}"
    )
