"""Third: what runs inside the cluster."""

from cdktf import TerraformOutput
from cdktf_cdktf_provider_google.data_google_client_config import DataGoogleClientConfig
from cdktf_cdktf_provider_google.data_google_project import DataGoogleProject
from cdktf_cdktf_provider_google.data_google_secret_manager_secret_version import (
    DataGoogleSecretManagerSecretVersion,
)
from cdktf_cdktf_provider_helm import provider as helm
from cdktf_cdktf_provider_kubernetes import provider as kubernetes
from constructs import Construct

from metaflow_gcp import externals
from metaflow_gcp.choices import chosen
from metaflow_gcp.google.artifact_registry import pulled_through
from metaflow_gcp.google.gke import machine_types
from metaflow_gcp.google.gke.hyperdisk_class import HyperdiskClass
from metaflow_gcp.google.requirements import Requirements, required_by
from metaflow_gcp.google.sql.postgres_database import ExistingDatabase
from metaflow_gcp.google.storage import root_of
from metaflow_gcp.kubernetes.account import KubernetesAccount, KubernetesAccountProps
from metaflow_gcp.kubernetes.limits import JobsLimits, JobsLimitsProps
from metaflow_gcp.kubernetes.limits_choices import LimitsChoices
from metaflow_gcp.kubernetes.namespaces import Namespaces, NamespacesProps
from metaflow_gcp.kubernetes.placement import SYSTEM_POOL
from metaflow_gcp.metaflow.admission import JobsAdmission, JobsAdmissionProps
from metaflow_gcp.metaflow.argo.events import ArgoEvents, ArgoEventsProps
from metaflow_gcp.metaflow.argo.jobset import JobSetController, JobSetControllerProps
from metaflow_gcp.metaflow.argo.workflows import ArgoWorkflows, ArgoWorkflowsProps
from metaflow_gcp.metaflow.client_profile import ClientProfile, ClientProfileProps
from metaflow_gcp.metaflow.metadata_service import MetadataService, MetadataServiceProps
from metaflow_gcp.metaflow.metadata_service_choices import MetadataServiceChoices
from metaflow_gcp.metaflow.observability.collection import MetricsCollection, MetricsCollectionProps
from metaflow_gcp.metaflow.platform_description import PlatformDescription, PlatformDescriptionProps
from metaflow_gcp.metaflow.team import TeamRoles, TeamRolesProps
from metaflow_gcp.metaflow.team_choices import TeamChoices
from metaflow_gcp.metaflow.ui import MetaflowUi, MetaflowUiProps
from stacks import exposed
from stacks.base import PlatformStack, state_of
from stacks.cluster_names import (
    METADATA_ACCOUNT,
    TASKS_ACCOUNT,
    UI_ACCOUNT,
    forwards,
)
from stacks.contracts import EndpointOutputs, InfraOutputs
from stacks.settings import Settings
from stacks.settings.naming import CONTROLLERS_NAMESPACE, SERVICES_NAMESPACE


