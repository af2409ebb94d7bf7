"""Metaflow's user interface: runs, logs, DAGs and cards in a browser."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from constructs import Construct

from metaflow_gcp.checks import Checks
from metaflow_gcp.kubernetes.size import Size
from metaflow_gcp.metaflow import connections, ports
from metaflow_gcp.metaflow.service.of_database import PYTHON, DatabaseService, DatabaseServiceProps
from metaflow_gcp.metaflow.service.pod import APP
from metaflow_gcp.metaflow.service.props import Liveness, Probes
from metaflow_gcp.names import KubernetesName

_CACHE_BYTES = 300_000_000
"""Of each of the three caches."""

_CARDS = "/srv/cards"
"""Where cards are cached, in a folder that the service names (`CardCache.CACHE_DIR` of its card_cache_service.py)."""


@dataclass(frozen=True, kw_only=True)
class MetaflowUiProps(DatabaseServiceProps):
    name: KubernetesName = "metaflow-ui"
    """The Service's name, and that of everything else here."""
    datastore_root: str
    """Where artifacts, logs and cards are: `gs://BUCKET/metaflow`."""
    google_service_account: str
    """The address of the Google account that may read the bucket, and no more."""
    after: Sequence[ITerraformDependable] = ()
    """What must be there before it starts: `MetadataService.deployment`, which migrates a new database. Default:
    nothing, and it restarts until the database is migrated."""

    def _check(self, checks: Checks) -> None:
        super()._check(checks)
        checks.matches("datastore_root", self.datastore_root, r"gs://\S+", "gs://BUCKET/FOLDER")


class MetaflowUi(DatabaseService):
    """Pages and their API on one port, for people only: they reach it by port forward, and no pod can."""

    def __init__(self, scope: Construct, id_: str, props: MetaflowUiProps) -> None:
        super().__init__(
            scope,
            id_,
            props,
            props.google_service_account,
            # The pages lie in the image's own copy of the service, not in the installed one.
            folders=("services",),
            command=(PYTHON, "-m", "services.ui_backend_service.ui_server"),
            port=ports.UI,
            env=_env(props),
            probes=Probes(
                started="/ping",
                # Its own /status is 200 with the database away.
                ready="/metadata/healthcheck",
                # It asks each cache's process for an answer, and has none while one of them hangs; /ping has. It
                # does not wait for what the caches are busy with. Not more often: each answer costs nine shells and
                # leaves three empty folders in the caches (`open_tempdir` of cache_store.py, without a stream).
                alive=Liveness(path="/status", period_seconds=120, timeout_seconds=60, failures=3),
            ),
            # The server, three caches with two processes each: 230 to 410 MiB. Beyond that cards: each task whose
            # cards somebody looks at has a process of 48 MiB for `CARD_CACHE_PROCESS_MAX_UPTIME`. Nothing in the
            # service bounds their number; the limit is for 20 tasks within those 30 seconds.
            size=Size(cpu="100m", memory="512Mi", memory_limit="1536Mi"),
            temporary_space="2Gi",
            # A folder that must be there: the service's clean-up of cards ends for good when it is not.
            volumes={f"{_CARDS}/card_cache_service": "1Gi"},
            google_apis=True,
            after=props.after,
        )


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
        "MF_UI_METADATA_PORT": str(ports.UI),
        "MF_METADATA_DB_POOL_MAX": str(connections.UI_POOL),
        "MF_DATASTORE_ROOT": props.datastore_root,
        "METAFLOW_DEFAULT_DATASTORE": "gs",
        "METAFLOW_DATASTORE_SYSROOT_GS": props.datastore_root,
        "METAFLOW_DEFAULT_METADATA": "service",
        # It reads through the metadata service that it contains.
        "METAFLOW_SERVICE_URL": f"http://127.0.0.1:{ports.UI}/metadata",
        # /tmp is small. Artifacts on their way into the caches, and cards, do not belong there.
        "METAFLOW_CLIENT_CACHE_PATH": f"{APP}/metaflow_client",
        "CARD_CACHE_STORAGE_PATH": _CARDS,
        # Not three minutes: whoever goes on looking gets a new process.
        "CARD_CACHE_PROCESS_MAX_UPTIME": "30",
        # Not four hours: removes the cards that nobody has looked at since, before the volume is full.
        "CARD_CACHE_DISK_CLEANUP_INTERVAL": "600",
        "HOME": "/tmp",  # noqa: S108 - a path in the container: nobody has no home
        **caches,
    }
