"""What becomes of a platform with a fault: who notices, and when."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.cloud.kubernetes.findings import findings, too_little
from rehearsal.cloud.model import Cloud
from rehearsal.run import seed, stacks
from rehearsal.run.direct import Direct
from rehearsal.run.errors import StepFailed
from tests.deploys.second_plans import objects
from tests.mutants.platform import Platform

STAGES = ("synth", "validate", "plan", "apply", "second plan", "permissions", "findings", "destroy")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """When a fault was noticed, and what was said; `stage` is empty where nothing was."""

    stage: str
    said: str


def deploy(platform: Platform, folder: Path) -> Direct:
    """Its stacks in a cloud of their own; nothing has happened yet."""
    cloud = Cloud(folder / "cloud.sqlite")
    there: dict[str, Any] = objects()
    for name, more in platform.cloud.items():
        there[name] = there.get(name, []) + more
    (folder / "objects.json").write_text(json.dumps(there), "utf-8")
    seed.seed(cloud, folder / "objects.json")
    for name, document in platform.stacks.items():
        to = folder / "stacks" / name
        to.mkdir(parents=True)
        (to / "cdk.tf.json").write_text(json.dumps(document), "utf-8")
        if (assets := platform.folder / "stacks" / name / "assets").exists():
            (to / "assets").symlink_to(assets.resolve())
    (folder / "manifest.json").write_text((platform.folder / "manifest.json").read_text("utf-8"), "utf-8")
    return Direct(cloud=cloud, stacks=stacks.read(folder), first=platform.first)


def notices(deployment: Direct) -> list[str]:
    """What a report says of a deployment that succeeded."""
    return findings(deployment.cloud) + deployment.cloud.notes()


def judge(platform: Platform, usual: list[str], folder: Path) -> Verdict:
    """`usual`: what is said of the platform without the fault."""
    deployment = deploy(platform, folder)
    before = set(seed.left(deployment.cloud))
    try:
        deployment.deploy()
        for change in deployment.changes():
            return Verdict(stage="second plan", said=change)
        for said in too_little(deployment.cloud):
            return Verdict(stage="permissions", said=said)
        for said in notices(deployment):
            if said not in usual:
                return Verdict(stage="findings", said=said)
        deployment.destroy()
    except StepFailed as failed:
        return Verdict(stage=failed.step, said=failed.message.splitlines()[0])
    for key in seed.left(deployment.cloud):
        if key not in before:
            return Verdict(stage="destroy", said=f"left in the cloud: {key.kind} {key.id}")
    return Verdict(stage="", said="")
