"""Metaflow's metadata service: where runs, steps, tasks and artifacts are recorded."""

from dataclasses import dataclass
from pathlib import Path

from cdktf import ITerraformDependable
from constructs import Construct

from metaflow_gcp import externals, names
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.sql.postgres_database import Database
from metaflow_gcp.kubernetes import images
from metaflow_gcp.kubernetes.account import KubernetesAccount, KubernetesAccountProps
from metaflow_gcp.kubernetes.placement import ANYWHERE, Placement
from metaflow_gcp.metaflow import connections, ports
from metaflow_gcp.metaflow.database_client import DatabaseClient, DatabaseClientProps
from metaflow_gcp.metaflow.metadata_service_choices import MetadataServiceChoices
from metaflow_gcp.metaflow.service.pod import APP
from metaflow_gcp.metaflow.service.props import Liveness, Preparation, Probes, Resources, WebServiceProps
from metaflow_gcp.metaflow.service.service import WebService

PYTHON = "/opt/latest/bin/python3"
"""The interpreter of Metaflow's service image that has the service installed."""

_MIGRATIONS = "services/migration_service/migration_files"
"""Where the image keeps them, below /root."""

_MIGRATE = Path(__file__).with_name("migrate.py")


@dataclass(frozen=True, kw_only=True)
class MetadataServiceProps(MetadataServiceChoices):
    namespace: str
    """The namespace, which must exist."""
    database: Database
    """A `PostgresDatabase`, or an `ExistingDatabase`."""
    image: str = externals.image("metadata-service")
    """Metaflow's service image with its version."""
    name: str = "metadata-service"
    """The Service's name, and that of everything else here."""
    client_namespaces: tuple[str, ...] = ()
    """Namespaces whose pods may connect: the tasks'. Nobody else's can."""
    google_service_account: str | None = None
    """The address of the Google account that the pods act as. Default: none, for it talks to the database only."""
    placement: Placement = ANYWHERE
    """The nodes that it runs on. Default: any."""

    def __post_init__(self) -> None:
        checks = Checks()
        names.check(checks, "namespace", self.namespace, names.KUBERNETES)
        names.check(checks, "name", self.name, names.KUBERNETES)
        images.check_pinned(checks, "image", self.image)
        self.check(checks)
        checks.raise_if_any("MetadataService")


class MetadataService(Construct):
    """Migrates the database, then serves: no client meets a schema that is older than the service."""

    def __init__(self, scope: Construct, id_: str, props: MetadataServiceProps) -> None:
        super().__init__(scope, id_)
        account = KubernetesAccount(
            self,
            "account",
            KubernetesAccountProps(
                namespace=props.namespace, name=props.name, google_service_account=props.google_service_account
            ),
        )
        database = DatabaseClient(
            self,
            "database",
            DatabaseClientProps(namespace=props.namespace, name=f"{props.name}-database", database=props.database),
        )
        self._service = WebService(
            self,
            "service",
            WebServiceProps(
                namespace=props.namespace,
                name=props.name,
                image=props.image,
                command=(PYTHON, "-m", "services.metadata_service.server"),
                port=ports.METADATA_SERVICE,
                env={
                    "MF_METADATA_HOST": "0.0.0.0",  # noqa: S104 - inside its pod
                    "MF_METADATA_PORT": str(ports.METADATA_SERVICE),
                    "MF_METADATA_DB_POOL_MAX": str(connections.METADATA_POOL),
                },
                probes=Probes(started="/ping", ready="/healthcheck", alive=Liveness(path="/ping")),
                # 200 clients leave it at 64 MiB. A list of a flow's runs is made in memory: 100,000 of them take 179 to
                # 214 MiB, three such lists at once 296, eight 380 (`make bench-service`); the limit is twice that.
                resources=Resources(cpu="100m", memory="256Mi", memory_limit="768Mi"),
                folders=(_MIGRATIONS,),
                preparation=Preparation(
                    name="migrate",
                    command=(PYTHON, "-c", _MIGRATE.read_text(), f"{APP}/migration_files"),
                    # An index on a large table takes its time; half an index is worse than a slow stop.
                    grace_seconds=600,
                ),
                **database.of_service,
                service_account=account.name,
                replicas=props.replicas,
                client_namespaces=props.client_namespaces,
                placement=props.placement,
            ),
        )

    @property
    def name(self) -> str:
        """The Service's name, for port forwards."""
        return self._service.name

    @property
    def deployment(self) -> ITerraformDependable:
        """What needs a migrated database waits for this."""
        return self._service.deployment

    @property
    def url(self) -> str:
        """How pods of the cluster reach it: Metaflow's `SERVICE_INTERNAL_URL`."""
        return self._service.url
