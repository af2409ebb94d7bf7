import pytest

from metaflow_gcp.google.sql.postgres_database import ExistingDatabase
from metaflow_gcp.kubernetes.placement import SYSTEM_POOL
from metaflow_gcp.metaflow import connections
from metaflow_gcp.metaflow.metadata_service import MetadataService, MetadataServiceProps
from metaflow_gcp.metaflow.service.of_database import PYTHON
from metaflow_gcp.metaflow.ui import MetaflowUi, MetaflowUiProps

MINIMAL = {
    "namespace": "metaflow",
    "database": ExistingDatabase(host="10.0.0.5", password="${var.password}", server_ca="${var.ca}"),
    "datastore_root": "gs://storage-acme/metaflow",
    "google_service_account": "ui@some-project.iam.gserviceaccount.com",
}
MAXIMAL = MINIMAL | {"image": "example.com/service:1", "name": "ui", "placement": SYSTEM_POOL}


@pytest.fixture
def ui(synthesize):
    def ui(properties=None):
        return synthesize(lambda scope: MetaflowUi(scope, "ui", MetaflowUiProps(**MINIMAL | (properties or {}))))

    return ui


def pod(stack):
    return stack.only("kubernetes_deployment_v1")["spec"]["template"]["spec"]


def variables(stack):
    [server] = pod(stack)["container"]
    return {each["name"]: each.get("value") for each in server["env"]}


def test_minimal(ui):
    stack = ui()
    assert stack.paths == {
        "kubernetes_config_map_v1": ["ui/database/certificates"],
        "kubernetes_deployment_v1": ["ui/service/deployment"],
        "kubernetes_network_policy_v1": ["ui/service/network-policy"],
        "kubernetes_secret_v1": ["ui/database/secret"],
        "kubernetes_service_account_v1": ["ui/account/account"],
        "kubernetes_service_v1": ["ui/service/service"],
    }
    [server] = pod(stack)["container"]
    assert server["image"] == "docker.io/netflixoss/metaflow_metadata_service:v2.5.0"
    assert server["command"] == [PYTHON, "-m", "services.ui_backend_service.ui_server"]


def test_maximal(ui, holds):
    stack = ui(MAXIMAL)
    [server] = pod(stack)["container"]
    assert server["image"] == "example.com/service:1"
    assert stack.only("kubernetes_service_v1")["metadata"]["name"] == "ui"
    holds(pod(stack), {"node_selector": {"metaflow-gcp/pool": "system"}})


def test_pages_and_api_share_one_port_so_that_one_forward_is_enough(ui, holds):
    stack = ui()
    env = variables(stack)
    holds(env, {"UI_ENABLED": "1", "MF_UI_METADATA_PORT": "8083"})
    # A prefix would part them, and another origin would need CORS.
    assert not {"PATH_PREFIX", "ORIGIN_TO_ALLOW_CORS_FROM"} & env.keys()
    [port] = stack.only("kubernetes_service_v1")["spec"]["port"]
    assert port["port"] == 8083


def test_logs_and_dags_come_from_the_bucket(ui, holds):
    """The UI backend asks Metaflow's client for them: METAFLOW_DATASTORE_SYSROOT_GS of its metaflow_config.py."""
    holds(
        variables(ui()),
        {
            "MF_DATASTORE_ROOT": "gs://storage-acme/metaflow",
            "METAFLOW_DATASTORE_SYSROOT_GS": "gs://storage-acme/metaflow",
            "METAFLOW_DEFAULT_DATASTORE": "gs",
        },
    )


def test_it_acts_as_its_own_google_account(ui):
    account = ui().only("kubernetes_service_account_v1")["metadata"]
    assert account["annotations"] == {"iam.gke.io/gcp-service-account": "ui@some-project.iam.gserviceaccount.com"}


def test_it_waits_for_what_it_is_told_to(synthesize):
    def stack(scope):
        migrates = MetadataService(
            scope, "metadata", MetadataServiceProps(namespace="metaflow", database=MINIMAL["database"])
        )
        MetaflowUi(scope, "ui", MetaflowUiProps(**MINIMAL, after=(migrates.deployment,)))

    deployments = synthesize(stack)["kubernetes_deployment_v1"]
    assert deployments["ui/service/deployment"]["depends_on"] == [
        "kubernetes_network_policy_v1.<ui/service/network-policy>",
        "kubernetes_deployment_v1.<metadata/service/deployment>",
    ]


