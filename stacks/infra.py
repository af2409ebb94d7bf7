"""Second: everything of Google's that the platform runs on."""

from cdktf_cdktf_provider_random.provider import RandomProvider
from constructs import Construct

from metaflow_gcp.choices import chosen
from metaflow_gcp.google import members
from metaflow_gcp.google.artifact_registry import ImageRegistry, ImageRegistryProps
from metaflow_gcp.google.artifact_registry_choices import RegistryChoices
from metaflow_gcp.google.endpoint.choices import EndpointChoices
from metaflow_gcp.google.endpoint.endpoint import Endpoint, EndpointProps
from metaflow_gcp.google.gke.auto_provisioning import AutoProvisioning
from metaflow_gcp.google.gke.cluster import GkeCluster, GkeClusterProps
from metaflow_gcp.google.gke.cluster_choices import ClusterChoices
from metaflow_gcp.google.gke.gpu_node_pool import GpuNodePool, GpuNodePoolProps
from metaflow_gcp.google.gke.gpu_rules import GpuNodePoolChoices
from metaflow_gcp.google.gke.node_pool import NodePool, NodePoolProps
from metaflow_gcp.google.gke.pool_rules import NodePoolChoices, PoolChoices
from metaflow_gcp.google.iam import ServiceIdentity, ServiceIdentityProps, grant_read_secret
from metaflow_gcp.google.network.network import ExistingNetwork, ExistingNetworkProps, Network, NetworkProps
from metaflow_gcp.google.requirements import Quota, Requirements, required_by
from metaflow_gcp.google.sql.choices import PostgresChoices
from metaflow_gcp.google.sql.postgres_database import PostgresDatabase, PostgresDatabaseProps
from metaflow_gcp.google.storage import Datastore, DatastoreProps
from metaflow_gcp.google.storage_choices import DatastoreChoices
from metaflow_gcp.kubernetes.placement import SYSTEM_POOL
from metaflow_gcp.metaflow.team import TeamAccess, TeamAccessProps
from metaflow_gcp.metaflow.team_choices import TeamChoices
from stacks.base import PlatformStack, labels
from stacks.cluster_names import METADATA_ACCOUNT, TASKS_ACCOUNT, UI_ACCOUNT
from stacks.contracts import EndpointOutputs, InfraOutputs
from stacks.exposed import exposed
from stacks.observed import add_observability, monitoring_components
from stacks.settings import Settings
from stacks.settings.limits import pool_limits
from stacks.settings.naming import SERVICES_NAMESPACE, Role

_NODE_ROLES = (
    # Logs, metrics and events of the node itself: nothing that a task could use.
    # https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster#use_least_privilege_sa
    "roles/container.defaultNodeServiceAccount",
)


