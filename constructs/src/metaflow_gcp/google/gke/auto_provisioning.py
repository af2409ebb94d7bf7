"""How a cluster grows by itself: the autoscaler, and pools that GKE makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdktf_cdktf_provider_google import container_cluster as gke

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
"""Nodes ask for everything and IAM decides: scopes are the older, coarser fence."""


@dataclass(frozen=True, kw_only=True)
class AutoProvisioning:
    """Pools that GKE makes by itself for pods that fit on none of the others.

    The limits count every node of the cluster, those of your own pools included: limits below what the pools may grow
    to stop the pools. https://cloud.google.com/kubernetes-engine/docs/how-to/node-auto-provisioning#resource_limits
    """

    service_account: str
    """The address that such nodes run as; without it they run as the Compute Engine default account."""
    max_cpus: int
    """vCPUs of the whole cluster."""
    max_memory_gb: int
    """GB of the whole cluster."""
    max_gpus: Mapping[str, int] = field(default_factory=dict)
    """Accelerator type -> GPUs of the whole cluster."""


def cluster_autoscaling(
    bounds: AutoProvisioning | None, zones: tuple[str, ...]
) -> gke.ContainerClusterClusterAutoscaling:
    """As the cluster takes it; without bounds only its declared pools grow."""
    # Empty nodes are removed sooner, and pods packed closer: tasks come and go, nothing waits for a warm node.
    profile = "OPTIMIZE_UTILIZATION"
    if bounds is None:
        return gke.ContainerClusterClusterAutoscaling(enabled=False, autoscaling_profile=profile)
    limits = {"cpu": bounds.max_cpus, "memory": bounds.max_memory_gb, **dict(sorted(bounds.max_gpus.items()))}
    return gke.ContainerClusterClusterAutoscaling(
        enabled=True,
        autoscaling_profile=profile,
        auto_provisioning_locations=list(zones),
        resource_limits=[
            gke.ContainerClusterClusterAutoscalingResourceLimits(resource_type=kind, maximum=maximum)
            for kind, maximum in limits.items()
        ],
        auto_provisioning_defaults=gke.ContainerClusterClusterAutoscalingAutoProvisioningDefaults(
            service_account=bounds.service_account,
            oauth_scopes=[SCOPE],
            image_type="COS_CONTAINERD",
            disk_type="pd-balanced",
            disk_size=100,
            management=gke.ContainerClusterClusterAutoscalingAutoProvisioningDefaultsManagement(
                auto_repair=True, auto_upgrade=True
            ),
            shielded_instance_config=gke.ContainerClusterClusterAutoscalingAutoProvisioningDefaultsShieldedInstanceConfig(
                enable_secure_boot=True, enable_integrity_monitoring=True
            ),
            upgrade_settings=gke.ContainerClusterClusterAutoscalingAutoProvisioningDefaultsUpgradeSettings(
                strategy="SURGE", max_surge=1, max_unavailable=0
            ),
        ),
    )
