"""Types come before rules: what is of another type is one mistake, and no rule looks at it."""

import pytest
from cdktf import Token

from metaflow_gcp.checks import InvalidProperties
from metaflow_gcp.google.gke.cluster import ExistingCluster
from metaflow_gcp.google.gke.gpu_node_pool import GpuNodePoolProps
from metaflow_gcp.google.sql.postgres_database import ExistingDatabase
from metaflow_gcp.metaflow.metadata_service import MetadataServiceProps

CLUSTER = ExistingCluster(project="some-project", name="gke", location="us-west1")
POOL = {
    "cluster": CLUSTER,
    "name": "l4",
    "machine_type": "g2-standard-12",
    "service_account": "metaflow-nodes@some-project.iam.gserviceaccount.com",
    "zones": ("us-west1-a",),
    "max_nodes": 4,
}


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"zones": "us-west1-a"}, "zones: 'us-west1-a' is a str\n    allowed: a tuple"),
        ({"max_nodes": "4"}, "max_nodes: '4' is a str\n    allowed: a number"),
        ({"max_nodes": True}, "max_nodes: True is a bool\n    allowed: a number"),
        ({"spot": 1}, "spot: 1 is a int\n    allowed: True or False"),
        ({"labels": ["team"]}, "labels: ['team'] is a list\n    allowed: a dict"),
        ({"name": None}, "name: None is a NoneType\n    allowed: a text"),
        ({"driver_version": 535}, "driver_version: 535 is a int\n    allowed: a text"),
        ({"cluster": "research"}, "allowed: a Cluster: what has name, location, project"),
        ({"sharing": "MPS"}, "sharing: 'MPS' is a str\n    allowed: a GpuSharing"),
    ],
)
def test_another_type_is_one_problem(properties, said):
    with pytest.raises(InvalidProperties) as caught:
        GpuNodePoolProps(**POOL | properties)
    assert len(caught.value.problems) == 1
    assert said in str(caught.value)


def test_all_of_them_are_said_at_once():
    with pytest.raises(InvalidProperties, match="GpuNodePool: 2 problem") as caught:
        GpuNodePoolProps(**POOL | {"zones": "us-west1-a", "max_nodes": "4"})
    assert {problem.where for problem in caught.value.problems} == {"zones", "max_nodes"}


def test_a_cluster_is_no_database():
    with pytest.raises(InvalidProperties, match="allowed: a Database: what has host, port, user, password, server_ca"):
        MetadataServiceProps(namespace="metaflow", database=CLUSTER)


def test_an_existing_database_has_a_password():
    with pytest.raises(InvalidProperties, match="password: None is a NoneType"):
        ExistingDatabase(host="10.0.0.5", password=None, server_ca="${ca}")


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"password": b"hunter2"}, "password: it is a bytes"),
        ({"password": 5_318_008}, "password: it is a int"),
        ({"host": {"password": "hunter2"}}, "host: it is a dict"),
        ({"host": ["postgresql://metaflow:hunter2@10.0.0.5"]}, "host: it is a list"),
    ],
)
def test_a_password_is_not_shown(properties, said):
    with pytest.raises(InvalidProperties) as caught:
        ExistingDatabase(**{"host": "10.0.0.5", "password": "${a}", "server_ca": "${b}"} | properties)
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "5318008" not in str(caught.value)


def test_nor_that_of_a_database_in_another_one_s_place():
    database = ExistingDatabase(host="10.0.0.5", password="hunter2", server_ca="${ca}")
    assert "hunter2" not in repr(database)
    for wrong in (database, "postgresql://metaflow:hunter2@10.0.0.5/metaflow"):
        with pytest.raises(InvalidProperties, match="cluster: it is a") as caught:
            GpuNodePoolProps(**POOL | {"cluster": wrong})
        assert "hunter2" not in str(caught.value)


def test_what_terraform_knows_later_passes():
    number, text = Token.as_number({"var": "n"}), Token.as_string({"var": "x"})
    GpuNodePoolProps(**POOL | {"max_nodes": number, "name": text, "zones": (text,), "driver_version": text})
