"""A project of Google's for preflight, in the stand-in: ready for the minimal settings until a test changes it."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.tools.discovery import Api, Call
from tests.tools.stand_in_google import Answer, Refusal, StandInGoogle
from tests.tools.stand_in_registry import StandInRegistry

Json = dict[str, Any]

PROJECT = "acme-metaflow"
EMAIL = "ada@example.com"
IMPERSONATED_TOKEN = "stand-in-token-of-a-service-account"

GENEROUS = 100_000.0
GPU_METRICS = ("NVIDIA_L4_GPUS", "NVIDIA_T4_GPUS", "NVIDIA_A100_GPUS", "NVIDIA_A100_80GB_GPUS")
MACHINE_METRICS = ("CPUS", "SSD_TOTAL_GB", "HDB_TOTAL_GB", "IN_USE_ADDRESSES", "N2_CPUS", "A2_CPUS")
ZONES = {
    "us-west1": ("a", "b", "c"),
    "us-central1": ("a", "b", "c", "f"),
    "us-east4": ("a", "b", "c"),
    "europe-west4": ("a", "b", "c"),
}


class Cloud:
    """What Google would say of the project. Tests change the attributes before they ask."""

    def __init__(self) -> None:
        self.project: Json | None = {
            "name": "projects/7",
            "projectId": PROJECT,
            "parent": "folders/7",
            "state": "ACTIVE",
        }
        self.token = {"email": EMAIL, "scope": "openid https://www.googleapis.com/auth/cloud-platform"}
        self.impersonated: Answer = {"accessToken": IMPERSONATED_TOKEN, "expireTime": "2100-01-01T00:00:00Z"}
        """What Google answers to whom it is asked for a service account's token."""
        self.billing = {"billingEnabled": True, "billingAccountName": "billingAccounts/0000-AAAA"}
        self.load_balancers: Answer = {"listPolicy": {"allValues": "ALLOW"}}
        """The policy about them."""
        self.zone: Answer = {"dnsName": "example.com.", "visibility": "public"}
        self.missing_permissions: set[str] = set()
        self.apis_off: set[str] = set()
        self.quotas = {
            region: dict.fromkeys(
                (*MACHINE_METRICS, *GPU_METRICS, *(f"PREEMPTIBLE_{each}" for each in GPU_METRICS)), GENEROUS
            )
            for region in ZONES
        }
        self.quotas_of_all_regions = {"CPUS_ALL_REGIONS": GENEROUS, "GPUS_ALL_REGIONS": GENEROUS}
        self.in_use: dict[str, float] = {}
        """By metric, in every region."""
        self.not_in: dict[str, set[str]] = {}
        """The zones in which a machine type or GPU is not to be had."""
        self.quota_infos: dict[str, Json] = {}
        """Of Cloud Quotas, by quota id."""
        self.preferences: list[Json] = []
        self.google = StandInGoogle()
        for name, version in (
            ("oauth2", "v2"),
            ("cloudresourcemanager", "v1"),
            ("cloudresourcemanager", "v3"),
            ("dns", "v1"),
            ("cloudbilling", "v1"),
            ("serviceusage", "v1"),
            ("compute", "v1"),
            ("storage", "v1"),
            ("iamcredentials", "v1"),
        ):
            self.google.use(name, version)
        self.google.use("cloudquotas", "v1", Api(cloud_quotas_document()))
        for method, answer in {
            "oauth2.tokeninfo": lambda _: self.token,
            "iamcredentials.projects.serviceAccounts.generateAccessToken": lambda _: self.impersonated,
            "storage.buckets.testIamPermissions": lambda call: {"permissions": call.parameters["permissions"]},
            "cloudresourcemanager.projects.get": lambda _: (
                self.project or Refusal(403, "The caller does not have permission")
            ),
            "cloudresourcemanager.projects.testIamPermissions": self._held,
            "cloudresourcemanager.projects.getEffectiveOrgPolicy": lambda _: self.load_balancers,
            "dns.managedZones.get": lambda _: self.zone,
            "cloudbilling.projects.getBillingInfo": lambda _: self.billing,
            "serviceusage.services.batchGet": self._services,
            "compute.regions.list": lambda _: {"items": [self._region(name) for name in ZONES]},
            "compute.projects.get": lambda _: {"name": PROJECT, "quotas": self._quotas(self.quotas_of_all_regions)},
            "compute.machineTypes.aggregatedList": self._machine_types,
            "compute.acceleratorTypes.aggregatedList": lambda _: self._offered("acceleratorTypes", GPUS),
            "cloudquotas.projects.locations.services.quotaInfos.get": self._quota_info,
            "cloudquotas.projects.locations.quotaPreferences.list": lambda _: {"quotaPreferences": self.preferences},
            "cloudquotas.projects.locations.quotaPreferences.create": self._create,
            "cloudquotas.projects.locations.quotaPreferences.patch": self._patch,
        }.items():
            self.google.answer(method, self._unless_off(method, answer))

    def quota_info(self, quota_id: str, *rows: tuple[dict[str, str], str | None], eligible: bool = True) -> None:
        """List a quota in Cloud Quotas; each row has dimensions and a value, `None` for one that Google leaves out."""
        reason = {} if eligible else {"ineligibilityReason": "NO_VALID_BILLING_ACCOUNT"}
        self.quota_infos[quota_id] = {
            "quotaId": quota_id,
            "dimensionsInfos": [
                {
                    "dimensions": dimensions,
                    "details": {"value": value} if value is not None else {},
                    "applicableLocations": [dimensions["region"]] if "region" in dimensions else [*ZONES, "global"],
                }
                for dimensions, value in rows
            ],
            "quotaIncreaseEligibility": {"isEligible": eligible, **reason},
        }

    def _unless_off(self, method: str, answer: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        host = f"{method.partition('.')[0]}.googleapis.com"

        def answered(call: Call) -> Answer:
            if host not in self.apis_off:
                return answer(call)
            said = f"{host} has not been used in project 7 before or it is disabled."
            return Refusal(
                403, said, "accessNotConfigured", ({"reason": "SERVICE_DISABLED", "domain": "googleapis.com"},)
            )

        return answered

    def _held(self, call: Call) -> Answer:
        return {"permissions": [each for each in call.body["permissions"] if each not in self.missing_permissions]}

    def _services(self, call: Call) -> Answer:
        assert len(call.parameters["names"]) <= 20  # Google takes no more.
        return {
            "services": [
                {"name": name, "state": "DISABLED" if name.rpartition("/")[2] in self.apis_off else "ENABLED"}
                for name in call.parameters["names"]
            ]
        }

    def _quotas(self, quotas: dict[str, float]) -> list[Json]:
        return [
            {"metric": metric, "limit": limit, "usage": self.in_use.get(metric, 0.0)}
            for metric, limit in quotas.items()
        ]

    def _region(self, name: str) -> Json:
        base = "https://www.googleapis.com/compute/v1/projects/acme-metaflow/zones"
        return {
            "name": name,
            "zones": [f"{base}/{name}-{zone}" for zone in ZONES[name]],
            "quotas": self._quotas(self.quotas[name]),
        }

    def _machine_types(self, call: Call) -> Answer:
        names = [part.removeprefix("(name = ").removesuffix(")") for part in call.parameters["filter"].split(" OR ")]
        return self._offered("machineTypes", names)

    def _offered(self, kind: str, names: list[str]) -> Answer:
        return {
            "items": {
                f"zones/{region}-{zone}": {
                    kind: [{"name": name} for name in names if f"{region}-{zone}" not in self.not_in.get(name, ())]
                }
                for region, zones in ZONES.items()
                for zone in zones
            }
        }

    def _quota_info(self, call: Call) -> Answer:
        return self.quota_infos.get(call.parameters["name"].rpartition("/")[2]) or Refusal(404, "not found", "notFound")

    def _create(self, call: Call) -> Answer:
        name = f"{call.parameters['parent']}/quotaPreferences/{call.parameters['quotaPreferenceId']}"
        if any(each["name"] == name for each in self.preferences):
            return Refusal(409, "already exists", "alreadyExists")
        self.preferences.append({**call.body, "name": name, "reconciling": True})
        return self.preferences[-1]

    def _patch(self, call: Call) -> Answer:
        (found,) = [each for each in self.preferences if each["name"] == call.parameters["name"]]
        found.update(call.body, reconciling=True)
        return found


GPUS = [
    "nvidia-l4",
    "nvidia-tesla-t4",
    "nvidia-tesla-a100",
    "nvidia-a100-80gb",
    "nvidia-h100-80gb",
]


def cloud_quotas_document() -> Json:
    """What Google's own says, as far as preflight asks; google-api-python-client does not bring it."""
    document: Json = json.loads(Path(__file__).with_name("cloudquotas.v1.json").read_text("utf-8"))
    return document


SNAPSHOTS = Path(__file__).parents[3] / "stacks/__snapshots__/test_snapshots"


def synthesized(folder: Path, settings: str, registry: StandInRegistry | None = None) -> Path:
    """What synth writes for some of the settings of the tests, as the snapshots have it.

    Images and charts are in the stand-in for registries, where they all are; without one, none is pulled.
    """
    folder.mkdir()
    manifest = _snapshot(f"test_manifest[{settings}]")
    manifest = manifest | (registry.moved(manifest) if registry else {"images": [], "charts": []})
    (folder / "platform.json").write_text(json.dumps(manifest))
    for stack in ("apis", "infra", "services"):
        (folder / "stacks" / stack).mkdir(parents=True)
        name = f"test_stack[{settings}-{stack}]"
        # There is none of a stack that is the same as with the minimal settings.
        found = _snapshot(name if (SNAPSHOTS / f"{name}.yaml").exists() else f"test_stack[minimal-{stack}]")
        (folder / "stacks" / stack / "cdk.tf.json").write_text(json.dumps(found))
    return folder


@cache
def _snapshot(name: str) -> Json:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return dict(yaml.load((SNAPSHOTS / f"{name}.yaml").read_text("utf-8"), Loader=loader))


STAND_IN_TOOLS = {
    "terraform": '{"terraform_version": "1.13.3"}',
    "gcloud": '{"Google Cloud SDK": "545.0.0"}',
    "kubectl": '{"clientVersion": {"gitVersion": "v1.34.1"}}',
    "gke-gcloud-auth-plugin": "Kubernetes v1.30.0+2da6c8ee9ac4d20ec51f5dd0b0c0ba0ea8ae9ab1",
}
"""What each says of its version."""


def stand_in_tools(folder: Path) -> Path:
    """A folder for the PATH with programs that tell their version and do nothing else."""
    folder.mkdir()
    for name, said in STAND_IN_TOOLS.items():
        write_program(folder / name, f"echo '{said}'")
    return folder


def write_program(file: Path, script: str) -> None:
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
