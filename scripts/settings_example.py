"""Write config/example.toml, every setting with its default: python scripts/settings_example.py."""

import json
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from scripts import settings_texts
from stacks.settings import Settings
from stacks.settings.loading import keys

FILE = Path(__file__).parents[1] / "config" / "example.toml"

HEAD = """\
#:schema ./settings.schema.json
# Every setting, with its default. Copy this file to settings.toml beside cdktf.json, and keep what you change.
#
# Only org_prefix and project are required. Each key can come from the environment as well, which wins over this file:
#   METAFLOW_GCP_PROJECT=my-project
#   METAFLOW_GCP_BACKEND__DIRECTORY=state             tables joined by two underscores
#   METAFLOW_GCP_GPU_POOLS__L4__MAX_NODES=2           an entry of a map by its name
#   METAFLOW_GCP_ZONES='["us-west1-a"]'               lists and whole tables as JSON
# METAFLOW_GCP_SETTINGS names another file than settings.toml.
#
# Keys behind a # have no default: what holds without them is said above each.
"""

GIVEN: dict[str, Any] = {"org_prefix": "acme", "project": "acme-metaflow"}
"""The required ones."""

SAMPLES: dict[str, Any] = {
    "impersonate_service_account": "deployer@acme-metaflow.iam.gserviceaccount.com",
    "backend.bucket": "acme-terraform-state",
    "network.existing": {
        "project": "acme-network-host",
        "network": "shared",
        "subnetwork": "metaflow",
        "pods_range": "pods",
        "services_range": "services",
    },
    "cluster.security_group": "gke-security-groups@example.com",
    "endpoint.domain": "metaflow.example.com",
    "endpoint.dns_zone": "example-com",
    "endpoint.oauth_client_id": "123456789012-a1b2c3.apps.googleusercontent.com",
    "endpoint.oauth_client_secret": "iap-client-secret",
    "observability.slack_token_secret": "slack-token",
    "observability.billing_account": "012345-6789AB-CDEF01",
    "observability.monthly_budget": 500,
    "cluster.system_pool.vcpus": 2,
    "cluster.system_pool.memory_gb": 8,
    "task_pools.cpu.vcpus": 8,
    "task_pools.cpu.memory_gb": 32,
    "task_pools.cpu.disk_type": "pd-balanced",
    "task_pools.cpu.zones": ["us-west1-a"],
    "task_pools.cpu.taints": [{"key": "dedicated", "value": "training", "effect": "NO_SCHEDULE"}],
    "gpu_pools.l4.vcpus": 12,
    "gpu_pools.l4.memory_gb": 48,
    "gpu_pools.l4.disk_type": "pd-balanced",
    "gpu_pools.l4.zones": ["us-west1-a"],
    "gpu_pools.l4.gpu_type": "nvidia-tesla-t4",
    "gpu_pools.l4.gpu_count": 1,
    "gpu_pools.l4.gpu_quota_metric": "NVIDIA_T4_GPUS",
    "gpu_pools.l4.max_run_duration_seconds": 86400,
    "gpu_pools.l4.sharing": {"strategy": "TIME_SHARING", "max_clients": 2},
    "gpu_pools.l4.partition_size": "1g.5gb",
    "gpu_pools.l4.reservation": {"consume_reservation_type": "SPECIFIC_RESERVATION", "names": ["my-reservation"]},
    "gpu_pools.l4.secondary_boot_disks": [{"disk_image": "projects/acme-metaflow/global/images/training"}],
    "storage.location": "us-west1",
    "jobs.total_cpus": 512,
    "jobs.total_memory_gb": 2048,
    "jobs.total_gpus": 8,
    "jobs.total_pods": 500,
    "jobs.task_cpus": 32,
    "jobs.task_memory_gb": 128,
}
"""What may stand where there is no default."""

OTHERWISE = ("backend.prefix",)
"""They have a default, and are refused beside the defaults of others."""


def text() -> str:
    settings = Settings.model_construct(None, **GIVEN, zones=("us-west1-a", "us-west1-b", "us-west1-c"))
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join([HEAD, *_table(settings, "")])) + "\n"


def _table(table: Any, path: str) -> Iterator[str]:
    """The lines of a table: first its own keys, then the tables in it."""
    kind_of_table: Any = type(table)
    said = settings_texts.of_keys(kind_of_table)
    inner = []
    for name, hint in keys.keys_of(kind_of_table).items():
        where, value = f"{path}{name}", getattr(table, name)
        kind, by_name = keys.table_in(hint)
        if kind and value not in (None, ()):
            inner.append((where, value, by_name, said.get(name)))
            continue
        yield from _comment(said[name])
        if where in SAMPLES:
            yield f"# {'' if value is None else 'For example: '}{name} = {_toml(SAMPLES[where])}"
        if value is not None:
            yield f"{'# ' if where in OTHERWISE else ''}{name} = {_toml(value)}"
        if not path:
            yield ""
    for where, value, by_name, text_of_key in inner:
        yield from ("", "") if not path else ("",)
        yield from _comment(text_of_key or settings_texts.of_table(type(value)))
        entries = value.items() if by_name else [("", value)]
        for name, entry in entries:
            header = f"{where}.{name}" if name else where
            yield f"[{header}]"
            yield from _table(entry, f"{header}.")


def _comment(said: str) -> Iterator[str]:
    for paragraph in said.split("\n\n"):
        yield from textwrap.wrap(
            " ".join(paragraph.split()),
            118,
            initial_indent="# ",
            subsequent_indent="# ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def _toml(value: Any) -> str:
    match value:
        case dict():
            return f"{{ {', '.join(f'{name} = {_toml(each)}' for name, each in value.items())} }}" if value else "{}"
        case list() | tuple():
            return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value)


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
    print(f"wrote {FILE.name}")
