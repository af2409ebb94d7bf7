"""Deploys random valid settings on the simulated cloud, plans again, destroys: `make second-plans`.

    python -m tests.deploys.second_plans --count 100 --seed 0 [--terraform | --wrong]

Without `--terraform` in this process (rehearsal/run/direct.py), about three seconds each, most of it the synth.
"""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.cloud.kubernetes.findings import findings, too_little
from rehearsal.cloud.model import Cloud
from rehearsal.run import mirror, seed, stacks
from rehearsal.run.direct import Direct
from rehearsal.run.errors import StepFailed
from rehearsal.run.terraform import Terraform
from stacks.settings import InvalidSettings
from tests.deploys.random_settings import (
    ALERT_SECRETS,
    CLIENT_SECRET,
    NETWORK,
    REGIONS,
    SECRETS,
    TOPIC,
    ZONE,
    draw,
    load,
    spoil,
)

PROJECT = "acme-metaflow"


def objects() -> dict[str, Any]:
    """What others have made: the CI's account, secrets, a zone, a shared network with a subnet in each region."""
    host, network = NETWORK["project"], NETWORK["network"]
    apis = [
        "dns.googleapis.com",
        "iam.googleapis.com",
        "pubsub.googleapis.com",
        "secretmanager.googleapis.com",
    ]

    def made(type_: str, **attributes: Any) -> dict[str, Any]:
        return {"type": type_, "attributes": attributes}

    return {
        "projects": {PROJECT: {"apis": apis}, host: {"apis": ["compute.googleapis.com"]}},
        "objects": [
            made("google_service_account", project=PROJECT, account_id="ci"),
            *(
                made("google_secret_manager_secret", project=PROJECT, secret_id=name, replication={"auto": {}})
                for name in (*SECRETS, CLIENT_SECRET, *ALERT_SECRETS)
            ),
            *(
                made(
                    "google_secret_manager_secret_version",
                    secret=f"projects/{PROJECT}/secrets/{name}",
                    secret_data="GOCSPX-1",
                )
                for name in (CLIENT_SECRET, *ALERT_SECRETS)
            ),
            made("google_pubsub_topic", project=PROJECT, name=TOPIC),
            made("google_dns_managed_zone", project=PROJECT, **ZONE),
            made("google_compute_network", project=host, name=network),
            *(
                made(
                    "google_compute_subnetwork",
                    project=host,
                    region=region,
                    name=NETWORK["subnetwork"],
                    network=f"https://www.googleapis.com/compute/v1/projects/{host}/global/networks/{network}",
                    ip_cidr_range=f"10.{number}.0.0/20",
                    private_ip_google_access=True,
                    secondary_ip_range=[
                        {"range_name": NETWORK["pods_range"], "ip_cidr_range": f"10.{64 + 4 * number}.0.0/14"},
                        {"range_name": NETWORK["services_range"], "ip_cidr_range": f"10.{16 + number}.0.0/20"},
                    ],
                )
                for number, region in enumerate(REGIONS)
            ),
        ],
    }


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What became of one draw; all four are empty where all is well."""

    seed: int
    settings: dict[str, Any]
    failed: str = ""
    changes: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    """What the report says of it: with valid settings, nothing."""
    left: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        return not (self.failed or self.changes or self.found or self.left)


def attempt(number: int, folder: Path, *, terraform: bool = False) -> Trial:
    """Everything for one draw, below the folder."""
    given = draw(number)
    cloud = Cloud(folder / "cloud.sqlite")
    (folder / "objects.json").write_text(json.dumps(objects()), "utf-8")
    seed.seed(cloud, folder / "objects.json")
    before = set(seed.left(cloud))
    _synth(given, folder)
    found = stacks.read(folder / "cdktf.out")
    run = _Terraform(cloud, folder) if terraform else Direct(cloud=cloud, stacks=found)
    try:
        run.deploy()
        changes = run.changes()
        said = [*too_little(cloud), *findings(cloud), *cloud.notes()]
        run.destroy()
    except StepFailed as failed:
        return Trial(seed=number, settings=given, failed=f"{failed.stack} {failed.step}: {failed.message}")
    left = [f"{key.kind} {key.id}" for key in seed.left(cloud) if key not in before]
    return Trial(seed=number, settings=given, changes=tuple(changes), found=tuple(said), left=tuple(left))


def _synth(given: dict[str, Any], folder: Path) -> None:
    from stacks.bundled_node import use_bundled_node  # noqa: PLC0415 - what follows starts Node

    use_bundled_node()
    from stacks.app import synth  # noqa: PLC0415

    os.environ["CDKTF_OUTDIR"] = str(folder / "cdktf.out")
    synth(load(given | {"backend": {"directory": str(folder / "state")}}))


class _Terraform:
    """The same by the real Terraform."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        environment = mirror.environment(mirror.write(folder), cloud.path)
        names = ("apis", "infra", "services")
        self.runs = [Terraform(folder=folder / "cdktf.out/stacks" / name, environment=environment) for name in names]

    def deploy(self) -> None:
        for run in self.runs:
            run.init()
            run.plan()
            run.apply()

    def changes(self) -> list[str]:
        return [change for run in self.runs for change in run.plan().changes]

    def destroy(self) -> None:
        for run in reversed(self.runs):
            run.destroy()


def main() -> None:
    import metaflow_gcp  # noqa: F401, PLC0415 - before cdktf: it makes the provider bindings lazy

    parser = argparse.ArgumentParser(prog="python -m tests.deploys.second_plans")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="of the first draw; the others follow")
    parser.add_argument("--terraform", action="store_true", help="by the real Terraform, about a minute each")
    parser.add_argument("--wrong", action="store_true", help="settings with one wrong key, which must be refused")
    asked = parser.parse_args()
    if asked.wrong:
        sys.exit(0 if _wrong(range(asked.seed, asked.seed + asked.count)) else 1)
    trials = []
    for number in range(asked.seed, asked.seed + asked.count):
        with tempfile.TemporaryDirectory(prefix="second-plan-") as scratch:
            trial = attempt(number, Path(scratch), terraform=asked.terraform)
        trials.append(trial)
        if not trial.well:
            _say(f"seed {number}: {json.dumps(trial.settings)}")
            left = [f"left: {each}" for each in trial.left]
            for each in filter(None, (trial.failed, *trial.changes, *trial.found, *left)):
                _say(f"    {each}")
    well = sum(trial.well for trial in trials)
    _say(
        f"{well} of {len(trials)} settings: deployed, nothing to change in the second plan, nothing found, nothing left"
    )
    sys.exit(0 if well == len(trials) else 1)


def _wrong(numbers: range) -> bool:
    """Whether each spoilt draw is refused, and its key named."""
    named = 0
    for number in numbers:
        given, key = spoil(number)
        said = refused(given)
        if any(where == key or where.startswith((f"{key}.", f"{key}[")) for where in said):
            named += 1
        else:
            _say(f"seed {number}: {key} is wrong in {json.dumps(given)}, and what is said is of {said or 'nothing'}")
    _say(f"{named} of {len(numbers)} wrong settings: refused, with the key named")
    return named == len(numbers)


def refused(given: dict[str, Any]) -> list[str]:
    """The keys that are said to be wrong."""
    try:
        load(given)
    except InvalidSettings as invalid:
        return [problem.where for problem in invalid.problems]
    return []


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
