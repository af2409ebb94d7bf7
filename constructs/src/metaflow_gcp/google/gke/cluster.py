"""The Kubernetes cluster that everything runs on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_google import container_cluster as gke
from constructs import Construct

from metaflow_gcp import names
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.gke.auto_provisioning import SCOPE, AutoProvisioning, cluster_autoscaling
from metaflow_gcp.google.gke.cluster_choices import ClusterChoices
from metaflow_gcp.google.gke.maintenance import recurring_window
from metaflow_gcp.google.network.network import Subnetwork
from metaflow_gcp.google.requirements import Requirements
from metaflow_gcp.labels import check_resource_labels
from metaflow_gcp.properties import Properties


@dataclass(frozen=True, kw_only=True)
class GkeClusterProps(ClusterChoices, Properties):
    project: str
    """The id of the project."""
    name: Annotated[str, names.CLUSTER]
    """The cluster's name, up to 40 characters."""
    location: str
    """A region: the control plane then runs in three of its zones."""
    zones: tuple[str, ...]
    """The zones that pools use unless they say otherwise."""
    network: Subnetwork
    """A `Network`, or an `ExistingNetwork`."""
    node_service_account: str
    """The address that the first pool runs as, which is removed at once. The Compute Engine default account is
    disabled in new organisations, and creating the cluster would fail."""
    auto_provisioning: AutoProvisioning | None = None
    """Default: none, only the pools that are declared."""
    monitoring_components: tuple[str, ...] = ("SYSTEM_COMPONENTS",)
    """Whose metrics GKE sends to Cloud Monitoring. SYSTEM_COMPONENTS is free; of POD, DEPLOYMENT, STATEFULSET, DCGM and
    the others, each sample is charged. Default: what is free.
    https://cloud.google.com/kubernetes-engine/docs/how-to/configure-metrics"""
    labels: Mapping[str, str] = field(default_factory=dict)
    """The cluster's labels, for finding and billing."""
    deletion_protection: bool = True
    """Refuse to delete the cluster, at plan time and in the provider."""

    def _check(self, checks: Checks) -> None:
        check_resource_labels(checks, "labels", self.labels)
        self.check(checks)