def test_no_pod_reaches_it(ui):
    policy = ui().only("kubernetes_network_policy_v1")["spec"]
    assert "Ingress" in policy["policy_types"]
    assert "ingress" not in policy


def test_it_reaches_google_s_apis(ui):
    egress = ui().only("kubernetes_network_policy_v1")["spec"]["egress"]
    assert {"443", "988"} <= {port["port"] for rule in egress for port in rule["ports"]}


def test_its_connections_are_those_that_the_settings_count(ui):
    assert variables(ui())["MF_METADATA_DB_POOL_MAX"] == str(connections.UI_POOL)


def volumes(stack):
    """Folder -> GiB of the volume that it is on."""
    sizes = {each["name"]: each.get("empty_dir", {}).get("size_limit") for each in pod(stack)["volume"]}
    [server] = pod(stack)["container"]
    return {each["mount_path"]: sizes[each["name"]] for each in server["volume_mount"]}


def test_its_caches_fit_on_its_volume_and_in_its_processes(ui):
    stack = ui()
    env = variables(stack)
    limits = [int(value) for name, value in env.items() if name.endswith("_STORAGE_LIMIT")]
    assert len(limits) == 3
    assert sum(limits) < int(volumes(stack)["/srv/app"].removesuffix("Gi")) * 2**30
    assert {value for name, value in env.items() if name.endswith("_MAX_ACTIONS")} == {"2"}


def test_nothing_large_is_written_to_tmp(ui, holds):
    """By default cards and artifacts are, and who writes more than the volume holds is evicted.

    `DEFAULT_CACHE_STORAGE_PATH` of the service's card_cache_manager.py, `CLIENT_CACHE_PATH` of Metaflow's config.
    """
    stack = ui()
    assert volumes(stack)["/tmp"] == "64Mi"
    for name in ("CARD_CACHE_STORAGE_PATH", "METAFLOW_CLIENT_CACHE_PATH"):
        assert variables(stack)[name].startswith("/srv/")


def test_cards_have_a_volume_in_the_folder_that_the_service_cleans_up(ui):
    """When the folder is missing, `cleanup_disk_routine` ends with an error, and no card is ever removed.

    `cleanup_non_running_caches` lists it: `<CARD_CACHE_STORAGE_PATH>/card_cache_service` (`CardCache.CACHE_DIR`).
    """
    stack = ui()
    env = variables(stack)
    assert volumes(stack)[f"{env['CARD_CACHE_STORAGE_PATH']}/card_cache_service"] == "1Gi"
    # Ten minutes of 5 MB cards: some 200.
    assert env["CARD_CACHE_DISK_CLEANUP_INTERVAL"] == "600"


def test_its_memory_has_room_for_twenty_processes_of_cards(ui):
    """One of 48 MiB for each task whose cards somebody looks at, each for `CARD_CACHE_PROCESS_MAX_UPTIME`."""
    [server] = pod(ui())["container"]
    assert variables(ui())["CARD_CACHE_PROCESS_MAX_UPTIME"] == "30"
    assert server["resources"] == {"requests": {"cpu": "100m", "memory": "512Mi"}, "limits": {"memory": "1536Mi"}}
    assert 410 + 20 * 48 < 1536


def test_readiness_asks_the_database_and_liveness_the_caches(ui):
    """/status is 200 without a database (`status` of the service's api/admin.py).

    It asks the processes of the caches and waits for ever: with one of them stopped it is silent, while /ping answers.
    """
    [server] = pod(ui())["container"]
    paths = {kind: server[f"{kind}_probe"]["http_get"]["path"] for kind in ("startup", "readiness", "liveness")}
    assert paths == {"startup": "/ping", "readiness": "/metadata/healthcheck", "liveness": "/status"}


def test_liveness_is_asked_seldom_and_waits_long(ui, holds):
    """Each answer leaves three empty folders behind and takes nine shells; a busy pod takes seconds for it."""
    [server] = pod(ui())["container"]
    holds(server["liveness_probe"], {"period_seconds": 120, "timeout_seconds": 60, "failure_threshold": 3})


@pytest.mark.parametrize(
    ("properties", "where", "said"),
    [
        ({"namespace": "Metaflow"}, "namespace", "up to 63"),
        ({"name": "u" * 64}, "name", "at most 63"),
        ({"image": "service:latest"}, "image", "a tag other than latest"),
        ({"datastore_root": "/data"}, "datastore_root", "gs://"),
    ],
)
def test_what_is_wrong_is_refused(properties, where, said, refused):
    refused(lambda: MetaflowUiProps(**MINIMAL | properties), where, said)
