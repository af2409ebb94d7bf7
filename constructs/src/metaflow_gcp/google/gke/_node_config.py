"""The node pool as both kinds of pools have it: hardened, autoscaled, repaired and upgraded by GKE."""

from collections.abc import Mapping, Sequence
from typing import Any

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_google import container_node_pool as gke
from constructs import Construct

from metaflow_gcp.google.gke import pool_rules
from metaflow_gcp.google.gke.auto_provisioning import SCOPE
from metaflow_gcp.kubernetes.placement import Taint

APIS = frozenset(
    {
        "compute.googleapis.com",
        "container.googleapis.com",
        "containerfilesystem.googleapis.com",  # image streaming
    }
)


def node_pool(
    scope: Construct,
    *,
    cluster: str,
    location: str,
    project: str,
    name: str,
    zones: Sequence[str],
    min_nodes: int,
    max_nodes: int,
    location_policy: str,
    auto_repair: bool,
    upgrade_settings: gke.ContainerNodePoolUpgradeSettings | None,
    placement_policy: gke.ContainerNodePoolPlacementPolicy | None = None,
    node_config: gke.ContainerNodePoolNodeConfig,
) -> gke.ContainerNodePool:
    return gke.ContainerNodePool(
        scope,
        "pool",
        project=project,
        cluster=cluster,
        location=location,
        name=name,
        node_locations=list(zones),
        # In each zone: without it GKE starts with one node per zone, billed at once.
        initial_node_count=pool_rules.initial_nodes_per_zone(min_nodes, max_nodes, zones),
        autoscaling=gke.ContainerNodePoolAutoscaling(
            # Totals: limits per zone would multiply with the number of zones.
            total_min_node_count=min_nodes,
            total_max_node_count=max_nodes,
            location_policy=location_policy,
        ),
        management=gke.ContainerNodePoolManagement(auto_repair=auto_repair, auto_upgrade=True),
        upgrade_settings=upgrade_settings,
        placement_policy=placement_policy,
        node_config=node_config,
        lifecycle=TerraformResourceLifecycle(
            # It counts at creation only; afterwards a change of min_nodes or zones would replace the whole pool.
            ignore_changes=["initial_node_count"]
        ),
    )


def node_config(
    *,
    machine_type: str,
    disk_type: str,
    disk_size_gb: int,
    service_account: str,
    spot: bool,
    labels: Mapping[str, str],
    resource_labels: Mapping[str, str],
    taints: Sequence[Taint] = (),
    **for_gpus: Any,
) -> gke.ContainerNodePoolNodeConfig:
    return gke.ContainerNodePoolNodeConfig(
        machine_type=machine_type,
        disk_type=disk_type,
        disk_size_gb=disk_size_gb,
        spot=spot or None,
        labels=dict(labels) or None,
        resource_labels=dict(resource_labels) or None,
        taint=[
            gke.ContainerNodePoolNodeConfigTaint(key=taint.key, value=taint.value, effect=taint.effect)
            for taint in taints
        ]
        or None,
        # Google's own read-only system; image streaming and GKE's GPU drivers need it.
        image_type="COS_CONTAINERD",
        # An account of its own: the default one is usually an Editor of the project, or disabled.
        service_account=service_account,
        # Access is limited by that account's roles; a second, coarser limit only makes calls fail in odd ways.
        oauth_scopes=[SCOPE],
        shielded_instance_config=gke.ContainerNodePoolNodeConfigShieldedInstanceConfig(
            # Only signed code starts. The NVIDIA drivers that GKE installs on this system are signed:
            # https://cloud.google.com/container-optimized-os/docs/how-to/run-gpus#security
            enable_secure_boot=True,
            # A change of what starts is seen in Cloud Logging.
            enable_integrity_monitoring=True,
        ),
        # Pods get their own identity (Workload Identity) and cannot take the node's.
        workload_metadata_config=gke.ContainerNodePoolNodeConfigWorkloadMetadataConfig(mode="GKE_METADATA"),
        # The metadata server's old endpoints answer without the header that guards against forged requests.
        metadata={"disable-legacy-endpoints": "true"},
        kubelet_config=gke.ContainerNodePoolNodeConfigKubeletConfig(
            # The kubelet's port without authentication.
            insecure_kubelet_readonly_port_enabled="FALSE",
            # The provider sends false when this is left out of the block, which takes the CPU limits off all pods.
            cpu_cfs_quota=True,
        ),
        # Containers start before the whole image is there: GPU images have many gigabytes, and the node is paid for.
        gcfs_config=gke.ContainerNodePoolNodeConfigGcfsConfig(enabled=True),
        # Faster network at no cost; many machine types with GPUs have no other.
        gvnic=gke.ContainerNodePoolNodeConfigGvnic(enabled=True),
        **for_gpus,
    )
