import pytest
from cdktf import TerraformVariable

from metaflow_gcp.google.sql.postgres_database import ExistingDatabase
from metaflow_gcp.metaflow.database_client import CERTIFICATES, DatabaseClient, DatabaseClientProps


@pytest.fixture
def client(synthesize):
    def client(**properties):
        def build(scope):
            given = {
                "host": "10.0.0.5",
                "password": TerraformVariable(scope, "password", type="string", sensitive=True).string_value,
                "server_ca": TerraformVariable(scope, "ca", type="string").string_value,
            }
            database = ExistingDatabase(**given | properties)
            props = DatabaseClientProps(namespace="metaflow", name="metadata-service-database", database=database)
            made = DatabaseClient(scope, "database", props)
            return {
                "env": made.of_service["shared_env"],
                "secret_env": {name: list(place) for name, place in made.of_service["secret_env"].items()},
                "certificates": list(made.of_service["config_maps"]["database"]),
                "checksum": made.of_service["checksums"]["database"],
                "reaches": list(made.of_service["reaches"]),
            }

        return synthesize(build)

    return client


def test_minimal(client):
    stack = client()
    metadata = {"namespace": "metaflow", "name": "metadata-service-database"}
    assert stack.resources == {
        "kubernetes_secret_v1": {
            "database/secret": {"metadata": metadata, "data": {"password": "${var.password}"}, "type": "Opaque"}
        },
        "kubernetes_config_map_v1": {
            "database/certificates": {"metadata": metadata, "data": {"server-ca.pem": "${var.ca}"}}
        },
    }
    assert stack.values["env"] == {
        "MF_METADATA_DB_HOST": "10.0.0.5",
        "MF_METADATA_DB_PORT": "5432",
        "MF_METADATA_DB_NAME": "metaflow",
        "MF_METADATA_DB_USER": "metaflow",
        "MF_METADATA_DB_SSL_MODE": "verify-ca",
        "MF_METADATA_DB_SSL_ROOT_CERT_PATH": f"{CERTIFICATES}/server-ca.pem",
        "MF_METADATA_DB_SSL_ROOT_CERT": f"{CERTIFICATES}/server-ca.pem",
    }


def test_maximal(client, holds):
    holds(
        client(name="runs", user="runner", port=6432).values["env"],
        {"MF_METADATA_DB_NAME": "runs", "MF_METADATA_DB_USER": "runner", "MF_METADATA_DB_PORT": "6432"},
    )


def test_the_server_is_verified_by_its_authority_and_servers_and_migration_find_the_certificate(client):
    """metaflow-service v2.5.1: services/utils/__init__.py reads `_PATH`, run_goose.py the name without it."""
    env = client().values["env"]
    assert env["MF_METADATA_DB_SSL_ROOT_CERT_PATH"] == env["MF_METADATA_DB_SSL_ROOT_CERT"]
    # Not verify-full: over Private Service Connect the certificate cannot name the address.
    assert env["MF_METADATA_DB_SSL_MODE"] == "verify-ca"


def test_the_password_comes_from_a_secret_and_from_no_variable(client):
    """Known defect 8 of the templates: the password as plain environment variable."""
    values = client().values
    assert values["secret_env"] == {
        "MF_METADATA_DB_PSWD": ["${kubernetes_secret_v1.<database/secret>.metadata[0].name}", "password"]
    }
    assert not any("${var.password}" in value for value in values["env"].values())


def test_a_new_password_or_certificate_changes_the_checksum_which_tells_neither(client):
    checksum = client().values["checksum"]
    assert checksum == '${nonsensitive(sha256(join("", [var.password, var.ca])))}'


def test_pods_wait_for_the_certificates(client):
    mounted = "${kubernetes_config_map_v1.<database/certificates>.metadata[0].name}"
    assert client().values["certificates"] == [mounted, CERTIFICATES]


def test_the_service_may_reach_the_database_s_port_and_no_other(client):
    assert client(port=6432).values["reaches"] == [6432]
