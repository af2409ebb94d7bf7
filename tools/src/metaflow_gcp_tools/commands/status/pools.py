"""Node pools: their limits, as GKE's API has them, and their nodes, as Kubernetes has them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from metaflow_gcp_tools.clients import google as google_apis
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered
from metaflow_gcp_tools.commands.status import node_labels
from metaflow_gcp_tools.commands.status.reading import ASK_USERS, Unknown
from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.prices.node import Node

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Pool:
    name: str
    machine_type: str
    gpu: str | None
    gpus_per_node: int
    gpus_divided: bool
    """Whether a GPU is partitioned or shared, so that a node has more of them to give."""
    disk_size_gb: int | None
    """Of the boot disk; `None` when the tasks' files lie elsewhere, or it is not told."""
    min_nodes: int
    max_nodes: int
    """Over all zones."""
    status: str
    """https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters.nodePools#status"""
    conditions: tuple[tuple[str, str], ...]
    """Code and message of what GKE has to say of it, such as `GCE_STOCKOUT`."""
    node: Node
    """What one of its nodes costs by."""
    labels: Mapping[str, frozenset[str]]
    """Of its nodes, with the values that they can have, as far as they are known: see `node_labels`."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    version: str
    status: str
    """https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters#status"""
    message: str
    pools: tuple[Pool, ...]
    auto_provisioned: frozenset[str]
    """What GKE may make pools with: `cpu`, `memory`, and types of GPUs. Empty: it makes none."""
    own_labels: frozenset[str]
    """The names of labels that people gave to any pool."""

    def lacking(self, pool: Pool, wanted: Mapping[str, str]) -> set[str]:
        """The names of the labels that no node of the pool has."""
        own = self.own_labels
        return {key for key, value in wanted.items() if not node_labels.may_have(pool.labels, key, value, own=own)}


def cluster(platform: Platform) -> Cluster | Unknown:
    """As GKE's API describes it. The right to see it, `container.clusters.get`, is one that users have."""
    name = f"projects/{platform.project}/locations/{platform.cluster_location}/clusters/{platform.cluster_name}"
    what = "the node pools' limits and the cluster's version"
    try:
        # Less patience than elsewhere: the rest of a status does not depend on it.
        method = "container.projects.locations.clusters.get"
        return _cluster(google_apis.call(method, retries=1, timeout=TIMEOUT_SECONDS, name=name))
    except Unanswered as error:
        if error.cause is Cause.FORBIDDEN:
            return Unknown(what, ASK_USERS)
        return Unknown(what, f"{error.what}: {error.next_step}")


def _cluster(found: Mapping[str, Any]) -> Cluster:
    scaling = found.get("autoscaling", {})
    return Cluster(
        version=found.get("currentMasterVersion", ""),
        status=found.get("status", ""),
        message=found.get("statusMessage", ""),
        pools=tuple(_pool(each) for each in found.get("nodePools", ())),
        auto_provisioned=frozenset(
            limit["resourceType"]
            for limit in scaling.get("resourceLimits", ())
            if scaling.get("enableNodeAutoprovisioning")
        ),
        own_labels=node_labels.own_names(found.get("nodePools", ())),
    )


def _pool(found: Mapping[str, Any]) -> Pool:
    config, scaling = found.get("config", {}), found.get("autoscaling", {})
    zones = found.get("locations", [])
    # Older pools count nodes in each zone.
    least = scaling.get("totalMinNodeCount") or scaling.get("minNodeCount", 0) * len(zones)
    most = scaling.get("totalMaxNodeCount") or scaling.get("maxNodeCount", 0) * len(zones)
    if not scaling.get("enabled"):
        least = most = found.get("initialNodeCount", 0) * len(zones)
    gpu: dict[str, Any] = next(iter(config.get("accelerators", ())), {})
    return Pool(
        name=found["name"],
        machine_type=config.get("machineType", ""),
        gpu=gpu.get("acceleratorType"),
        gpus_per_node=int(gpu.get("acceleratorCount", 0)),
        gpus_divided="gpuPartitionSize" in gpu or "gpuSharingConfig" in gpu,
        disk_size_gb=None if config.get("ephemeralStorageLocalSsdConfig") else config.get("diskSizeGb"),
        min_nodes=least,
        max_nodes=most,
        status=found.get("status", ""),
        conditions=tuple((each.get("code", ""), each.get("message", "")) for each in found.get("conditions", ())),
        node=Node(
            machine_type=config.get("machineType", ""),
            provisioning="spot" if config.get("spot") else "flex-start" if config.get("flexStart") else "on demand",
            gpus={each["acceleratorType"]: int(each["acceleratorCount"]) for each in config.get("accelerators", ())},
            disk_type=config.get("diskType", "pd-balanced"),
            disk_gb=config.get("diskSizeGb", 100),
        ),
        labels=node_labels.of_pool(found),
    )


def nodes_of(nodes: Iterable[Any]) -> dict[str, int]:
    """Pool -> how many nodes it has now."""
    counts: dict[str, int] = {}
    for node in nodes:
        pool = (node.metadata.labels or {}).get(node_labels.POOL, "")
        counts[pool] = counts.get(pool, 0) + 1
    return counts


def not_ready(nodes: Iterable[Any]) -> list[str]:
    """Nodes that do not work, with what they say."""
    return [
        f"{node.metadata.name}: {condition.message or condition.reason}"
        for node in nodes
        for condition in node.status.conditions or ()
        if condition.type == "Ready" and condition.status != "True"
    ]
