"""Services of Metaflow's that reach their database, and those that do not."""

import pytest

from rehearsal.cloud.kubernetes.metaflow_service import events
from tests.rehearsal.cloud.kubernetes.shapes import about

SETTINGS = {"tier": "db-custom-1-3840", "edition": "ENTERPRISE"}


@pytest.fixture
def says(google, kubernetes, cloud):
    made = google.create(
        "google_sql_database_instance",
        name="psql",
        database_version="POSTGRES_16",
        region="us-west1",
        deletion_protection=False,
        settings=SETTINGS | {"ip_configuration": {"ssl_mode": "ENCRYPTED_ONLY"}},
    )
    google.create("google_sql_database", name="metaflow", instance="psql")
    google.create("google_sql_user", name="metaflow", instance="psql", password="right")
    for name, password in (("right", "right"), ("wrong", "wrong")):
        kubernetes.create("kubernetes_secret_v1", metadata=about(name), data={"password": password})
    files = {"ca.pem": made["server_ca_cert"][0]["cert"], "others.pem": "another"}
    kubernetes.create("kubernetes_config_map_v1", metadata=about("ca"), data=files)
    [cluster] = [each.key for each in cloud.all("google_container_cluster")]

    def says(secret="right", **changed):
        given = {
            "HOST": made["public_ip_address"],
            "PORT": "5432",
            "NAME": "metaflow",
            "USER": "metaflow",
            "SSL_MODE": "verify-ca",
            "SSL_ROOT_CERT": "/etc/database/ca.pem",
        } | changed
        env = [{"name": f"MF_METADATA_DB_{name}", "value": value} for name, value in given.items()]
        reference = [{"secret_key_ref": [{"name": secret, "key": "password"}]}]
        env.append({"name": "MF_METADATA_DB_PSWD", "value_from": reference})
        env.append({"name": "MF_METADATA_PORT", "value": changed.get("LISTENS", "8080")})
        mount = [{"name": "files", "mount_path": "/etc/database"}]
        container = {"name": "c", "env": env, "volume_mount": mount, "port": [{"container_port": 8080}]}
        pod = {"volume": [{"name": "files", "config_map": [{"name": "ca"}]}], "container": [container]}
        return [str(each) for each in events(cloud, cluster, "jobs", {"app": "app"}, pod)]

    return says


def test_what_fits(says):
    assert says() == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"HOST": "10.0.0.99"}, "10.0.0.99: Connection timed out: no database answers there"),
        ({"PORT": "3306"}, "port 3306: Connection timed out"),
        ({"NAME": "metaflows"}, 'FATAL: database "metaflows" does not exist'),
        ({"USER": "root"}, 'password authentication failed for user "root": there is no such user'),
        ({"secret": "wrong"}, 'FATAL: password authentication failed for user "metaflow"'),
        ({"SSL_MODE": "disable"}, "no encryption"),
        ({"SSL_ROOT_CERT": "/etc/database/none.pem"}, 'root certificate file "/etc/database/none.pem" does not exist'),
        ({"SSL_ROOT_CERT": "/etc/database/others.pem"}, "is not the certificate authority of this instance"),
        ({"LISTENS": "9999"}, "c listens at 9999 (MF_METADATA_PORT) and opens 8080"),
    ],
)
def test_what_does_not(says, changed, said):
    found = says(**changed)
    assert any(said in each for each in found), found


def test_a_database_of_somebody_else_is_not_judged(says):
    assert says(HOST="db.example.com") == []


def test_a_network_policy_that_keeps_it_from_its_database(says, kubernetes):
    dns = {"ports": [{"port": "53", "protocol": "UDP"}]}
    spec = {"pod_selector": {"match_labels": {"app": "app"}}, "policy_types": ["Egress"], "egress": [dns]}
    kubernetes.create("kubernetes_network_policy_v1", metadata=about("closed"), spec=spec)
    [said] = says()
    assert "network policies let it out to port 5432 no more" in said
