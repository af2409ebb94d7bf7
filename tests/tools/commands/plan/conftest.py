"""Plans: some that the real Terraform makes for our own stacks, and small ones, written by hand, for each case."""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.deploys.conftest import SETTINGS, World
from tests.stacks.conftest import once, platforms, project  # noqa: F401 - fixtures

WEAKER = {
    "METAFLOW_GCP_STORAGE__VERSIONING": "false",
    "METAFLOW_GCP_STORAGE__SOFT_DELETE_DAYS": "0",
    "METAFLOW_GCP_DATABASE__BACKUPS_RETAINED": "3",
    "METAFLOW_GCP_DATABASE__POINT_IN_TIME_RECOVERY_DAYS": "3",
}
UNPROTECTED = {"METAFLOW_GCP_DELETION_PROTECTION": "false"}


@dataclass(frozen=True)
class RealPlans:
    """Of the stack infra, which stands in a simulated cloud."""

    world: World

    @property
    def out(self) -> Path:
        """What was synthesized last."""
        return self.world.outdir

    @property
    def binary(self) -> Path:
        """Another region, as `terraform plan -out` writes it: in the stack's folder."""
        return self.out / "stacks/infra/tfplan"

    @property
    def region(self) -> Path:
        """The same, as `terraform show -json` has it."""
        return self.world.folder / "region.json"

    @property
    def no_gpus(self) -> Path:
        """Without GPU pools, and with a larger database."""
        return self.world.folder / "no_gpus.json"

    @property
    def unprotected(self) -> Path:
        """Without versions and soft delete in the bucket, and with fewer backups."""
        return self.world.folder / "unprotected.json"


@pytest.fixture(scope="session")
def real_plans(once: Callable[[str, Callable[[Path], None]], Path]) -> RealPlans:  # noqa: F811
    return RealPlans(_world(once("plans", _make_plans)))


def _world(folder: Path) -> World:
    return World(folder, {"METAFLOW_GCP_SETTINGS": str(SETTINGS / "minimal.toml"), **UNPROTECTED})


def _make_plans(folder: Path) -> None:
    folder.mkdir()
    plans = RealPlans(_world(folder))
    with plans.world as world:
        world.synth()
        manifest = json.loads((world.outdir / "platform.json").read_text())
        for api in manifest["apis"]:
            world.cloud.enable(manifest["project"], api)
        terraform = world.terraform("infra")
        terraform.init()
        terraform.plan()
        terraform.apply()
        for file, settings in (
            (plans.no_gpus, {"METAFLOW_GCP_GPU_POOLS": "{}", "METAFLOW_GCP_DATABASE__TIER": "db-custom-2-7680"}),
            (plans.unprotected, WEAKER),
            (plans.region, {"METAFLOW_GCP_REGION": "us-east1"}),
        ):
            world.synth(**settings)
            terraform.plan()
            shown = ["terraform", "show", "-json", "tfplan"]
            with file.open("w") as output:
                subprocess.run(shown, cwd=terraform.folder, env=terraform.environment, stdout=output, check=True)


def resource(type_: str, *actions: str, name: str = "it", **change: Any) -> dict[str, Any]:
    """An entry of `resource_changes`."""
    more: dict[str, Any] = {key: change.pop(key) for key in ("action_reason", "deposed", "mode") if key in change}
    return {
        "address": f"{type_}.{name}",
        "mode": "managed",
        "type": type_,
        "name": name,
        "provider_name": f"registry.terraform.io/hashicorp/{type_.partition('_')[0]}",
        "change": {
            "actions": list(actions),
            "before": {},
            "after": {},
            "after_unknown": {},
            "before_sensitive": {},
            "after_sensitive": {},
            **change,
        },
        **more,
    }


def document(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A plan as `terraform show -json` writes it, as far as anybody reads it here."""
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {},
        "resource_changes": list(resources),
        "applyable": True,
        "complete": True,
        "errored": False,
        **more,
    }


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a plan by hand, and return its file."""

    def write(*resources: dict[str, Any], name: str = "plan.json", **more: Any) -> Path:
        file = tmp_path / name
        file.write_text(json.dumps(document(*resources, **more)))
        return file

    return write


@pytest.fixture
def without_terraform(tmp_path: Path) -> str:
    """A PATH with nothing on it but Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    python = shutil.which("python3")
    assert python
    (folder / "python3").symlink_to(python)
    return str(folder)
