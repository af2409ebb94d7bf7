from dataclasses import replace

import pytest

from metaflow_gcp.google.sql.postgres_database import ExistingDatabase
from metaflow_gcp.kubernetes.placement import SYSTEM_POOL
from metaflow_gcp.metaflow import connections
from metaflow_gcp.metaflow.metadata_service import MetadataService, MetadataServiceProps
from metaflow_gcp.metaflow.service.of_database import PYTHON

DATABASE = ExistingDatabase(host="10.0.0.5", password="${var.password}", server_ca="${var.ca}")
MINIMAL = {"namespace": "metaflow", "database": DATABASE}
MAXIMAL = MINIMAL | {
    "database": replace(DATABASE, port=6432),
    "image": "example.com/metadata:1",
    "name": "metadata",
    "replicas": 3,
    "client_namespaces": ("metaflow-jobs", "notebooks"),
    "google_service_account": "metadata@some-project.iam.gserviceaccount.com",
    "placement": SYSTEM_POOL,
}


@pytest.fixture
def service(synthesize):
    def service(properties=None):
        def build(scope):
            made = MetadataService(scope, "metadata", MetadataServiceProps(**MINIMAL | (properties or {})))
            return {"name": made.name, "url": made.url}

        return synthesize(build)

    return service


def pod(stack):
    return stack.only("kubernetes_deployment_v1")["spec"]["template"]["spec"]


def variables(container):
    return {each["name"]: each.get("value", each.get("value_from")) for each in container["env"]}


def test_minimal(service):
    stack = service()
    assert stack.paths == {
        "kubernetes_config_map_v1": ["metadata/database/certificates"],
        "kubernetes_deployment_v1": ["metadata/service/deployment"],
        "kubernetes_network_policy_v1": ["metadata/service/network-policy"],
        "kubernetes_secret_v1": ["metadata/database/secret"],
        "kubernetes_service_account_v1": ["metadata/account/account"],
        "kubernetes_service_v1": ["metadata/service/service"],
    }
    [server] = pod(stack)["container"]
    assert server["image"] == "docker.io/netflixoss/metaflow_metadata_service:v2.5.0"
    assert server["command"] == [PYTHON, "-m", "services.metadata_service.server"]
    assert stack.only("kubernetes_service_v1")["metadata"]["name"] == "metadata-service"


def test_maximal(service, holds):
    stack = service(MAXIMAL)
    [server] = pod(stack)["container"]
    assert server["image"] == "example.com/metadata:1"
    assert variables(server)["MF_METADATA_DB_PORT"] == "6432"
    for type_ in ("service", "deployment", "network_policy", "service_account"):
        metadata = stack.only(f"kubernetes_{type_}_v1")["metadata"]
        holds(metadata, {"namespace": "metaflow", "name": "metadata"})
    assert stack.only("kubernetes_service_account_v1")["metadata"]["annotations"] == {
        "iam.gke.io/gcp-service-account": "metadata@some-project.iam.gserviceaccount.com"
    }
    assert list(stack["kubernetes_pod_disruption_budget_v1"]) == ["metadata/service/disruption-budget"]


def test_the_server_listens_on_all_of_its_pod_s_addresses(service, holds):
    [server] = pod(service())["container"]
    holds(variables(server), {"MF_METADATA_HOST": "0.0.0.0", "MF_METADATA_PORT": "8080"})
    assert [port["container_port"] for port in server["port"]] == [8080]


def test_readiness_asks_the_database_and_liveness_does_not(service):
    """A database that is away takes pods out of the Service; restarting them would not bring it back."""
    [server] = pod(service())["container"]
    paths = {kind: server[f"{kind}_probe"]["http_get"]["path"] for kind in ("startup", "readiness", "liveness")}
    assert paths == {"startup": "/ping", "readiness": "/healthcheck", "liveness": "/ping"}