class GkeCluster(Construct):
    """A private, VPC-native cluster without nodes of its own: add `NodePool`s and `GpuNodePool`s."""

    def __init__(self, scope: Construct, id_: str, props: GkeClusterProps) -> None:
        super().__init__(scope, id_)
        open_address = bool(props.authorized_networks)
        self._cluster = gke.ContainerCluster(
            self,
            "cluster",
            project=props.project,
            name=props.name,
            location=props.location,
            node_locations=list(props.zones),
            network=props.network.network,
            subnetwork=props.network.subnetwork,
            resource_labels=dict(props.labels) or None,
            networking_mode="VPC_NATIVE",
            ip_allocation_policy=gke.ContainerClusterIpAllocationPolicy(
                cluster_secondary_range_name=props.network.pods_range,
                services_secondary_range_name=props.network.services_range,
            ),
            # eBPF dataplane: network policies are enforced without a further add-on.
            datapath_provider="ADVANCED_DATAPATH",
            # GKE makes a cluster with a pool, which Terraform removes at once; it has to be possible all the same.
            remove_default_node_pool=True,
            initial_node_count=1,
            node_config=_first_node(props.node_service_account),
            # No node has an external address.
            private_cluster_config=gke.ContainerClusterPrivateClusterConfig(enable_private_nodes=True),
            control_plane_endpoints_config=gke.ContainerClusterControlPlaneEndpointsConfig(
                # Google's front end checks IAM before a request reaches the control plane, from any network.
                dns_endpoint_config=gke.ContainerClusterControlPlaneEndpointsConfigDnsEndpointConfig(
                    allow_external_traffic=True
                ),
                ip_endpoints_config=gke.ContainerClusterControlPlaneEndpointsConfigIpEndpointsConfig(
                    enabled=open_address
                ),
            ),
            master_authorized_networks_config=gke.ContainerClusterMasterAuthorizedNetworksConfig(
                cidr_blocks=[
                    gke.ContainerClusterMasterAuthorizedNetworksConfigCidrBlocks(display_name=name, cidr_block=cidr)
                    for name, cidr in sorted(props.authorized_networks.items())
                ],
                # Otherwise every virtual machine of every Google customer may connect.
                gcp_public_cidrs_access_enabled=False,
            )
            if open_address
            else None,
            workload_identity_config=gke.ContainerClusterWorkloadIdentityConfig(
                workload_pool=f"{props.project}.svc.id.goog"
            ),
            cluster_autoscaling=cluster_autoscaling(props.auto_provisioning, props.zones),
            deletion_protection=props.deletion_protection,
            lifecycle=TerraformResourceLifecycle(
                # Describes the first pool, which is gone: a later change of it would replace the cluster.
                ignore_changes=["node_config"],
                prevent_destroy=True if props.deletion_protection else None,
            ),
            # A regional control plane takes 8 to 15 minutes, an upgrade of it longer than the provider's 40.
            timeouts=gke.ContainerClusterTimeouts(create="60m", update="90m", delete="60m"),
        )
        self._harden(props)
        self._operate(props)
        self._project = props.project
        self._binary_authorization = props.binary_authorization

    @property
    def project(self) -> str:
        return self._project

    @property
    def name(self) -> str:
        return self._cluster.name

    @property
    def location(self) -> str:
        return self._cluster.location

    @property
    def workload_pool(self) -> str:
        """`PROJECT.svc.id.goog`, read from the cluster: what uses it waits for the cluster."""
        return self._cluster.workload_identity_config.workload_pool

    @property
    def dns_endpoint(self) -> str:
        """The control plane's host name. Its certificate is a public one."""
        return self._cluster.control_plane_endpoints_config.dns_endpoint_config.endpoint

    @property
    def requirements(self) -> Requirements:
        apis = {
            "container.googleapis.com",
            "compute.googleapis.com",
            "logging.googleapis.com",
            "monitoring.googleapis.com",
        }
        if self._binary_authorization:
            apis.add("binaryauthorization.googleapis.com")
        return Requirements(apis=frozenset(apis))

    def _harden(self, props: GkeClusterProps) -> None:
        cluster = self._cluster
        cluster.enable_shielded_nodes = True
        # Static bindings that predate RBAC.
        cluster.enable_legacy_abac = False
        # A certificate for `admin` cannot be taken back.
        cluster.put_master_auth(
            client_certificate_config=gke.ContainerClusterMasterAuthClientCertificateConfig(
                issue_client_certificate=False
            )
        )
        # Bindings to "everyone with a Google account" or to nobody in particular are refused.
        cluster.put_rbac_binding_config(
            enable_insecure_binding_system_authenticated=False,
            enable_insecure_binding_system_unauthenticated=False,
        )
        # Without credentials only the health endpoints answer.
        cluster.put_anonymous_authentication_config(mode="LIMITED")
        # A Service may not claim an external address as its own.
        cluster.put_service_external_ips_config(enabled=False)
        # The kubelet's port without authentication.
        cluster.put_node_pool_defaults(
            node_config_defaults=gke.ContainerClusterNodePoolDefaultsNodeConfigDefaults(
                insecure_kubelet_readonly_port_enabled="FALSE",
                gcfs_config=gke.ContainerClusterNodePoolDefaultsNodeConfigDefaultsGcfsConfig(enabled=True),
            )
        )
        cluster.put_node_pool_auto_config(
            node_kubelet_config=gke.ContainerClusterNodePoolAutoConfigNodeKubeletConfig(
                insecure_kubelet_readonly_port_enabled="FALSE"
            )
        )
        # Free of charge: configuration findings in the console.
        cluster.put_security_posture_config(mode="BASIC", vulnerability_mode="VULNERABILITY_DISABLED")
        if props.security_group:
            cluster.put_authenticator_groups_config(security_group=props.security_group)
        if props.binary_authorization:
            cluster.put_binary_authorization(evaluation_mode="PROJECT_SINGLETON_POLICY_ENFORCE")

    def _operate(self, props: GkeClusterProps) -> None:
        cluster = self._cluster
        cluster.put_release_channel(channel=props.release_channel)
        window = recurring_window(props.maintenance)
        cluster.put_maintenance_policy(
            recurring_window=gke.ContainerClusterMaintenancePolicyRecurringWindow(
                start_time=window.start_time, end_time=window.end_time, recurrence=window.recurrence
            )
        )
        cluster.put_logging_config(enable_components=["SYSTEM_COMPONENTS", "WORKLOADS"])
        cluster.put_monitoring_config(
            enable_components=list(props.monitoring_components),
            managed_prometheus=gke.ContainerClusterMonitoringConfigManagedPrometheus(enabled=True),
        )
        # Costs by namespace and label in the billing export.
        cluster.put_cost_management_config(enabled=True)
        cluster.put_addons_config(
            # Nothing here is reached from outside the cluster: no load balancer's controller to run.
            http_load_balancing=gke.ContainerClusterAddonsConfigHttpLoadBalancing(disabled=True),
            gce_persistent_disk_csi_driver_config=gke.ContainerClusterAddonsConfigGcePersistentDiskCsiDriverConfig(
                enabled=True
            ),
            # Tasks may mount a bucket as a folder.
            gcs_fuse_csi_driver_config=gke.ContainerClusterAddonsConfigGcsFuseCsiDriverConfig(enabled=True),
            # A foreach of a thousand tasks asks for the same few names.
            dns_cache_config=gke.ContainerClusterAddonsConfigDnsCacheConfig(enabled=True),
        )


def _first_node(service_account: str) -> gke.ContainerClusterNodeConfig:
    return gke.ContainerClusterNodeConfig(
        machine_type="e2-medium",
        service_account=service_account,
        oauth_scopes=[SCOPE],
        # One node in each zone: kept off the quota for SSDs, which is small in a new project.
        disk_type="pd-standard",
        disk_size_gb=20,
        shielded_instance_config=gke.ContainerClusterNodeConfigShieldedInstanceConfig(
            enable_secure_boot=True, enable_integrity_monitoring=True
        ),
        workload_metadata_config=gke.ContainerClusterNodeConfigWorkloadMetadataConfig(mode="GKE_METADATA"),
    )


@dataclass(frozen=True, kw_only=True)
class ExistingCluster:
    """A cluster that is there already, for constructs that take one."""

    project: str
    """The id of its project."""
    name: str
    """Its name."""
    location: str
    """Its region or zone."""

    @property
    def workload_pool(self) -> str:
        return f"{self.project}.svc.id.goog"
