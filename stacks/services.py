"""Third: what runs inside the cluster."""

from cdktf import TerraformOutput
from cdktf_cdktf_provider_google.data_google_client_config import DataGoogleClientConfig
from cdktf_cdktf_provider_google.data_google_secret_manager_secret_version import (
    DataGoogleSecretManagerSecretVersion,
)
from cdktf_cdktf_provider_kubernetes import provider as kubernetes
from constructs import Construct

from metaflow_gcp.client_profile import ClientProfile, ClientProfileProps
from metaflow_gcp.image_registry import pulled_through
from metaflow_gcp.metadata_service import MetadataService, MetadataServiceProps
from metaflow_gcp.namespaces import Namespaces, NamespacesProps
from metaflow_gcp.placement import SYSTEM_POOL
from metaflow_gcp.postgres_database import ExistingDatabase
from metaflow_gcp.requirements import Requirements
from metaflow_gcp.service_identity import KubernetesAccount, KubernetesAccountProps
from metaflow_gcp.team_access import TeamRoles, TeamRolesProps
from stacks.base import PlatformStack, state_of
from stacks.contracts import InfraOutputs
from stacks.infra import JOBS_NAMESPACE, METADATA_ACCOUNT, SERVICES_NAMESPACE, TASKS_ACCOUNT
from stacks.settings import Settings


class ServicesStack(PlatformStack):
    requirements = Requirements(apis=frozenset({"secretmanager.googleapis.com", "storage.googleapis.com"}))

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(scope, "services", settings)
        infra = InfraOutputs.read(state_of(self, "infra", settings, "infra"))
        kubernetes.KubernetesProvider(
            self,
            "kubernetes",
            # The DNS endpoint's certificate is a public one: no authority of the cluster's own to be handed on.
            host=f"https://{infra.cluster_dns_endpoint}",
            # Lives for an hour and is written nowhere.
            token=DataGoogleClientConfig(self, "caller").access_token,
        )
        namespaces = Namespaces(self, "namespaces", NamespacesProps(services=SERVICES_NAMESPACE, jobs=JOBS_NAMESPACE))
        tasks = KubernetesAccount(
            self,
            "tasks-account",
            KubernetesAccountProps(
                namespace=namespaces.jobs, name=TASKS_ACCOUNT, google_service_account=infra.tasks_service_account
            ),
        )
        metadata_service = MetadataService(
            self,
            "metadata-service",
            MetadataServiceProps(
                namespace=namespaces.services,
                name=METADATA_ACCOUNT,
                image=pulled_through(settings.images.metadata_service, infra.image_prefix_of_docker_hub),
                database=_database(self, infra, settings),
                replicas=settings.metadata_service.replicas,
                client_namespaces=(namespaces.jobs,),
                google_service_account=infra.metadata_service_account,
                placement=SYSTEM_POOL,
            ),
        )
        TeamRoles(
            self,
            "people",
            TeamRolesProps(
                services_namespace=namespaces.services,
                jobs_namespace=namespaces.jobs,
                users=settings.access.users,
                admins=settings.access.admins,
            ),
        )
        self.profile = ClientProfile(
            self,
            "client-profile",
            ClientProfileProps(
                bucket=infra.bucket,
                metadata_service_url=metadata_service.url,
                namespace=namespaces.jobs,
                service_account=tasks.name,
                container_registry=infra.image_prefix_of_all,
                container_image=pulled_through(settings.images.task, infra.image_prefix_of_docker_hub),
            ),
        )
        TerraformOutput(self, "client_profile", value=self.profile.json, static_id=True)


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
