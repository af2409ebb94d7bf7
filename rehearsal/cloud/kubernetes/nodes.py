"""Whether the nodes that pods ask for can run them: their processor, and the disks that their volumes are on.

The scheduler finds nothing wrong with a volume; attaching it fails, and the pod waits until Helm gives up. An image of
another processor is kept away by the taint that GKE gives Arm nodes.
https://cloud.google.com/kubernetes-engine/docs/how-to/prepare-arm-workloads-for-deployment
"""

from typing import Any

from rehearsal.cloud import machine_families
from rehearsal.cloud.model import Cloud, Key
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.values import UNKNOWN
from rehearsal.protocol.walk import first

ARCHITECTURE = "kubernetes.io/arch"

BUILT_IN = {"standard": "pd-standard", "standard-rwo": "pd-balanced", "premium-rwo": "pd-ssd"}
"""GKE's own classes. https://cloud.google.com/kubernetes-engine/docs/concepts/persistent-volumes"""


def check(cloud: Cloud, cluster: Key, what: str, selector: dict[str, str], tolerated: set[str]) -> None:
    """Refuses pods that only Arm nodes could run, and that do not tolerate those."""
    machines = _machines(cloud, cluster, selector)
    if machines and all(map(machine_families.is_arm, machines)) and ARCHITECTURE not in tolerated:
        raise Refused(
            f"Waiting for rollout of {what} to finish: its pods are Pending: 0 nodes are available: "
            f"untolerated taint {{{ARCHITECTURE}: arm64}}",
            f"They ask for the nodes {selector}, which are {', '.join(sorted(machines))}.",
        )


def check_volumes(cloud: Cloud, cluster: Key, what: str, selector: dict[str, str], storage_class: str) -> None:
    """Refuses volumes that none of these nodes takes."""
    disk = _disk_type(cloud, cluster, storage_class)
    if disk is None:
        raise Refused(
            "context deadline exceeded", f'{what} is Pending: storageclass.storage.k8s.io "{storage_class}" not found'
        )
    machines = _machines(cloud, cluster, selector)
    taken = {machine: machine_families.boot_disks(machine) for machine in machines}
    if machines and all(disks is not None and disk not in disks for disks in taken.values()):
        raise Refused(
            "context deadline exceeded",
            f"{what} is Pending: AttachVolume.Attach failed: googleapi: Error 400: {disk} disk type cannot be used by "
            f"{min(machines)} machine type., badRequest",
        )


def _machines(cloud: Cloud, cluster: Key, selector: dict[str, str]) -> set[str]:
    """The machine types of the cluster's pools that have these labels."""
    name = cluster.id.rpartition("/")[2]
    return {
        str(first(each.state, "node_config.machine_type", "e2-medium"))
        for each in cloud.all("google_container_node_pool", cluster.scope)
        if str(each.state["cluster"]).rpartition("/")[2] == name
        and selector.items() <= dict(first(each.state, "node_config.labels", {}) or {}).items()
    }


def _disk_type(cloud: Cloud, cluster: Key, storage_class: str) -> str | None:
    if storage_class in BUILT_IN:
        return BUILT_IN[storage_class]
    found = cloud.get(Key("kubernetes_storage_class", cluster.id, storage_class))
    parameters: Any = found.state.get("parameters") if found else None
    return None if found is None or parameters is UNKNOWN else str((parameters or {}).get("type", "pd-standard"))
