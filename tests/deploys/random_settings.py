"""Valid settings, drawn at random from the settings' own schema: the same for the same seed.

A key is left out, or gets a value: from `TEXTS` where the schema says no more than that it is a text, else within what
the schema allows, its limits most of all. What the settings then refuse as a whole is left out again.
"""

import random
import re
from collections.abc import Iterator
from typing import Any

from stacks.settings import InvalidSettings, Settings

REGIONS = {"us-west1": "abc", "us-central1": "abcf", "europe-west4": "abc", "us-east1": "bcd"}
SECRETS = ("hf-token", "wandb")
ZONE = {"name": "example-com", "dns_name": "example.com."}
CLIENT_SECRET = "iap-client-secret"
ALERT_SECRETS = ("slack-token", "pagerduty-key")
TOPIC = "alerts"
POOLS = ("cpu", "highmem", "l4", "spot-2")
NETWORK = {
    "project": "acme-network-host",
    "network": "shared",
    "subnetwork": "metaflow",
    "pods_range": "metaflow-pods",
    "services_range": "metaflow-services",
}
_LABELS = ({"purpose": "training"}, {"example.com/memory": "high", "x": ""})
_USERS = ("user:ada@example.com", "group:ml-team@example.com", "user:Bob.B@example.com")

TEXTS: dict[str, tuple[Any, ...]] = {
    "environment": ("dev", "production", "a-2"),
    "region": tuple(REGIONS),
    "labels": ({"team": "ml"}, {"cost-centre": "4711", "team": "ml_2"}),
    "network.nodes_cidr": ("172.16.0.0/21", "100.64.0.0/20", "10.128.0.0/20", "192.168.0.0/22"),
    "network.pods_cidr": ("172.20.0.0/14", "10.16.0.0/12", "100.80.0.0/13"),
    "network.services_cidr": ("172.24.0.0/20", "10.64.0.0/16", "192.168.8.0/27"),
    "network.existing": (NETWORK,),
    "cluster.authorized_networks": ({"office": "203.0.113.0/24"}, {"vpn": "198.51.100.7/32", "all": "192.0.2.0/25"}),
    "cluster.security_group": ("gke-security-groups@example.com",),
    "cluster.maintenance.days": (["MO"], ["SU", "FR", "SA"], ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]),
    "cluster.system_pool.machine_type": ("n2-standard-2", "e2-standard-4", "n2d-standard-8"),
    "task_pools.*.machine_type": (
        "n2-highmem-16",
        "c3-standard-22",
        "e2-highcpu-8",
        "c2-standard-60",
        "n2d-standard-2",
    ),
    "task_pools.*.labels": _LABELS,
    "task_pools.*.taints": (
        [{"key": "dedicated", "value": "training"}],
        [{"key": "a"}, {"key": "example.com/b", "value": "c", "effect": "PREFER_NO_SCHEDULE"}],
    ),
    "gpu_pools.*.machine_type": ("g2-standard-24", "a2-highgpu-1g", "a2-ultragpu-8g", "a3-highgpu-8g", "n1-standard-8"),
    "gpu_pools.*.labels": _LABELS,
    "gpu_pools.*.gpu_type": ("nvidia-tesla-t4", "nvidia-tesla-v100"),
    "gpu_pools.*.gpu_count": (1, 2, 4),
    "gpu_pools.*.max_run_duration_seconds": (600, 86400, 604800),
    "gpu_pools.*.partition_size": ("1g.5gb", "3g.20gb"),
    "gpu_pools.*.sharing": ({"strategy": "MPS", "max_clients": 2}, {"max_clients": 48}),
    "gpu_pools.*.reservation": (
        {"consume_reservation_type": "SPECIFIC_RESERVATION", "names": ["training"]},
        {"consume_reservation_type": "ANY_RESERVATION"},
    ),
    "gpu_pools.*.secondary_boot_disks": ([{"disk_image": "projects/acme-metaflow/global/images/training"}],),
    "database.tier": ("db-custom-4-15360", "db-custom-2-7680", "db-g1-small"),
    "storage.location": ("US", "us-central1", "EU", "eu"),
    "images.metadata_service": ("public.ecr.aws/outerbounds/metaflow_metadata_service:2.5.0", "team/metadata:1"),
    "images.task": ("training:1", "docker.io/library/python:3.12", f"training@sha256:{'0f' * 32}"),
    "access.users": (list(_USERS), [_USERS[1]]),
    "access.admins": (["group:platform@example.com", "serviceAccount:ci@acme-metaflow.iam.gserviceaccount.com"],),
    "access.viewers": (["group:everybody@example.com"],),
    "endpoint.domain": ("metaflow.example.com", "ml.example.com"),
    "endpoint.dns_zone": (ZONE["name"],),
    "endpoint.oauth_client_id": ("123456789012-a1b2c3.apps.googleusercontent.com",),
    "endpoint.oauth_client_secret": (CLIENT_SECRET,),
    "observability.notify": (
        ["mailto:oncall@example.com"],
        ["slack:#alerts", "pagerduty:pagerduty-key", f"pubsub:projects/acme-metaflow/topics/{TOPIC}"],
    ),
    "observability.slack_token_secret": ("slack-token",),
    "observability.billing_account": ("012345-6789AB-CDEF01",),
    "observability.monthly_budget": (500,),
    "jobs.namespace": ("ml-jobs", "jobs"),
    "jobs.secrets": (list(SECRETS), [SECRETS[0]]),
    **{f"jobs.{key}": (64, 96, 1000, 1024) for key in ("total_cpus", "total_memory_gb", "task_cpus", "task_memory_gb")},
    # No more than nodes have addresses for: else all keys would be taken out until it fits.
    "cluster.auto_provisioning.cpus": (32, 512),
    "cluster.auto_provisioning.memory_gb": (128, 2048),
    "jobs.total_gpus": (0, 16),
    "jobs.total_pods": (100, 1000),
}
"""For keys of which the schema does not say enough; other texts are left out."""

