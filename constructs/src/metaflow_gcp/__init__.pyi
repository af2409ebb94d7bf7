# What `from metaflow_gcp import ...` gives. `__init__.py` reads the names here, so that each stands once.
from ._bindings.cdk import WrongCdk as WrongCdk
from ._version import __version__ as __version__
from .checks import (
    InvalidProperties as InvalidProperties,
    Problem as Problem,
)
from .google.artifact_registry import (
    ImageRegistry as ImageRegistry,
    ImageRegistryProps as ImageRegistryProps,
    pulled_through as pulled_through,
)
from .google.endpoint.backend import ExposedService as ExposedService
from .google.endpoint.endpoint import (
    FRONT_ENDS as FRONT_ENDS,
    Endpoint as Endpoint,
    EndpointProps as EndpointProps,
)
from .google.gke._pool import Cluster as Cluster
from .google.gke.auto_provisioning import AutoProvisioning as AutoProvisioning
from .google.gke.cluster import (
    ExistingCluster as ExistingCluster,
    GkeCluster as GkeCluster,
    GkeClusterProps as GkeClusterProps,
)
from .google.gke.gpu_node_pool import (
    GpuNodePool as GpuNodePool,
    GpuNodePoolProps as GpuNodePoolProps,
)
from .google.gke.gpu_rules import (
    GpuSharing as GpuSharing,
    Reservation as Reservation,
    SecondaryBootDisk as SecondaryBootDisk,
)
from .google.gke.hyperdisk_class import (
    HyperdiskClass as HyperdiskClass,
    HyperdiskClassProps as HyperdiskClassProps,
)
from .google.gke.maintenance import MaintenanceWindow as MaintenanceWindow
from .google.gke.node_pool import (
    NodePool as NodePool,
    NodePoolProps as NodePoolProps,
)
from .google.iam import (
    ServiceIdentity as ServiceIdentity,
    ServiceIdentityProps as ServiceIdentityProps,
)
from .google.network.network import (
    ExistingNetwork as ExistingNetwork,
    ExistingNetworkProps as ExistingNetworkProps,
    Network as Network,
    NetworkProps as NetworkProps,
)
from .google.project_apis import (
    ProjectApis as ProjectApis,
    ProjectApisProps as ProjectApisProps,
)
from .google.requirements import (
    Quota as Quota,
    Requirements as Requirements,
)
from .google.sql.postgres_database import (
    ExistingDatabase as ExistingDatabase,
    PostgresDatabase as PostgresDatabase,
    PostgresDatabaseProps as PostgresDatabaseProps,
)
from .google.storage import (
    Datastore as Datastore,
    DatastoreProps as DatastoreProps,
)
from .kubernetes.account import (
    KubernetesAccount as KubernetesAccount,
    KubernetesAccountProps as KubernetesAccountProps,
)
from .kubernetes.limits import (
    JobsLimits as JobsLimits,
    JobsLimitsProps as JobsLimitsProps,
)
from .kubernetes.namespaces import (
    Namespaces as Namespaces,
    NamespacesProps as NamespacesProps,
)
from .kubernetes.node_port import (
    NodePort as NodePort,
    NodePortProps as NodePortProps,
)
from .kubernetes.placement import (
    ANYWHERE as ANYWHERE,
    SYSTEM_POOL as SYSTEM_POOL,
    Placement as Placement,
    Taint as Taint,
)
from .metaflow.admission import (
    JobsAdmission as JobsAdmission,
    JobsAdmissionProps as JobsAdmissionProps,
)
from .metaflow.argo.events import (
    ArgoEvents as ArgoEvents,
    ArgoEventsProps as ArgoEventsProps,
)
from .metaflow.argo.jobset import (
    JobSetController as JobSetController,
    JobSetControllerProps as JobSetControllerProps,
)
from .metaflow.argo.workflows import (
    ArgoWorkflows as ArgoWorkflows,
    ArgoWorkflowsProps as ArgoWorkflowsProps,
)
from .metaflow.client_profile import (
    ClientProfile as ClientProfile,
    ClientProfileProps as ClientProfileProps,
)
from .metaflow.metadata_service import (
    MetadataService as MetadataService,
    MetadataServiceProps as MetadataServiceProps,
)
from .metaflow.observability.collection import (
    MetricsCollection as MetricsCollection,
    MetricsCollectionProps as MetricsCollectionProps,
)
from .metaflow.observability.observability import (
    MONITORING_COMPONENTS as MONITORING_COMPONENTS,
    Observability as Observability,
    ObservabilityProps as ObservabilityProps,
)
from .metaflow.platform_description import (
    Forward as Forward,
    PlatformDescription as PlatformDescription,
    PlatformDescriptionProps as PlatformDescriptionProps,
)
from .metaflow.team import (
    TeamAccess as TeamAccess,
    TeamAccessProps as TeamAccessProps,
    TeamRoles as TeamRoles,
    TeamRolesProps as TeamRolesProps,
)
from .metaflow.ui import (
    MetaflowUi as MetaflowUi,
    MetaflowUiProps as MetaflowUiProps,
)
