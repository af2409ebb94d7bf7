"""CDKTF constructs that run Metaflow on Google Cloud.

Importing this package makes the provider bindings lazy (see `metaflow_gcp.lazy_bindings`): import it before `cdktf`
and before any `cdktf_cdktf_provider_*` package. The names below are loaded when they are first used, so that taking one
construct costs one construct.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from metaflow_gcp import lazy_bindings
from metaflow_gcp._version import __version__ as __version__

if TYPE_CHECKING:
    from metaflow_gcp.argo_events import ArgoEvents as ArgoEvents
    from metaflow_gcp.argo_events import ArgoEventsProps as ArgoEventsProps
    from metaflow_gcp.argo_workflows import ArgoWorkflows as ArgoWorkflows
    from metaflow_gcp.argo_workflows import ArgoWorkflowsProps as ArgoWorkflowsProps
    from metaflow_gcp.auto_provisioning import AutoProvisioning as AutoProvisioning
    from metaflow_gcp.checks import InvalidProperties as InvalidProperties
    from metaflow_gcp.checks import Problem as Problem
    from metaflow_gcp.client_profile import ClientProfile as ClientProfile
    from metaflow_gcp.client_profile import ClientProfileProps as ClientProfileProps
    from metaflow_gcp.datastore import Datastore as Datastore
    from metaflow_gcp.datastore import DatastoreProps as DatastoreProps
    from metaflow_gcp.gke_cluster import ExistingCluster as ExistingCluster
    from metaflow_gcp.gke_cluster import GkeCluster as GkeCluster
    from metaflow_gcp.gke_cluster import GkeClusterProps as GkeClusterProps
    from metaflow_gcp.gke_cluster import MaintenanceWindow as MaintenanceWindow
    from metaflow_gcp.gpu_node_pool import GpuNodePool as GpuNodePool
    from metaflow_gcp.gpu_node_pool import GpuNodePoolProps as GpuNodePoolProps
    from metaflow_gcp.gpus import GpuSharing as GpuSharing
    from metaflow_gcp.gpus import Reservation as Reservation
    from metaflow_gcp.gpus import SecondaryBootDisk as SecondaryBootDisk
    from metaflow_gcp.hyperdisk_class import HyperdiskClass as HyperdiskClass
    from metaflow_gcp.hyperdisk_class import HyperdiskClassProps as HyperdiskClassProps
    from metaflow_gcp.image_registry import ImageRegistry as ImageRegistry
    from metaflow_gcp.image_registry import ImageRegistryProps as ImageRegistryProps
    from metaflow_gcp.image_registry import pulled_through as pulled_through
    from metaflow_gcp.jobs_limits import JobsLimits as JobsLimits
    from metaflow_gcp.jobs_limits import JobsLimitsProps as JobsLimitsProps
    from metaflow_gcp.jobset_controller import JobSetController as JobSetController
    from metaflow_gcp.jobset_controller import JobSetControllerProps as JobSetControllerProps
    from metaflow_gcp.metadata_service import MetadataService as MetadataService
    from metaflow_gcp.metadata_service import MetadataServiceProps as MetadataServiceProps
    from metaflow_gcp.metaflow_ui import MetaflowUi as MetaflowUi
    from metaflow_gcp.metaflow_ui import MetaflowUiProps as MetaflowUiProps
    from metaflow_gcp.namespaces import Namespaces as Namespaces
    from metaflow_gcp.namespaces import NamespacesProps as NamespacesProps
    from metaflow_gcp.network import ExistingNetwork as ExistingNetwork
    from metaflow_gcp.network import ExistingNetworkProps as ExistingNetworkProps
    from metaflow_gcp.network import Network as Network
    from metaflow_gcp.network import NetworkProps as NetworkProps
    from metaflow_gcp.node_pool import Cluster as Cluster
    from metaflow_gcp.node_pool import NodePool as NodePool
    from metaflow_gcp.node_pool import NodePoolProps as NodePoolProps
    from metaflow_gcp.placement import ANYWHERE as ANYWHERE
    from metaflow_gcp.placement import SYSTEM_POOL as SYSTEM_POOL
    from metaflow_gcp.placement import Placement as Placement
    from metaflow_gcp.placement import Taint as Taint
    from metaflow_gcp.platform_description import Forward as Forward
    from metaflow_gcp.platform_description import PlatformDescription as PlatformDescription
    from metaflow_gcp.platform_description import PlatformDescriptionProps as PlatformDescriptionProps
    from metaflow_gcp.postgres_database import ExistingDatabase as ExistingDatabase
    from metaflow_gcp.postgres_database import PostgresDatabase as PostgresDatabase
    from metaflow_gcp.postgres_database import PostgresDatabaseProps as PostgresDatabaseProps
    from metaflow_gcp.project_apis import ProjectApis as ProjectApis
    from metaflow_gcp.project_apis import ProjectApisProps as ProjectApisProps
    from metaflow_gcp.requirements import Quota as Quota
    from metaflow_gcp.requirements import Requirements as Requirements
    from metaflow_gcp.service_identity import KubernetesAccount as KubernetesAccount
    from metaflow_gcp.service_identity import KubernetesAccountProps as KubernetesAccountProps
    from metaflow_gcp.service_identity import ServiceIdentity as ServiceIdentity
    from metaflow_gcp.service_identity import ServiceIdentityProps as ServiceIdentityProps
    from metaflow_gcp.team_access import TeamAccess as TeamAccess
    from metaflow_gcp.team_access import TeamAccessProps as TeamAccessProps
    from metaflow_gcp.team_access import TeamRoles as TeamRoles
    from metaflow_gcp.team_access import TeamRolesProps as TeamRolesProps

lazy_bindings.install()

_NAMES = {
    "metaflow_ui": ("MetaflowUi", "MetaflowUiProps"),
    "jobs_limits": ("JobsLimits", "JobsLimitsProps"),
    "jobset_controller": ("JobSetController", "JobSetControllerProps"),
    "argo_workflows": ("ArgoWorkflows", "ArgoWorkflowsProps"),
    "argo_events": ("ArgoEvents", "ArgoEventsProps"),
    "checks": ("InvalidProperties", "Problem"),
    "client_profile": ("ClientProfile", "ClientProfileProps"),
    "datastore": ("Datastore", "DatastoreProps"),
    "auto_provisioning": ("AutoProvisioning",),
    "gke_cluster": ("ExistingCluster", "GkeCluster", "GkeClusterProps", "MaintenanceWindow"),
    "gpu_node_pool": ("GpuNodePool", "GpuNodePoolProps"),
    "gpus": ("GpuSharing", "Reservation", "SecondaryBootDisk"),
    "hyperdisk_class": ("HyperdiskClass", "HyperdiskClassProps"),
    "image_registry": ("ImageRegistry", "ImageRegistryProps", "pulled_through"),
    "metadata_service": ("MetadataService", "MetadataServiceProps"),
    "namespaces": ("Namespaces", "NamespacesProps"),
    "network": ("ExistingNetwork", "ExistingNetworkProps", "Network", "NetworkProps"),
    "node_pool": ("Cluster", "NodePool", "NodePoolProps"),
    "placement": ("ANYWHERE", "SYSTEM_POOL", "Placement", "Taint"),
    "platform_description": ("Forward", "PlatformDescription", "PlatformDescriptionProps"),
    "postgres_database": ("ExistingDatabase", "PostgresDatabase", "PostgresDatabaseProps"),
    "project_apis": ("ProjectApis", "ProjectApisProps"),
    "requirements": ("Quota", "Requirements"),
    "service_identity": ("KubernetesAccount", "KubernetesAccountProps", "ServiceIdentity", "ServiceIdentityProps"),
    "team_access": ("TeamAccess", "TeamAccessProps", "TeamRoles", "TeamRolesProps"),
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names}

__all__ = ["__version__", *_MODULE_OF]  # noqa: PLE0604 - they are strings


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