def test_the_migration_has_no_probe_that_could_kill_it(service):
    """Known defect 6 of the templates: a liveness probe kills the container while it migrates the database."""
    _, migration = pod(service())["init_container"]
    assert migration["name"] == "migrate"
    assert not [key for key in migration if key.endswith("_probe") or key in ("lifecycle", "restart_policy")]


def test_the_migration_ends_before_the_server_starts_and_is_given_the_time(service):
    """Migrations that are killed leave invalid indexes behind.

    https://www.postgresql.org/docs/16/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
    """
    stack = service()
    assert pod(stack)["termination_grace_period_seconds"] == 600
    assert stack.only("kubernetes_deployment_v1")["spec"]["progress_deadline_seconds"] == 1500


def test_the_migration_is_this_library_s_program_and_migrates_an_old_schema_too(service):
    """run_goose.py of metaflow-service v2.5.1: `--only-if-empty-db` skips later upgrades."""
    _, migration = pod(service())["init_container"]
    interpreter, flag, program, folder = migration["command"]
    assert (interpreter, flag, folder) == (PYTHON, "-c", "/srv/app/migration_files")
    compile(program, "migrate.py", "exec")
    assert "only-if-empty-db" not in program
    # A dollar and a brace would be Terraform's, a dollar and a parenthesis Kubernetes'.
    assert not {"${", "%{", "$("} & {program[at : at + 2] for at in range(len(program))}


def test_only_the_copy_of_the_migrations_runs_as_root(service, holds):
    template = pod(service())
    unpack, migration = template["init_container"]
    assert unpack["command"] == ["cp", "-r", "/root/services/migration_service/migration_files", "/srv/app"]
    holds(template["security_context"], {"run_as_non_root": True, "run_as_user": "65534"})
    for container in (migration, *template["container"]):
        holds(container["security_context"], {"run_as_user": None, "run_as_non_root": True})


def test_its_connections_are_those_that_the_settings_count(service, holds):
    [server] = pod(service())["container"]
    holds(variables(server), {"MF_METADATA_DB_POOL_MAX": str(connections.METADATA_POOL)})


def test_migration_and_server_talk_to_the_same_database_with_tls(service):
    template = pod(service())
    [_, migration], [server] = template["init_container"], template["container"]
    of_migration, of_server = variables(migration), variables(server)
    assert of_migration.items() <= of_server.items()
    # The image's own migration program reads the certificate's path from another name than the servers.
    certificate = "/etc/database/server-ca.pem"
    assert of_migration["MF_METADATA_DB_SSL_ROOT_CERT"] == certificate
    assert of_server["MF_METADATA_DB_SSL_ROOT_CERT_PATH"] == certificate
    assert of_server["MF_METADATA_DB_SSL_MODE"] == "verify-ca"


def test_an_idle_service_asks_for_a_tenth_of_a_cpu(service):
    """Known defect 13 of the templates: idle services ask for 4.5 CPU and 6 GiB."""
    template = pod(service())
    for container in (*template["container"], *template["init_container"]):
        assert container["resources"] == {
            "requests": {"cpu": "100m", "memory": "256Mi"},
            "limits": {"memory": "768Mi"},
        }


def test_tasks_and_the_profile_reach_it_by_name_once_it_is_there(service):
    assert service().values == {
        "name": "${kubernetes_service_v1.<metadata/service/service>.metadata[0].name}",
        "url": "http://${kubernetes_service_v1.<metadata/service/service>.metadata[0].name}."
        "${kubernetes_service_v1.<metadata/service/service>.metadata[0].namespace}:8080/",
    }


@pytest.mark.parametrize(
    ("properties", "where", "said"),
    [
        ({"namespace": "Metaflow"}, "namespace", "up to 63"),
        ({"name": "m" * 64}, "name", "at most 63"),
        ({"image": "metadata"}, "image", "a tag other than latest"),
        ({"replicas": 0}, "replicas", "1 to 5"),
        ({"replicas": 6}, "replicas", "1 to 5"),
    ],
)
def test_what_is_wrong_is_refused(properties, where, said, refused):
    refused(lambda: MetadataServiceProps(**MINIMAL | properties), where, said)