GPU_POOLS: tuple[dict[str, Any], ...] = (
    {},
    {"machine_type": "n1-standard-8", "gpu_type": "nvidia-tesla-t4", "gpu_count": 2},
    {"machine_type": "a2-highgpu-1g", "partition_size": "3g.20gb", "sharing": {"strategy": "MPS", "max_clients": 2}},
    {"machine_type": "a3-highgpu-8g", "flex_start": True, "max_run_duration_seconds": 86400},
    {"machine_type": "a2-ultragpu-8g", "compact_placement": True},
    {"machine_type": "g2-standard-24", "spot": True, "driver_version": "LATEST"},
)
"""What fits together; other keys are drawn around it."""

FIXED = {"org_prefix": "acme", "project": "acme-metaflow", "deletion_protection": False}
"""What a rehearsal needs: the project that exists, and that a destroy succeeds."""

_NOT_DRAWN = ("backend",)
"""Where the state is kept is not looked at without Terraform."""


def draw(seed: int) -> dict[str, Any]:
    """What a settings file holds; `load` takes it."""
    chance = random.Random(seed)
    share = chance.choice((0.1, 0.3, 0.6))
    schema = Settings.model_json_schema()
    given: dict[str, Any] = _table(chance, share, schema["properties"], schema["$defs"], "") | FIXED
    tries = 0
    while True:
        try:
            load(given)
        except InvalidSettings as invalid:
            tries += 1
            for problem in invalid.problems:
                _mend(chance, given, problem.where if tries < 10 else "")
        else:
            return given


def spoil(seed: int) -> tuple[dict[str, Any], str]:
    """A valid draw with one key that is wrong, or that there is not; and that key."""
    chance, given = random.Random(f"wrong {seed}"), draw(seed)
    schema = Settings.model_json_schema()
    path, wanted = chance.choice([*_keys(schema["properties"], schema["$defs"], "")])
    *tables, last = (chance.choice(POOLS) if step == "*" else step for step in path.split("."))
    if chance.random() < 0.2:
        last, value = f"{last}x", True
    else:
        value = _wrong(chance, wanted)
    table = given
    for step in tables:
        if not isinstance(table.get(step), dict):
            table[step] = {}
        table = table[step]
    table[last] = value
    return given, ".".join((*tables, last))


