"""Metaflow's metadata service: where runs, steps, tasks and artifacts are recorded."""

from dataclasses import dataclass
from pathlib import Path

from constructs import Construct

from metaflow_gcp.checks import Checks
from metaflow_gcp.kubernetes.size import Size
from metaflow_gcp.metaflow import connections, ports
from metaflow_gcp.metaflow.metadata_service_choices import MetadataServiceChoices
from metaflow_gcp.metaflow.service.of_database import PYTHON, DatabaseService, DatabaseServiceProps
from metaflow_gcp.metaflow.service.pod import APP
from metaflow_gcp.metaflow.service.props import Liveness, Preparation, Probes
from metaflow_gcp.names import KubernetesName

_MIGRATIONS = "services/migration_service/migration_files"
"""Where the image keeps them, below /root."""

_MIGRATE = Path(__file__).with_name("migrate.py")


@dataclass(frozen=True, kw_only=True)
class MetadataServiceProps(MetadataServiceChoices, DatabaseServiceProps):
    name: KubernetesName = "metadata-service"
    """The Service's name, and that of everything else here."""
    client_namespaces: tuple[str, ...] = ()
    """Namespaces whose pods may connect: the tasks'. Nobody else's can."""
    google_service_account: str | None = None
    """The address of the Google account that the pods act as. Default: none, for it talks to the database only."""

    def _check(self, checks: Checks) -> None:
        super()._check(checks)
        self.check(checks)


class MetadataService(DatabaseService):
    """Migrates the database, then serves: no client meets a schema that is older than the service."""

    def __init__(self, scope: Construct, id_: str, props: MetadataServiceProps) -> None:
        super().__init__(
            scope,
            id_,
            props,
            props.google_service_account,
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
            size=Size(cpu="100m", memory="256Mi", memory_limit="768Mi"),
            folders=(_MIGRATIONS,),
            preparation=Preparation(
                name="migrate",
                command=(PYTHON, "-c", _MIGRATE.read_text(), f"{APP}/migration_files"),
                # An index on a large table takes its time; half an index is worse than a slow stop.
                grace_seconds=600,
            ),
            replicas=props.replicas,
            client_namespaces=props.client_namespaces,
        )

    @property
    def url(self) -> str:
        """How pods of the cluster reach it: Metaflow's `SERVICE_INTERNAL_URL`."""
        return self._service.url
