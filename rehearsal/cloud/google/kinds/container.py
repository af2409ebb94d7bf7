"""Google Kubernetes Engine: clusters and node pools."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

from rehearsal.cloud import invent, machine_families
from rehearsal.cloud.google import cluster_limits
from rehearsal.cloud.google.request import Request
from rehearsal.cloud.model import Key
from rehearsal.protocol.errors import Refused

VERSION = "1.33.5-gke.1201000"
PREFIX = "https://container.googleapis.com/v1/"

GPUS = {
    "nvidia-l4": (r"g2-standard-(?P<n>4|8|12|16|32|24|48|96)$", "NVIDIA_L4_GPUS"),
    "nvidia-tesla-a100": (r"a2-(highgpu-[1248]g|megagpu-16g)$", "NVIDIA_A100_GPUS"),
    "nvidia-a100-80gb": (r"a2-ultragpu-[1248]g$", "NVIDIA_A100_80GB_GPUS"),
    "nvidia-h100-80gb": (r"a3-highgpu-[1248]g$", "NVIDIA_H100_GPUS"),
    "nvidia-h100-mega-80gb": (r"a3-megagpu-8g$", "NVIDIA_H100_MEGA_GPUS"),
    "nvidia-h200-141gb": (r"a3-ultragpu-8g$", "NVIDIA_H200_GPUS"),
    "nvidia-b200": (r"a4-highgpu-8g$", "NVIDIA_B200_GPUS"),
    "nvidia-rtx-pro-6000": (r"g4-standard-(48|96|192|384)$", ""),
    "nvidia-tesla-t4": (r"n1-", "NVIDIA_T4_GPUS"),
    "nvidia-tesla-v100": (r"n1-", "NVIDIA_V100_GPUS"),
    "nvidia-tesla-p4": (r"n1-", "NVIDIA_P4_GPUS"),
    "nvidia-tesla-p100": (r"n1-", "NVIDIA_P100_GPUS"),
}
"""Accelerator type -> the machine types it comes with, and its regional quota metric ("" where none is known)."""

_G2 = {"24": 2, "48": 4, "96": 8}
_G4 = {"48": 1, "96": 2, "192": 4, "384": 8}
_N1 = {
    "nvidia-tesla-t4": (1, 2, 4),
    "nvidia-tesla-v100": (1, 2, 4, 8),
    "nvidia-tesla-p4": (1, 2, 4),
    "nvidia-tesla-p100": (1, 2, 4),
}


def cluster(request: Request) -> dict[str, Any]:
    location = str(request.get("location", ""))
    region = "-".join(location.split("-")[:2])
    dns = f"gke-{request.digest('dns', length=32)}-{request.number}.{region}.gke.goog"
    address = invent.address(*request.seed("endpoint"), network="34.64.0.0/12")
    authority = (Path(__file__).parent.parent / "cluster-ca.pem").read_bytes()
    zones = [f"{location}-{letter}" for letter in "abc"] if location == region else []
    return {
        "endpoint": address,
        "master_version": VERSION,
        "node_version": VERSION,
        "cluster_ipv4_cidr": "10.96.0.0/14",
        "services_ipv4_cidr": "34.118.224.0/20",
        "node_locations": zones,
        "self_link": f"{PREFIX}{request.key.id}",
        "logging_service": "logging.googleapis.com/kubernetes",
        "monitoring_service": "monitoring.googleapis.com/kubernetes",
        "networking_mode": "VPC_NATIVE",
        "label_fingerprint": request.digest("labels"),
        "operation": "",
        "tpu_ipv4_cidr_block": "",
        "default_max_pods_per_node": 110,
        "datapath_provider": "",
        "private_ipv6_google_access": "",
        "master_auth": [{"cluster_ca_certificate": _base64(authority), "client_certificate": "", "client_key": ""}],
        "control_plane_endpoints_config": [
            {
                "dns_endpoint_config": [
                    {
                        "endpoint": dns,
                        "allow_external_traffic": False,
                        "enable_k8s_certs_via_dns": False,
                        "enable_k8s_tokens_via_dns": False,
                    }
                ],
                "ip_endpoints_config": [{"enabled": True}],
            }
        ],
        "private_cluster_config": [{"public_endpoint": address, "private_endpoint": "10.0.0.2", "peering_name": ""}],
    }


def node_pool(request: Request) -> dict[str, Any]:
    project, pool = request.project, request.get("name", "")
    cluster_name = str(request.get("cluster", "")).rsplit("/", 1)[-1]
    location = str(request.get("location", ""))
    zones = request.get("node_locations") or (
        [f"{location}-a", f"{location}-b", f"{location}-c"] if location.count("-") == 1 else [location]
    )
    groups = [
        f"projects/{project}/zones/{zone}/instanceGroups/gke-{cluster_name[:16]}-{pool[:16]}-{request.digest(zone)}-grp"
        for zone in zones
    ]
    nodes = request.get("initial_node_count", 0)
    return {
        "version": VERSION,
        "node_locations": zones,
        "initial_node_count": nodes,
        "node_count": request.get("node_count", nodes),
        "max_pods_per_node": 110,
        "name_prefix": "",
        "operation": "",
        "instance_group_urls": [
            f"https://www.googleapis.com/compute/v1/{group}".replace("/instanceGroups/", "/instanceGroupManagers/")
            for group in groups
        ],
        "managed_instance_group_urls": [f"https://www.googleapis.com/compute/v1/{group}" for group in groups],
        "management": [{"auto_repair": True, "auto_upgrade": True, "upgrade_options": []}],
        "upgrade_settings": [{"max_surge": 1, "max_unavailable": 0, "strategy": "SURGE", "blue_green_settings": []}],
        "node_config": [
            {
                "machine_type": "e2-medium",
                "disk_size_gb": 100,
                "disk_type": "pd-balanced",
                "image_type": "COS_CONTAINERD",
            }
        ],
    }


def deletion_protection(request: Request) -> None:
    if request.get("deletion_protection", False):
        raise Refused(
            "Cannot destroy cluster because deletion_protection is set to true. Set it to false to proceed with "
            "cluster deletion."
        )


def network_policy_and_dataplane(request: Request) -> None:
    if request.get("datapath_provider") == "ADVANCED_DATAPATH" and request.get("network_policy.enabled"):
        raise request.refuse(
            "googleapi: Error 400: Enabling NetworkPolicy for clusters with DatapathProvider=ADVANCED_DATAPATH is "
            "not allowed, badRequest"
        )


def secondary_ranges_exist(request: Request) -> None:
    """A VPC-native cluster names secondary ranges of its own subnet."""
    subnet = str(request.get("subnetwork", "")).rsplit("/", 1)[-1]
    found = [each.state for each in request.cloud.all("google_compute_subnetwork") if each.state["name"] == subnet]
    ranges = {each["range_name"] for state in found for each in state.get("secondary_ip_range") or []}
    for name in ("cluster_secondary_range_name", "services_secondary_range_name"):
        asked = request.get(f"ip_allocation_policy.{name}")
        if asked and found and asked not in ranges:
            raise request.refuse(
                f'googleapi: Error 400: Secondary range "{asked}" does not exist in subnetwork "{subnet}"., badRequest',
                path=("ip_allocation_policy", 0, name),
            )


def boot_disk_fits(request: Request) -> None:
    """Each machine type takes certain types of disk only."""
    machine, disk = str(request.get("node_config.machine_type", "e2-medium")), request.get("node_config.disk_type")
    taken = machine_families.boot_disks(machine)
    if disk and taken is not None and disk not in taken:
        raise request.refuse(
            f"googleapi: Error 400: {disk} disk type cannot be used by {machine} machine type., badRequest",
            path=("node_config", 0, "disk_type"),
        )


def accelerator_fits(request: Request) -> None:
    """A GPU comes with certain machine types, in certain numbers."""
    machine = str(request.get("node_config.machine_type", "e2-medium"))
    accelerator, count = (
        request.get("node_config.guest_accelerator.type"),
        request.get("node_config.guest_accelerator.count", 0),
    )
    path = ("node_config", 0, "guest_accelerator")
    if not accelerator:
        return
    if accelerator not in GPUS and not _is_known(machine):
        request.cloud.note(f"{request.key.id}: whether there is a {accelerator} for {machine} is not known here")
        return
    if accelerator not in GPUS:
        raise request.refuse(
            f'googleapi: Error 400: Accelerator type "{accelerator}" does not exist in zone., badRequest', path=path
        )
    if not re.match(GPUS[accelerator][0], machine):
        raise request.refuse(
            f'googleapi: Error 400: Accelerator type "{accelerator}" is not supported with machine type '
            f'"{machine}"., badRequest',
            path=path,
        )
    if str(request.get("location", "")).count("-") == 1 and not request.get("node_locations"):
        raise request.refuse(
            f'googleapi: Error 400: Accelerator type "{accelerator}" does not exist in every zone of '
            f"{request.get('location')}: node_locations must name the zones., badRequest",
            path=("node_locations",),
        )
    allowed = per_node(accelerator, machine)
    if count not in allowed:
        raise request.refuse(
            f"googleapi: Error 400: {machine} takes {' or '.join(map(str, allowed))} of {accelerator}, not "
            f"{count}., badRequest",
            path=path,
        )


def _is_known(machine: str) -> bool:
    """Whether it is of a family whose GPUs are known; newer ones come every few months."""
    families = {re.split(r"[-(]", pattern, maxsplit=1)[0] for pattern, _ in GPUS.values()}
    return machine.split("-", 1)[0] in families | {"e2", "c3", "n2", "n4"}


def per_node(accelerator: str, machine: str) -> tuple[int, ...]:
    """How many of an accelerator a machine type may have."""
    if machine.startswith("n1-"):
        return _N1[accelerator]
    size = machine.rsplit("-", 1)[-1]
    if machine.startswith("g2-"):
        return (_G2.get(size, 1),)
    return (_G4[size],) if machine.startswith("g4-") else (int(size.removesuffix("g")),)


def gpu_quota(request: Request) -> None:
    """The nodes a pool starts with must fit in what is left of the quotas. A metric nobody set is not limited."""
    accelerator = request.get("node_config.guest_accelerator.type")
    if not accelerator or accelerator not in GPUS:
        return
    location = str(request.get("location", ""))
    region = "-".join(location.split("-")[:2])
    needed = _gpus(request.state)
    spot = request.get("node_config.spot") or request.get("node_config.preemptible")
    metric = ("PREEMPTIBLE_" if spot else "") + GPUS[accelerator][1]
    others = [
        each.state
        for each in request.cloud.all("google_container_node_pool", request.project)
        if each.key != request.key
    ]
    for where, name, same in (
        (region, metric, [o for o in others if _metric(o) == metric and str(o["location"]).startswith(region)]),
        ("global", "GPUS_ALL_REGIONS", others),
    ):
        limit = request.cloud.quota(request.project, where, name)
        used = sum(_gpus(other) for other in same)
        if limit is not None and used + needed > limit:
            raise request.refuse(
                f'googleapi: Error 403: Insufficient quota to satisfy the request: resource "{name}": request '
                f"requires '{needed:.1f}' "
                f"and is short '{used + needed - limit:.1f}'. project has a quota of '{limit:.1f}' with "
                f"'{limit - used:.1f}' available "
                f"in {where}., forbidden"
            )


def _metric(pool: dict[str, Any]) -> str:
    config = (pool.get("node_config") or [{}])[0]
    accelerators = config.get("guest_accelerator") or []
    if not accelerators or accelerators[0]["type"] not in GPUS:
        return ""
    return ("PREEMPTIBLE_" if config.get("spot") or config.get("preemptible") else "") + GPUS[accelerators[0]["type"]][
        1
    ]


def _gpus(pool: dict[str, Any]) -> float:
    """The GPUs of the nodes a pool has from the start."""
    config = (pool.get("node_config") or [{}])[0]
    accelerators = config.get("guest_accelerator") if isinstance(config, dict) else None
    if not isinstance(accelerators, list) or not accelerators:
        return 0.0
    location = str(pool.get("location", ""))
    zones = pool.get("node_locations")
    spread = len(zones) if isinstance(zones, list) and zones else 3 if location.count("-") == 1 else 1
    scaling = (pool.get("autoscaling") or [{}])[0]
    counts = [pool.get("initial_node_count"), pool.get("node_count"), scaling.get("min_node_count")]
    nodes = max(
        [spread * each for each in counts if isinstance(each, int)] + [scaling.get("total_min_node_count") or 0]
    )
    return float(nodes * (accelerators[0].get("count") or 0))


def workload_identity_pool(project: str) -> Key:
    """Made with a project's first cluster that has Workload Identity; it stays when the cluster goes."""
    return Key("workload identity pool", project, f"{project}.svc.id.goog")


def made(request: Request) -> None:
    """A cluster with Workload Identity brings the project's pool into being."""
    pool = request.get("workload_identity_config.workload_pool")
    if pool:
        project = str(pool).removesuffix(".svc.id.goog")
        reason = "exists since the project's first cluster with Workload Identity"
        request.cloud.reserve(workload_identity_pool(project), reason)
    if request.get("remove_default_node_pool") and not request.get("node_config.service_account"):
        request.cloud.note(
            f"{request.key.id}: its default node pool is made first, with the Compute default account: that "
            "fails where the account is disabled, as in new organisations; node_config.service_account names another"
        )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


FACTS = {"google_container_cluster": cluster, "google_container_node_pool": node_pool}
RULES = {
    "google_container_cluster": [network_policy_and_dataplane, secondary_ranges_exist],
    "google_container_node_pool": [accelerator_fits, boot_disk_fits, gpu_quota, cluster_limits.pools_fit],
}
DELETION_RULES = {"google_container_cluster": [deletion_protection]}
AFTER = {"google_container_cluster": made}
