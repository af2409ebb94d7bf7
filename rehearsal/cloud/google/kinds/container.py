"""Google Kubernetes Engine: clusters and node pools."""

import base64
from collections.abc import Iterator
from pathlib import Path

from rehearsal.cloud import invent, machine_families
from rehearsal.cloud.gke import VERSION
from rehearsal.cloud.google import cluster_limits, gpus, load_balancing, machines, quotas, ranges
from rehearsal.cloud.google.grants import workload_identity_pool
from rehearsal.cloud.google.kind import Kind, State, is_set
from rehearsal.cloud.google.references import NEEDS, PART, USES
from rehearsal.cloud.google.request import Request
from rehearsal.cloud.model import Cloud
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.values import UNKNOWN
from rehearsal.protocol.walk import first

CLUSTER = "google_container_cluster"


def cluster(request: Request) -> State:
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
        "logging_service": "logging.googleapis.com/kubernetes",
        "monitoring_service": "monitoring.googleapis.com/kubernetes",
        "label_fingerprint": request.digest("labels"),
        "operation": "",
        "tpu_ipv4_cidr_block": "",
        "default_max_pods_per_node": 110,
        "datapath_provider": "",
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


def node_pool(request: Request) -> State:
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
    return {
        "version": VERSION,
        "node_locations": zones,
        "node_count": request.get("node_count", request.get("initial_node_count", 0)),
        "max_pods_per_node": 110,
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


def engine_versions(cloud: Cloud, state: State) -> State:
    return {
        "default_cluster_version": VERSION,
        "latest_master_version": VERSION,
        "latest_node_version": VERSION,
        "valid_master_versions": [VERSION],
        "valid_node_versions": [VERSION],
        "release_channel_default_version": {"RAPID": VERSION, "REGULAR": VERSION, "STABLE": VERSION},
        "release_channel_latest_version": {"RAPID": VERSION, "REGULAR": VERSION, "STABLE": VERSION},
    }


def _node_version(planned: State, config: State, prior: State | None) -> Iterator[str]:
    if prior is None and is_set(config.get("node_version")) and config.get("remove_default_node_pool") is True:
        yield "node_version can only be specified if remove_default_node_pool is not true"


def _surge(planned: State, config: State, prior: State | None) -> Iterator[str]:
    place = "cluster_autoscaling.auto_provisioning_defaults.upgrade_settings"
    settings = first(config, place) or []
    for each in settings if isinstance(settings, list) else []:
        others = any(is_set(each.get(name)) for name in ("max_surge", "max_unavailable"))
        if each.get("strategy") not in (None, "SURGE", UNKNOWN) and others:
            yield "Surge upgrade settings max_surge/max_unavailable can only be used when strategy is set to SURGE"


KINDS = [
    Kind(
        type=CLUSTER,
        path="projects/{{project}}/locations/{{location}}/clusters/{{name}}",
        references={
            "network": ("google_compute_network", USES),
            "subnetwork": ("google_compute_subnetwork", USES),
            "node_config.service_account": ("google_service_account", NEEDS),
            "cluster_autoscaling.auto_provisioning_defaults.service_account": ("google_service_account", NEEDS),
        },
        plan_rules=(_node_version, _surge),
        facts=cluster,
        rules=(network_policy_and_dataplane, secondary_ranges_exist, ranges.services_fit, machines.zones_exist),
        deletion_rules=(deletion_protection,),
        after=made,
    ),
    Kind(
        type="google_container_node_pool",
        path="projects/{{project}}/locations/{{location}}/clusters/{{cluster}}/nodePools/{{name}}",
        references={"cluster": (CLUSTER, PART), "node_config.service_account": ("google_service_account", NEEDS)},
        facts=node_pool,
        rules=(
            *(machines.machine_exists, machines.zones_exist, gpus.accelerator_fits, boot_disk_fits),
            *(gpus.gpu_quota, quotas.nodes, cluster_limits.pools_fit, ranges.nodes_fit),
        ),
        deletion_rules=(load_balancing.groups_in_use,),
        after=load_balancing.put_groups,
    ),
    Kind(type="google_container_engine_versions", data=engine_versions),
]