class InfraStack(PlatformStack):
    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(scope, "infra", settings)
        RandomProvider(self, "random")
        self._settings = settings
        self._network = self._add_network()
        self._nodes = self._add_identity("nodes", "Nodes of the cluster", _NODE_ROLES)
        self._tasks = self._add_identity("tasks", "Metaflow's tasks")
        self._metadata = self._add_identity("metadata", "Metaflow's metadata service")
        self._ui = self._add_identity("ui", "Metaflow's user interface")
        self._autonodes = (
            self._add_identity("autonodes", "Nodes that GKE adds by itself", _NODE_ROLES)
            if settings.cluster.auto_provisioning.enabled
            else None
        )
        self._cluster = self._add_cluster()
        self._pools: list[NodePool | GpuNodePool] = [*self._add_pools(), *self._add_gpu_pools()]
        self._database = self._add_database()
        self._datastore = self._add_datastore()
        self._registry = self._add_registry()
        self._access = self._add_access()
        self._bind_identities()
        self.outputs = self._outputs()
        self.outputs.publish(self)
        if settings.endpoint.enabled:
            self._add_endpoint().publish(self)
        if settings.observability.enabled:
            add_observability(
                self,
                settings,
                cluster=self._cluster,
                # Behind the platform's own.
                task_pools=self._pools[1:],
                database=self._database,
                datastore=self._datastore,
            )

    @property
    def requirements(self) -> Requirements:
        return required_by(self) + self._beyond_the_pools()

    def _beyond_the_pools(self) -> Requirements:
        """What GKE may add by itself: E2 machines, unless a pod asks for others. How many disks, nobody can say."""
        beyond = self._settings.cluster.auto_provisioning
        if not beyond.enabled:
            return Requirements()
        return Requirements(
            quotas=tuple(
                Quota(metric=metric, region=region, at_start=0, at_maximum=beyond.cpus)
                for metric, region in (("CPUS", self._settings.region), ("CPUS_ALL_REGIONS", None))
            )
        )

    def _add_network(self) -> Network | ExistingNetwork:
        settings = self._settings
        existing = settings.network.existing
        if existing:
            return ExistingNetwork(
                self,
                "network",
                ExistingNetworkProps(
                    project=existing.project or settings.project,
                    region=settings.region,
                    network=existing.network,
                    subnetwork=existing.subnetwork,
                    pods_range=existing.pods_range,
                    services_range=existing.services_range,
                ),
            )
        return Network(
            self,
            "network",
            NetworkProps(
                project=settings.project,
                name=settings.naming.network,
                subnetwork_name=settings.naming.subnetwork,
                region=settings.region,
                nodes_cidr=settings.network.nodes_cidr,
                pods_cidr=settings.network.pods_cidr,
                services_cidr=settings.network.services_cidr,
                flow_logs=settings.network.flow_logs,
            ),
        )

    def _add_identity(self, role: Role, what: str, project_roles: tuple[str, ...] = ()) -> ServiceIdentity:
        return ServiceIdentity(
            self,
            role,
            ServiceIdentityProps(
                project=self._settings.project,
                account_id=self._settings.naming.service_account(role),
                display_name=f"{what} ({self._settings.environment})",
                project_roles=project_roles,
            ),
        )

    def _add_cluster(self) -> GkeCluster:
        settings = self._settings
        return GkeCluster(
            self,
            "cluster",
            GkeClusterProps(
                project=settings.project,
                name=settings.naming.cluster,
                location=settings.region,
                zones=settings.zones,
                network=self._network,
                node_service_account=self._nodes.email,
                auto_provisioning=self._auto_provisioning(),
                monitoring_components=monitoring_components(settings),
                **chosen(settings.cluster, ClusterChoices),
                labels=labels(settings),
                deletion_protection=settings.deletion_protection,
            ),
        )

    def _auto_provisioning(self) -> AutoProvisioning | None:
        beyond = self._settings.cluster.auto_provisioning
        if self._autonodes is None:
            return None
        limits = pool_limits(self._settings)
        return AutoProvisioning(
            service_account=self._autonodes.email,
            max_cpus=limits.cpus + beyond.cpus,
            max_memory_gb=limits.memory_gb + beyond.memory_gb,
            max_gpus=limits.gpus,
        )

    def _add_pools(self) -> list[NodePool]:
        settings = self._settings
        pools = [
            NodePool(
                self,
                "system-pool",
                NodePoolProps(
                    cluster=self._cluster,
                    name="system",
                    service_account=self._nodes.email,
                    zones=settings.zones,
                    **chosen(settings.cluster.system_pool, PoolChoices),
                    labels=SYSTEM_POOL.labels,
                    taints=SYSTEM_POOL.taints,
                ),
            )
        ]
        pools += [
            NodePool(
                self,
                f"task-pool-{name}",
                NodePoolProps(
                    cluster=self._cluster,
                    name=name,
                    service_account=self._nodes.email,
                    zones=pool.zones_or(settings.zones),
                    **chosen(pool, NodePoolChoices),
                ),
            )
            for name, pool in settings.task_pools.items()
        ]
        return pools

    def _add_gpu_pools(self) -> list[GpuNodePool]:
        settings = self._settings
        return [
            GpuNodePool(
                self,
                f"gpu-pool-{name}",
                GpuNodePoolProps(
                    cluster=self._cluster,
                    name=name,
                    service_account=self._nodes.email,
                    zones=pool.zones_or(settings.zones),
                    **chosen(pool, GpuNodePoolChoices),
                ),
            )
            for name, pool in settings.gpu_pools.items()
        ]

    def _add_database(self) -> PostgresDatabase:
        settings = self._settings
        return PostgresDatabase(
            self,
            "database",
            PostgresDatabaseProps(
                project=settings.project,
                name_prefix=settings.naming.database_prefix,
                region=settings.region,
                network=self._network,
                **chosen(settings.database, PostgresChoices),
                labels=labels(settings),
                deletion_protection=settings.deletion_protection,
            ),
        )

    def _add_datastore(self) -> Datastore:
        settings = self._settings
        return Datastore(
            self,
            "datastore",
            DatastoreProps(
                project=settings.project,
                name=settings.naming.bucket,
                location=settings.storage_location,
                **chosen(settings.storage, DatastoreChoices),
                deletion_protection=settings.deletion_protection,
            ),
        )

    def _add_registry(self) -> ImageRegistry:
        settings = self._settings
        return ImageRegistry(
            self,
            "registry",
            ImageRegistryProps(
                project=settings.project,
                location=settings.region,
                name=settings.naming.repository,
                **chosen(settings.registry, RegistryChoices),
            ),
        )

    def _add_access(self) -> TeamAccess:
        settings = self._settings
        return TeamAccess(
            self,
            "access",
            TeamAccessProps(
                project=settings.project,
                role_id=f"metaflow_{settings.environment.replace('-', '_')}",
                datastore=self._datastore,
                registry=self._registry,
                database=self._database,
                dashboards=settings.observability.enabled,
                **chosen(settings.access, TeamChoices),
            ),
        )

    def _add_endpoint(self) -> EndpointOutputs:
        settings = self._settings
        existing = settings.network.existing
        # A network of another project has its own owners.
        foreign = existing is not None and existing.project not in (None, settings.project)
        endpoint = Endpoint(
            self,
            "endpoint",
            EndpointProps(
                project=settings.project,
                name=settings.naming.load_balancer,
                base=f"metaflow-{settings.environment}",
                services=exposed(settings),
                pool=self._pools[0],
                network=None if foreign else self._network.network,
                node_service_account=self._nodes.email,
                **chosen(settings.endpoint, EndpointChoices),
            ),
        )
        return EndpointOutputs(
            endpoint_address=endpoint.address,
            endpoint_ui=endpoint.hosts["ui"],
            endpoint_metadata=endpoint.hosts["metadata"],
            endpoint_argo=endpoint.hosts.get("argo"),
        )

    def _bind_identities(self) -> None:
        """Who may do what, on the thing itself."""
        settings = self._settings
        self._registry.grant_pull("nodes", self._nodes.member)
        if self._autonodes:
            self._registry.grant_pull("autonodes", self._autonodes.member)
        self._datastore.grant_read_write("tasks", self._tasks.member)
        self._datastore.grant_read("ui", self._ui.member)
        for secret in settings.jobs.secrets:
            grant_read_secret(self, f"secret-{secret}", settings.project, secret, self._tasks.member)
            if settings.jobs.users_read_secrets:
                for id_, member in members.ids(settings.access.users + settings.access.admins):
                    grant_read_secret(self, f"secret-{secret}-{id_}", settings.project, secret, member)
        for identity, namespace, account in (
            (self._tasks, settings.jobs.namespace, TASKS_ACCOUNT),
            (self._metadata, SERVICES_NAMESPACE, METADATA_ACCOUNT),
            (self._ui, SERVICES_NAMESPACE, UI_ACCOUNT),
        ):
            identity.bind("workload-identity", self._cluster, namespace=namespace, name=account)

    def _outputs(self) -> InfraOutputs:
        return InfraOutputs(
            cluster_name=self._cluster.name,
            cluster_location=self._cluster.location,
            cluster_dns_endpoint=self._cluster.dns_endpoint,
            database_host=self._database.host,
            database_name=self._database.name,
            database_user=self._database.user,
            database_password_secret=self._database.password_secret,
            database_server_ca=self._database.server_ca,
            bucket=self._datastore.name,
            image_prefix=self._registry.prefix,
            image_prefix_of_all=self._registry.prefix_of_all,
            image_prefix_of_docker_hub=self._registry.prefix_of_docker_hub,
            tasks_service_account=self._tasks.email,
            metadata_service_account=self._metadata.email,
            ui_service_account=self._ui.email,
        )