def _keys(properties: Any, definitions: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """Every key that is no table of keys: its path, and its schema."""
    for name, each in properties.items():
        inner = definitions[each["$ref"].rsplit("/", 1)[-1]] if "$ref" in each else each
        of_each = inner.get("additionalProperties")
        if "properties" in inner:
            yield from _keys(inner["properties"], definitions, f"{prefix}{name}.")
        elif isinstance(of_each, dict) and "$ref" in of_each:
            pool = definitions[of_each["$ref"].rsplit("/", 1)[-1]]["properties"]
            yield from _keys(pool, definitions, f"{prefix}{name}.*.")
        elif f"{prefix}{name}" != "network.existing":
            yield f"{prefix}{name}", inner


def _wrong(chance: random.Random, schema: dict[str, Any]) -> Any:
    """A value of another type, or beyond a limit."""
    values: list[Any] = [{"a": {"b": 1}}]
    if "minimum" in schema:
        values.append(schema["minimum"] - 1)
    if "maximum" in schema:
        values.append(schema["maximum"] + 1)
    if schema.get("type") in ("boolean", "integer"):
        values.append("many")
    if "enum" in schema:
        values.append("another")
    return chance.choice(values)


def load(given: dict[str, Any]) -> Settings:
    return Settings(**given)


def _table(chance: random.Random, share: float, properties: Any, definitions: Any, prefix: str) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name, each in properties.items():
        path = f"{prefix}{name}"
        if path in FIXED or path in _NOT_DRAWN:
            continue
        inner = definitions[each["$ref"].rsplit("/", 1)[-1]] if "$ref" in each else each
        of_each = inner.get("additionalProperties")
        if path not in TEXTS and "properties" in inner:
            table[name] = _table(chance, share, inner["properties"], definitions, f"{path}.")
        elif path not in TEXTS and isinstance(of_each, dict) and "$ref" in of_each:
            pool = definitions[of_each["$ref"].rsplit("/", 1)[-1]]["properties"]
            if chance.random() < 0.5:
                named = chance.sample(POOLS, chance.randint(0, 3))
                table[name] = {
                    each: _table(chance, share / 2, pool, definitions, f"{path}.*.")
                    | (chance.choice(GPU_POOLS) if path == "gpu_pools" else {})
                    for each in named
                }
        elif chance.random() < share:
            value = _value(chance, path, inner)
            if value is not None:
                table[name] = value
    if "region" in properties and chance.random() < share:
        region = table.get("region", "us-west1")
        table["zones"] = [f"{region}-{zone}" for zone in REGIONS[region][: chance.randint(1, 3)]]
    return table


def _value(chance: random.Random, path: str, schema: dict[str, Any]) -> Any:
    if path in TEXTS:
        return chance.choice(TEXTS[path])
    kinds = [schema, *schema.get("anyOf", [])]
    choices = next((each["enum"] for each in kinds if "enum" in each), None)
    if choices:
        return chance.choice(choices)
    if schema.get("type") == "boolean":
        return chance.random() < 0.5
    if schema.get("type") == "integer" and "minimum" in schema:
        least, most = schema["minimum"], schema.get("maximum", schema["minimum"] + 20)
        return chance.choice((least, most, chance.randint(least, most)))
    return None


def _mend(chance: random.Random, given: dict[str, Any], where: str) -> None:
    """Leaves out the key that is wrong, or the nearest one around it; gives the one that is needed."""
    steps = re.findall(r"[^.\[\]]+", where)
    table: Any = given
    around: list[tuple[Any, str]] = []
    for step in steps:
        if not isinstance(table, dict) or step not in table:
            break
        around.append((table, step))
        table = table[step]
    if len(around) < len(steps) and where in TEXTS:
        table = given
        for step in steps[:-1]:
            table = table.setdefault(step, {})
        table[steps[-1]] = chance.choice(TEXTS[where])
        return
    drawn = [key for key in given if key not in FIXED]
    if not drawn:
        return  # An earlier problem of the same settings took the last key.
    table, step = around[-1] if around and around[-1][1] not in FIXED else (given, chance.choice(drawn))
    del table[step]
