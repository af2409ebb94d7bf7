"""Metaflow's user interface: runs, logs, DAGs and cards in a browser."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from constructs import Construct

from metaflow_gcp import connections, externals, images, names
from metaflow_gcp.checks import Checks
from metaflow_gcp.database_client import DatabaseClient, DatabaseClientProps
from metaflow_gcp.metadata_service import PYTHON
from metaflow_gcp.placement import ANYWHERE, Placement
from metaflow_gcp.postgres_database import Database
from metaflow_gcp.service_identity import KubernetesAccount, KubernetesAccountProps
from metaflow_gcp.web_service import WebService
from metaflow_gcp.web_service_props import Probes, Resources, WebServiceProps

_CACHE_BYTES = 300_000_000
"""Of each of the three caches."""


@dataclass(frozen=True, kw_only=True)
class MetaflowUiProps:
    namespace: str
    """The namespace, which must exist."""
    database: Database
    """The metadata service's database."""
    datastore_root: str
    """Where artifacts, logs and cards are: `gs://BUCKET/metaflow`."""
    google_service_account: str
    """The address of the Google account that may read the bucket, and no more."""
    image: str = externals.image("metadata-service")
    """Metaflow's service image with its version; it holds the UI, too."""
    name: str = "metaflow-ui"
    """The Service's name, and that of everything else here."""
    placement: Placement = ANYWHERE
    """The nodes that it runs on. Default: any."""
    after: Sequence[ITerraformDependable] = ()
    """What must be there before it starts: `MetadataService.deployment`, which migrates a new database. Default:
    nothing, and it restarts until the database is migrated."""

    def __post_init__(self) -> None:
        checks = Checks()
        names.check(checks, "namespace", self.namespace, names.KUBERNETES)
        names.check(checks, "name", self.name, names.KUBERNETES)
        images.check_pinned(checks, "image", self.image)
        checks.matches("datastore_root", self.datastore_root, r"gs://\S+", "gs://BUCKET/FOLDER")
        checks.raise_if_any("MetaflowUi")


class MetaflowUi(Construct):
    """Pages and their API on one port, for people only: they reach it by port forward, and no pod can."""

    def __init__(self, scope: Construct, id_: str, props: MetaflowUiProps) -> None:
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
                # The pages lie in the image's own copy of the service, not in the installed one.
                folders=("services",),
                command=(PYTHON, "-m", "services.ui_backend_service.ui_server"),
                port=8083,
                env=_env(props),
                probes=Probes(alive="/ping", ready="/status"),
                # Three caches with two processes each besides the server.
                resources=Resources(cpu="100m", memory="768Mi"),
                temporary_space="2Gi",
                database=database,
                google_apis=True,
                service_account=account.name,
                database_port=props.database.port,
                placement=props.placement,
                after=props.after,
            ),
        )

    @property
    def name(self) -> str:
        """The Service's name, for port forwards."""
        return self._service.name


def _env(props: MetaflowUiProps) -> dict[str, str]:
    caches = {
        f"CACHE_{cache}_{limit}": value
        for cache in ("ARTIFACT", "DAG", "LOG")
        # Otherwise 40 processes, and nearly the whole disk of the node.
        for limit, value in (("MAX_ACTIONS", "2"), ("STORAGE_LIMIT", str(_CACHE_BYTES)))
    }
    return {
        # Without PATH_PREFIX, pages and API share the port, and no browser asks another origin.
        "UI_ENABLED": "1",
        "MF_UI_METADATA_HOST": "0.0.0.0",  # noqa: S104 - inside its pod
        "MF_UI_METADATA_PORT": "8083",
        "MF_METADATA_DB_POOL_MAX": str(connections.UI_POOL),
        "MF_DATASTORE_ROOT": props.datastore_root,
        "METAFLOW_DEFAULT_DATASTORE": "gs",
        "METAFLOW_DATASTORE_SYSROOT_GS": props.datastore_root,
        "METAFLOW_DEFAULT_METADATA": "service",
        # It reads through the metadata service that it contains.
        "METAFLOW_SERVICE_URL": "http://127.0.0.1:8083/metadata",
        "HOME": "/tmp",  # noqa: S108 - a path in the container: nobody has no home
        **caches,
    }
