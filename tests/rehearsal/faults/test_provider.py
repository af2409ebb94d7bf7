import pytest

from rehearsal.faults.fault import Fault
from rehearsal.protocol.errors import Refused

BUCKET = {"name": "things", "location": "US"}
SECRET = {"secret_id": "s", "replication": {"auto": {}}}
VERSION = {"secret": "projects/acme/secrets/s", "secret_data": "x"}


def test_before_anything_is_made(google, cloud, breaks):
    google = breaks(google, Fault(address="google_compute_network.vpc"))
    with pytest.raises(Refused, match="Error creating Network: googleapi: Error 503") as refused:
        google.create("google_compute_network", name="vpc")
    assert refused.value.state is None
    assert cloud.all() == []
    assert google.create("google_compute_network", name="vpc")


def test_the_id_is_cleared_where_the_wait_fails(google, cloud, breaks):
    """As Magic Modules generates it: the object is there, and the state knows nothing of it."""
    google = breaks(google, Fault(address="google_compute_network.vpc", when="after"))
    with pytest.raises(Refused, match=r"Error waiting to create Network: .* while retrieving operation") as refused:
        google.create("google_compute_network", name="vpc")
    assert refused.value.state is None
    with pytest.raises(Refused, match=r"409: The resource .* already exists"):
        google.create("google_compute_network", name="vpc")
    imported = google.find("google_compute_network", "projects/acme/global/networks/vpc")
    assert imported == cloud.all()[0].state


def test_a_request_that_nobody_waits_for_is_sent_again(google, breaks):
    google = breaks(google, Fault(address="google_storage_bucket.things", when="after"))
    with pytest.raises(Refused, match=r"googleapi: Error 409: .* already exists"):
        google.create("google_storage_bucket", **BUCKET)


def test_a_cluster_and_a_rollout_are_tainted(google, kubernetes, cluster, breaks):
    google.delete("google_container_cluster", cluster)
    google = breaks(google, Fault(address="google_container_cluster.*", when="after"))
    with pytest.raises(Refused, match="Error waiting for creating GKE cluster") as refused:
        google.create(
            "google_container_cluster",
            name="main",
            location="us-west1",
            network="vpc",
            subnetwork="nodes",
            initial_node_count=1,
        )
    assert refused.value.state["name"] == "main"


def test_a_node_pool_is_looked_for(google, cluster, breaks):
    google = breaks(google, Fault(address="google_container_node_pool.*", when="after"))
    made = google.create("google_container_node_pool", name="p", cluster=cluster["id"], node_count=1)
    assert made["name"] == "p"


def test_a_stockout_leaves_a_pool_without_nodes(google, cluster, breaks):
    google = breaks(google, Fault(address="google_container_node_pool.*", kind="stockout"))
    with pytest.raises(Refused, match=r"was created in the error state[\s\S]*GCE_STOCKOUT") as refused:
        google.create("google_container_node_pool", name="p", cluster=cluster["id"], node_count=1)
    assert refused.value.state["name"] == "p"


def test_what_google_numbers_is_made_again(google, breaks):
    google.create("google_secret_manager_secret", **SECRET)
    google = breaks(google, Fault(address="google_secret_manager_secret_version.*", when="after"))
    with pytest.raises(Refused):
        google.create("google_secret_manager_secret_version", **VERSION)
    assert google.create("google_secret_manager_secret_version", **VERSION)["version"] == "2"


def test_an_atomic_release_is_rolled_back(helm, kubernetes, cloud, breaks):
    release = {"name": "a", "namespace": "jobs", "chart": "jobset", "version": "0.11.1", "atomic": True}
    release["repository"] = "oci://registry.k8s.io/jobset/charts"
    helm = breaks(helm, Fault(address="helm_release.a", when="after"))
    with pytest.raises(Refused, match="installation failed") as refused:
        helm.create("helm_release", **release)
    assert "uninstalled due to atomic being set" in refused.value.problem.detail
    assert cloud.all("helm_release") == []
    assert helm.create("helm_release", **release)


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_update_and_a_deletion(google, cloud, breaks, when):
    made = google.create("google_storage_bucket", **BUCKET)
    faults = [Fault(address="*.things", operation=operation, when=when) for operation in ("update", "delete")]
    google = breaks(google, *faults)
    with pytest.raises(Refused) as refused:
        google.update("google_storage_bucket", made, **BUCKET, labels={"a": "b"})
    assert refused.value.state == made
    assert cloud.all()[0].state["labels"] == ({"a": "b"} if when == "after" else None)
    with pytest.raises(Refused):
        google.delete("google_storage_bucket", made)
    assert bool(cloud.all()) == (when == "before")


def test_a_password_that_was_not_changed_is_in_the_state_as_changed(google, breaks):
    settings = {"tier": "db-custom-2-8192", "edition": "ENTERPRISE"}
    google.create("google_sql_database_instance", name="db", database_version="POSTGRES_16", settings=settings)
    user = {"name": "u", "instance": "db", "password": "old"}
    made = google.create("google_sql_user", **user)
    google = breaks(google, Fault(address="google_sql_user.u", operation="update"))
    with pytest.raises(Refused, match="Error, failed to updateuser u into user db") as refused:
        google.update("google_sql_user", made, **(user | {"password": "new"}))
    assert refused.value.state["password"] == "new"


def test_a_read(google, breaks):
    made = google.create("google_storage_bucket", **BUCKET)
    google = breaks(google, Fault(address="google_storage_bucket.things", operation="read", kind="expired"))
    with pytest.raises(Refused, match="Error 401"):
        google.read("google_storage_bucket", made)
    assert google.read("google_storage_bucket", made)


def test_slow_is_no_failure_within_the_timeout(google, cloud, breaks):
    google = breaks(
        google,
        Fault(address="google_compute_network.quick", kind="slow", value="1"),
        Fault(address="google_compute_network.slow", kind="slow", value="21"),
    )
    assert google.create("google_compute_network", name="quick")
    with pytest.raises(Refused, match=r"timeout while waiting for state to become 'DONE' .*timeout: 20m0s"):
        google.create("google_compute_network", name="slow")
    assert len(cloud.all("google_compute_network")) == 2


def test_who_is_killed_does_not_come_back(google, cloud, breaks):
    killed = []
    google = breaks(google, Fault(address="*.*", when="after", kind="killed", value="terraform"))
    google.provider.kill = lambda _, name: killed.append((name, len(cloud.all())))
    with pytest.raises(Refused, match="killed"):
        google.create("google_compute_network", name="vpc")
    assert killed == [("terraform", 1)]