class ServicesStack(PlatformStack):
    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(scope, "services", settings)
        state = state_of(self, "infra", settings, "infra")
        infra = InfraOutputs.read(state)
        # The DNS endpoint's certificate is a public one: no authority of the cluster's own to be handed on.
        host = f"https://{infra.cluster_dns_endpoint}"
        # Lives for an hour and is written nowhere.
        token = DataGoogleClientConfig(self, "caller").access_token
        kubernetes.KubernetesProvider(self, "kubernetes", host=host, token=token)
        if settings.argo.enabled or settings.jobset.enabled:
            helm.HelmProvider(self, "helm", kubernetes=helm.HelmProviderKubernetes(host=host, token=token))
        controllers = settings.argo.enabled or settings.jobset.enabled
        namespaces = Namespaces(
            self,
            "namespaces",
            NamespacesProps(
                services=SERVICES_NAMESPACE,
                jobs=settings.jobs.namespace,
                controllers=CONTROLLERS_NAMESPACE if controllers else None,
            ),
        )
        self._settings = settings
        self._infra = infra
        self._endpoint = (
            EndpointOutputs.read(state, without=() if settings.argo.enabled else ("endpoint_argo",))
            if settings.endpoint.enabled
            else None
        )
        self._namespaces = namespaces
        self._database = _database(self, infra, settings)
        tasks = KubernetesAccount(
            self,
            "tasks-account",
            KubernetesAccountProps(
                namespace=namespaces.jobs, name=TASKS_ACCOUNT, google_service_account=infra.tasks_service_account
            ),
        )
        metadata_service = self._add_metadata_service()
        ui = self._add_ui(metadata_service)
        workflows = self._add_argo_workflows() if settings.argo.enabled else None
        events = self._add_argo_events() if settings.argo.enabled and settings.argo.events else None
        self._add_jobs_limits(events)
        if settings.jobset.enabled:
            self._add_jobset(workflows)
        if controllers:
            self._add_jobs_admission(tasks, workflows, events)
        if settings.observability.enabled and workflows:
            self._add_metrics_collection(events)
        self._add_team_roles()
        if self._endpoint:
            exposed.let_front_ends_in(self, namespaces.services, (ui, metadata_service), workflows)
        project = DataGoogleProject(self, "project", project_id=settings.project)
        self.profile = ClientProfile(
            self,
            "client-profile",
            ClientProfileProps(
                bucket=infra.bucket,
                metadata_service_url=metadata_service.url,
                namespace=namespaces.jobs,
                service_account=tasks.name,
                container_registry=infra.image_prefix_of_all,
                container_image=self._pulled(settings.images.task),
                secrets_prefix=f"projects/{project.number}/secrets/",
                ui=True,
                ui_url=self._endpoint.ui_url if self._endpoint else None,
                argo_workflows=settings.argo.enabled,
                argo_workflows_url=self._endpoint.argo_url if self._endpoint else None,
                events=events,
                further=settings.client_profile,
            ),
        )
        TerraformOutput(self, "client_profile", value=self.profile.json, static_id=True)
        description = PlatformDescription(
            self,
            "platform-description",
            PlatformDescriptionProps(
                bucket=infra.bucket,
                project=settings.project,
                environment=settings.environment,
                cluster_name=infra.cluster_name,
                cluster_location=infra.cluster_location,
                cluster_dns_endpoint=infra.cluster_dns_endpoint,
                images=infra.image_prefix,
                services_namespace=namespaces.services,
                jobs_namespace=namespaces.jobs,
                forwards=forwards(settings),
                endpoint=exposed.address(settings, self._endpoint) if self._endpoint else None,
            ),
        )
        # The same as in the bucket, for who may read the state but not the bucket.
        TerraformOutput(self, "platform_description", value=description.json, static_id=True)

    @property
    def requirements(self) -> Requirements:
        """Of its parts, and of the data sources that it reads: the project, and the database's password."""
        read = frozenset({"cloudresourcemanager.googleapis.com", "secretmanager.googleapis.com"})
        return required_by(self) + Requirements(apis=read)

    def _add_jobs_limits(self, events: ArgoEvents | None) -> None:
        JobsLimits(
            self,
            "jobs-limits",
            JobsLimitsProps(
                namespace=self._namespaces.jobs,
                uncounted_priority_class=events.priority_class if events else None,
                **chosen(self._settings.jobs, LimitsChoices),
            ),
        )

    def _pulled(self, image: str) -> str:
        """By digest if it is known, and through the platform's own copy if it is Docker Hub's."""
        return pulled_through(externals.pinned(image), self._infra.image_prefix_of_docker_hub)

    def _add_metadata_service(self) -> MetadataService:
        return MetadataService(
            self,
            "metadata-service",
            MetadataServiceProps(
                namespace=self._namespaces.services,
                name=METADATA_ACCOUNT,
                image=self._pulled(self._settings.images.metadata_service),
                database=self._database,
                **chosen(self._settings.metadata_service, MetadataServiceChoices),
                client_namespaces=(self._namespaces.jobs,),
                google_service_account=self._infra.metadata_service_account,
                placement=SYSTEM_POOL,
            ),
        )

    def _add_ui(self, metadata_service: MetadataService) -> MetaflowUi:
        return MetaflowUi(
            self,
            "ui",
            MetaflowUiProps(
                namespace=self._namespaces.services,
                name=UI_ACCOUNT,
                image=self._pulled(self._settings.images.metadata_service),
                database=self._database,
                datastore_root=root_of(self._infra.bucket),
                google_service_account=self._infra.ui_service_account,
                placement=SYSTEM_POOL,
                # Which migrates the database that it reads.
                after=(metadata_service.deployment,),
            ),
        )

    def _add_argo_workflows(self) -> ArgoWorkflows:
        argo = self._settings.argo
        return ArgoWorkflows(
            self,
            "argo-workflows",
            ArgoWorkflowsProps(
                namespace=self._namespaces.controllers,
                jobs_namespace=self._namespaces.jobs,
                chart_version=argo.workflows_chart,
                seconds_after_success=argo.keep_succeeded_seconds,
                seconds_after_failure=argo.keep_failed_seconds,
                shown_without_token=self._settings.endpoint.enabled,
                metrics=self._settings.observability.enabled,
                placement=SYSTEM_POOL,
            ),
        )

    def _add_argo_events(self) -> ArgoEvents:
        return ArgoEvents(
            self,
            "argo-events",
            ArgoEventsProps(
                namespace=self._namespaces.controllers,
                jobs_namespace=self._namespaces.jobs,
                chart_version=self._settings.argo.events_chart,
                docker_hub=self._infra.image_prefix_of_docker_hub,
                placement=SYSTEM_POOL,
                storage_class=self._storage_class(),
            ),
        )

    def _add_metrics_collection(self, events: ArgoEvents | None) -> None:
        MetricsCollection(
            self,
            "metrics-collection",
            MetricsCollectionProps(
                namespace=self._namespaces.controllers,
                jobs_namespace=self._namespaces.jobs,
                workflows=True,
                events=events is not None,
            ),
        )

    def _storage_class(self) -> str:
        """Of disks that the system pool's machines take, as they take its boot disks."""
        machine_type = self._settings.cluster.system_pool.machine_type
        if machine_types.default_disk_type(machine_type) == "hyperdisk-balanced":
            return HyperdiskClass(self, "bus-disks").name
        return ArgoEventsProps.storage_class

    def _add_jobset(self, workflows: ArgoWorkflows | None) -> None:
        JobSetController(
            self,
            "jobset",
            JobSetControllerProps(
                namespace=self._namespaces.controllers,
                jobs_namespace=self._namespaces.jobs,
                # Without Argo no pod makes JobSets: people do.
                executor_service_account=workflows.executor_service_account if workflows else None,
                chart_version=self._settings.jobset.chart,
                placement=SYSTEM_POOL,
            ),
        )

    def _add_jobs_admission(
        self, tasks: KubernetesAccount, workflows: ArgoWorkflows | None, events: ArgoEvents | None
    ) -> None:
        """Without controllers there is nothing to take: no other account, and no Secret of ours."""
        JobsAdmission(
            self,
            "jobs-admission",
            JobsAdmissionProps(
                namespace=self._namespaces.controllers,
                jobs_namespace=self._namespaces.jobs,
                tasks_service_account=tasks.name,
                executor_service_account=workflows.executor_service_account if workflows else None,
                executor_image=workflows.executor_image if workflows else JobsAdmissionProps.executor_image,
                sensor_service_account=events.service_account if events else None,
                events_priority_class=events.priority_class if events else None,
                jobsets=self._settings.jobset.enabled,
                platform_nodes=SYSTEM_POOL,
            ),
        )

    def _add_team_roles(self) -> None:
        TeamRoles(
            self,
            "people",
            TeamRolesProps(
                services_namespace=self._namespaces.services,
                jobs_namespace=self._namespaces.jobs,
                argo_namespace=self._namespaces.controllers if self._settings.argo.enabled else None,
                argo_events=self._settings.argo.enabled and self._settings.argo.events,
                jobsets=self._settings.jobset.enabled,
                **chosen(self._settings.access, TeamChoices),
            ),
        )


def _database(scope: Construct, infra: InfraOutputs, settings: Settings) -> ExistingDatabase:
    password = DataGoogleSecretManagerSecretVersion(
        scope, "database-password", project=settings.project, secret=infra.database_password_secret
    )
    return ExistingDatabase(
        host=infra.database_host,
        name=infra.database_name,
        user=infra.database_user,
        password=password.secret_data,
        server_ca=infra.database_server_ca,
    )
