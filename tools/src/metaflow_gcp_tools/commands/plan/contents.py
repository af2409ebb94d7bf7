"""What a deployment creates, what of it costs while no task runs, and what grows with the tasks."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.commands.plan import kinds, protection
from metaflow_gcp_tools.platform import stacks as written


@dataclass(frozen=True, kw_only=True)
class Created:
    """Resources of one type in one stack."""

    stack: str
    type: str
    name: str
    """In plain words."""
    count: int


@dataclass(frozen=True, kw_only=True)
class Scales:
    """What grows and shrinks by itself."""

    what: str
    unit: str
    at_least: int
    at_most: int


@dataclass(frozen=True)
class Stacks:
    """The JSON that Terraform gets, by stack."""

    configurations: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, folder: Path) -> "Stacks":
        """Raise `WrongUse` when synth has not written the folder."""
        return cls(written.read(folder))

    def of_type(self, type_: str) -> list[dict[str, Any]]:
        return [
            resource
            for configuration in self.configurations.values()
            for resource in configuration.get("resource", {}).get(type_, {}).values()
        ]


def creates(stacks: Stacks) -> list[Created]:
    """Resources by kind and stack: what stands in Google Cloud and in the cluster, and random values.

    The same number as the rehearsal's and the bench's. Not counted is what is only looked up (data sources), and
    Terraform's own guard in each stack.
    """
    found = []
    for stack, configuration in stacks.configurations.items():
        for type_, resources in configuration.get("resource", {}).items():
            if type_ == protection.GUARD:
                continue
            kind = kinds.KINDS.get(type_) or kinds.of(type_, {})
            count = len(resources)
            found.append(Created(stack=stack, type=type_, name=kind.one if count == 1 else kind.many, count=count))
    return found


def at_rest(stacks: Stacks) -> list[str]:
    """What is paid for while no task runs, without prices: these change, and differ by contract."""
    return [
        *(
            f"GKE's management fee for the cluster {each['name']}"
            for each in stacks.of_type("google_container_cluster")
        ),
        *_idle_nodes(stacks),
        *_databases(stacks),
        *_event_bus(stacks),
        *_network(stacks),
        *(f"what lies in the bucket {each['name']}{_kept(each)}" for each in stacks.of_type("google_storage_bucket")),
        *_count(
            "image registry, for the images in it", "image registries, for the images in them", _registries(stacks)
        ),
    ]


def _idle_nodes(stacks: Stacks) -> Iterator[str]:
    for pool in stacks.of_type("google_container_node_pool"):
        node = pool["node_config"]
        if nodes := _bounds(pool)[0]:
            yield (
                f"{nodes} node{'s' if nodes > 1 else ''} of the pool {pool['name']}: {_node(pool)}, "
                f"{node['disk_size_gb']} GB {node['disk_type']}"
            )


def _databases(stacks: Stacks) -> Iterator[str]:
    for instance in stacks.of_type("google_sql_database_instance"):
        settings = instance["settings"]
        standby = ", and a standby of the same size" if settings.get("availability_type") == "REGIONAL" else ""
        grows = ", which grows by itself" if settings.get("disk_autoresize") else ""
        backups = settings.get("backup_configuration", {}).get("backup_retention_settings", {}).get("retained_backups")
        yield (
            f"Cloud SQL {settings['tier']} with {settings['disk_size']} GB {settings['disk_type']}{grows}{standby}"
            + (f", and {backups} backups" if backups else "")
        )


def _event_bus(stacks: Stacks) -> Iterator[str]:
    """Its volumes are made by Kubernetes, as the values of the chart say."""
    for release in stacks.of_type("helm_release"):
        for values in release.get("values", ()):
            # Of other charts they may be YAML, or a reference.
            if values.startswith("{") and (bus := json.loads(values).get("eventBus")):
                replicas = bus["replicas"]
                yield f"{replicas} disk{'s' if replicas > 1 else ''} of {bus['volumeSize']} for the event bus"


def _network(stacks: Stacks) -> Iterator[str]:
    yield from _count(
        "Cloud NAT gateway with its address", "Cloud NAT gateways", stacks.of_type("google_compute_router_nat")
    )
    yield from _count(
        "forwarding rule, the database's internal endpoint",
        "forwarding rules",
        stacks.of_type("google_compute_forwarding_rule"),
    )
    if any("log_config" in each for each in stacks.of_type("google_compute_subnetwork")):
        yield "flow logs of the network in Cloud Logging"


def _count(one: str, many: str, resources: list[dict[str, Any]]) -> Iterator[str]:
    if resources:
        yield f"{len(resources)} {one if len(resources) == 1 else many}"


def _kept(bucket: dict[str, Any]) -> str:
    seconds = int(bucket.get("soft_delete_policy", {}).get("retention_duration_seconds", 0))
    return f", deleted objects for {seconds // 86400} days more" if seconds else ""


def _registries(stacks: Stacks) -> list[dict[str, Any]]:
    """A virtual one holds nothing itself."""
    registries = stacks.of_type("google_artifact_registry_repository")
    return [each for each in registries if each.get("mode") != "VIRTUAL_REPOSITORY"]


def scales(stacks: Stacks) -> list[Scales]:
    """Node pools, and what GKE may add to them by auto-provisioning."""
    pools = [
        Scales(
            what=f"pool {pool['name']}: {_node(pool)}",
            unit="nodes",
            at_least=_bounds(pool)[0],
            at_most=_bounds(pool)[1],
        )
        for pool in stacks.of_type("google_container_node_pool")
    ]
    together = [
        Scales(
            what="auto-provisioned nodes and all pools together",
            unit=_UNITS.get(limit["resource_type"], f"GPUs {limit['resource_type']}"),
            at_least=int(limit.get("minimum", 0)),
            at_most=int(limit["maximum"]),
        )
        for cluster in stacks.of_type("google_container_cluster")
        for limit in cluster.get("cluster_autoscaling", {}).get("resource_limits", ())
    ]
    return pools + together


_UNITS = {"cpu": "CPUs", "memory": "GB of memory"}


def _bounds(pool: dict[str, Any]) -> tuple[int, int]:
    """Nodes over all zones, least and most."""
    scaling = pool.get("autoscaling", {})
    return int(scaling.get("total_min_node_count", 0)), int(scaling.get("total_max_node_count", 0))


def _node(pool: dict[str, Any]) -> str:
    node = pool["node_config"]
    gpus = [f"{gpu['count']} x {gpu['type']}" for gpu in node.get("guest_accelerator", ())]
    spot = ["spot"] if node.get("spot") else []
    flex_start = ["flex-start"] if node.get("flex_start") else []
    return ", ".join([node["machine_type"], *gpus, *spot, *flex_start])
