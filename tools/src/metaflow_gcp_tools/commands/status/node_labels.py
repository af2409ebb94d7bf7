"""The labels of a pool's nodes, with the values that they can have: what a `node_selector` can ask for.

GKE and the kubelet set most of them by themselves. Those that follow from what GKE's API tells of the pool are computed
here. All others below the domains of Kubernetes and GKE are unknown: a pool may have them, with any value.

Which there are: module k8s.io/gke-autoscaling/cluster-autoscaler, package cloudprovider/gke/labels, and
https://kubernetes.io/docs/reference/labels-annotations-taints/.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from metaflow_gcp_tools.platform import machine_types

POOL = "cloud.google.com/gke-nodepool"
ACCELERATOR = "cloud.google.com/gke-accelerator"

_SYSTEM_LABEL = re.compile(r".*\b(?:cloud\.google\.com|kubernetes\.io|gke\.io|k8s\.io|gke\.networks\.io)/.*")
"""Where GKE and Kubernetes may set labels that are not known here: `IsSystemLabel` of that package."""

_PROVISIONING = {"flexStart": "flex-start", "spot": "spot", "preemptible": "preemptible"}
_SHARING = {"TIME_SHARING": "time-sharing", "MPS": "mps"}

_ZONE = ("topology.kubernetes.io/zone", "topology.gke.io/zone", "failure-domain.beta.kubernetes.io/zone")
_REGION = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
_MACHINE_TYPE = ("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type")
_ARCHITECTURE = ("kubernetes.io/arch", "beta.kubernetes.io/arch")
_SYSTEM = ("kubernetes.io/os", "beta.kubernetes.io/os")


def may_have(labels: Mapping[str, frozenset[str]], key: str, value: str, *, own: frozenset[str]) -> bool:
    """Whether a node of a pool with these labels may have this one. `own`: the names that people gave to any pool.

    What is neither known nor given to any pool proves nothing: people label nodes by hand, too.
    """
    return value in labels[key] if key in labels else key not in own


def of_pool(pool: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Of a pool as GKE's API describes it (`...clusters.nodePools`). Without any value: its nodes lack the label."""
    config = pool.get("config", {})
    zones = pool.get("locations", [])
    machine_type = config.get("machineType", "")
    gpus: Mapping[str, Any] = next(iter(config.get("accelerators", ())), {})
    sharing = gpus.get("gpuSharingConfig", {})
    return {
        POOL: _values(pool["name"]),
        "cloud.google.com/gke-spot": _values("true" if config.get("spot") else None),
        "cloud.google.com/gke-preemptible": _values("true" if config.get("preemptible") else None),
        "cloud.google.com/gke-flex-start": _values("true" if config.get("flexStart") else None),
        "cloud.google.com/gke-provisioning": _values(
            next((name for key, name in _PROVISIONING.items() if config.get(key)), "standard")
        ),
        ACCELERATOR: _values(gpus.get("acceleratorType")),
        "cloud.google.com/gke-gpu-partition-size": _values(gpus.get("gpuPartitionSize")),
        **_all(_ZONE, zones),
        **_all(_REGION, {zone.rpartition("-")[0] for zone in zones}),
        **_all(_SYSTEM, ["windows" if config.get("imageType", "").startswith("WINDOWS") else "linux"]),
        "cloud.google.com/gke-gpu-sharing-strategy": _values(_SHARING.get(sharing.get("gpuSharingStrategy"))),
        "cloud.google.com/gke-max-shared-clients-per-gpu": _values(sharing.get("maxSharedClientsPerGpu")),
        **_told(
            {
                **dict.fromkeys(_MACHINE_TYPE, machine_type),
                **dict.fromkeys(_ARCHITECTURE, machine_types.architecture(machine_type)),
                "cloud.google.com/machine-family": machine_types.family(machine_type),
                "cloud.google.com/gke-boot-disk": config.get("diskType"),
                "cloud.google.com/gke-max-pods-per-node": pool.get("maxPodsConstraint", {}).get("maxPodsPerNode"),
            }
        ),
        **{key: _values(value) for key, value in config.get("labels", {}).items()},
    }


def own_names(pools: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The names of labels that people gave to any of these pools, GKE's and Kubernetes' own left out."""
    names = {key for pool in pools for key in pool.get("config", {}).get("labels", {})}
    return frozenset(name for name in names if not _SYSTEM_LABEL.fullmatch(name))


def _values(value: Any) -> frozenset[str]:
    return frozenset() if value is None else frozenset({str(value)})


def _all(keys: Iterable[str], values: Iterable[str]) -> dict[str, frozenset[str]]:
    return dict.fromkeys(keys, frozenset(values))


def _told(values: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Only what GKE's API tells: the rest stays unknown."""
    return {key: _values(value) for key, value in values.items() if value}
