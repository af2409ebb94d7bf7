"""An app of its own repository: a GPU pool and Metaflow's metadata service, beside what is there already.

The project, the cluster `research` with its namespaces, the nodes' service account, the Cloud SQL instance and the
secret with the database's password belong to others: this app reads them and changes none of them.
"""

# First: it makes the provider bindings lazy before cdktf starts Node.
from metaflow_gcp import (
    ExistingCluster,
    ExistingDatabase,
    GpuNodePool,
    GpuNodePoolProps,
    MetadataService,
    MetadataServiceProps,
)

# isort: split
from cdktf import App, GcsBackend, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_google.data_google_client_config import DataGoogleClientConfig
from cdktf_cdktf_provider_google.data_google_container_cluster import DataGoogleContainerCluster
from cdktf_cdktf_provider_google.data_google_secret_manager_secret_version import (
    DataGoogleSecretManagerSecretVersion,
)
from cdktf_cdktf_provider_google.data_google_service_account import DataGoogleServiceAccount
from cdktf_cdktf_provider_google.data_google_sql_database_instance import DataGoogleSqlDatabaseInstance
from cdktf_cdktf_provider_google.provider import GoogleProvider
from cdktf_cdktf_provider_kubernetes.provider import KubernetesProvider
from constructs import Construct

PROJECT = "acme-research"
REGION = "europe-west4"
PASSWORD_SECRET = "metaflow-database-password"  # noqa: S105 - the name of a secret in Secret Manager


class MetaflowStack(TerraformStack):
    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        # The state holds the database's password, for a Kubernetes Secret is made of it: a bucket, not a file.
        GcsBackend(self, bucket="acme-research-terraform", prefix="metaflow")
        GoogleProvider(self, "google", project=PROJECT, region=REGION)

        found = DataGoogleContainerCluster(self, "cluster", project=PROJECT, location=REGION, name="research")
        endpoint = found.control_plane_endpoints_config.get(0).dns_endpoint_config.get(0).endpoint
        KubernetesProvider(
            self,
            "kubernetes",
            # Its certificate is a public one, and IAM decides who gets in.
            host=f"https://{endpoint}",
            # Lives for an hour and is written nowhere.
            token=DataGoogleClientConfig(self, "caller").access_token,
        )

        nodes = DataGoogleServiceAccount(self, "nodes", project=PROJECT, account_id="gke-nodes")
        GpuNodePool(
            self,
            "l4",
            GpuNodePoolProps(
                cluster=ExistingCluster(project=PROJECT, name=found.name, location=REGION),
                name="metaflow-l4",
                # One nvidia-l4, its disk and its driver follow from the machine type.
                machine_type="g2-standard-12",
                service_account=nodes.email,
                zones=(f"{REGION}-b", f"{REGION}-c"),
                max_nodes=2,
            ),
        )
        service = MetadataService(
            self,
            "metadata-service",
            MetadataServiceProps(
                namespace="metaflow",
                database=self._database(),
                client_namespaces=("jobs",),
            ),
        )
        TerraformOutput(self, "metadata_service_url", value=service.url, static_id=True)

    def _database(self) -> ExistingDatabase:
        instance = DataGoogleSqlDatabaseInstance(self, "database", project=PROJECT, name="research")
        password = DataGoogleSecretManagerSecretVersion(
            self, "database-password", project=PROJECT, secret=PASSWORD_SECRET
        )
        return ExistingDatabase(
            host=instance.private_ip_address,
            name="metaflow",
            user="metaflow",
            password=password.secret_data,
            server_ca=instance.server_ca_cert.get(0).cert,
        )


app = App()
MetaflowStack(app, "metaflow")
app.synth()
