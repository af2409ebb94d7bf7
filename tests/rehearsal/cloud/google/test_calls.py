"""What workloads, nodes and people call in Google Cloud, against what they are granted."""

import pytest

from rehearsal.cloud.google.calls import ANNOTATION, document, missing, needless
from rehearsal.cloud.google.roles import roles
from tests.rehearsal.cloud.google.shapes import SQL, settings

UI = "ui@acme.iam.gserviceaccount.com"
POOL = "acme.svc.id.goog"


@pytest.fixture
def ui(google, kubernetes):
    """Metaflow's user interface, which reads the bucket."""
    google.create("google_service_account", account_id="ui-reader")
    google.create("google_storage_bucket", name="things", location="US")
    google.create("google_storage_bucket_object", name="o", bucket="things", content="x")

    def ui(*, role="roles/storage.objectViewer", account="ui-reader", named="jobs/metaflow-ui", annotated=True):
        email = f"{account}@acme.iam.gserviceaccount.com"
        annotations = {ANNOTATION: "ui-reader@acme.iam.gserviceaccount.com"} if annotated else {}
        about = {"name": "metaflow-ui", "namespace": "jobs", "annotations": annotations}
        kubernetes.create("kubernetes_service_account_v1", metadata=about)
        google.create(
            "google_service_account_iam_member",
            service_account_id="projects/acme/serviceAccounts/ui-reader@acme.iam.gserviceaccount.com",
            role="roles/iam.workloadIdentityUser",
            member=f"serviceAccount:{POOL}[{named}]",
        )
        google.create("google_storage_bucket_iam_member", bucket="things", role=role, member=f"serviceAccount:{email}")

    return ui


def test_what_fits(ui, cloud):
    ui()
    assert (missing(cloud), list(needless(cloud))) == ([], [])


def test_too_little(ui, cloud):
    ui(role="roles/storage.objectCreator")
    [said] = missing(cloud)
    assert "may not storage.objects.get, storage.objects.list on google_storage_bucket things, and does so" in said


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("roles/storage.admin", "roles/storage.objectViewer would do"),
        ("roles/storage.objectUser", "roles/storage.objectViewer would do"),
        ("roles/logging.viewer", "it never needs any of that"),
    ],
)
def test_too_much(ui, cloud, role, said):
    ui(role=role)
    assert [each for each in needless(cloud) if said in each]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"named": "other/metaflow-ui"}, "may not act as ui-reader@acme.iam.gserviceaccount.com"),
        ({"annotated": False}, f"kubernetes_service_account jobs/metaflow-ui has no annotation {ANNOTATION}"),
    ],
)
def test_workload_identity_that_does_not_work(ui, cloud, given, said):
    ui(**given)
    assert any(said in each for each in missing(cloud))


def test_nodes_write_logs_and_metrics(google, cloud, cluster):
    google.create("google_service_account", account_id="nodes1")
    config = {"service_account": "nodes1@acme.iam.gserviceaccount.com"}
    google.create("google_container_node_pool", name="p", cluster="main", location="us-west1", node_config=config)
    [said] = missing(cloud)
    assert "may not autoscaling.sites.writeMetrics, logging.logEntries.create" in said
    member = "serviceAccount:nodes1@acme.iam.gserviceaccount.com"
    role = "roles/container.defaultNodeServiceAccount"
    google.create("google_project_iam_member", project="acme", role=role, member=member)
    assert missing(cloud) == []


def test_every_permission_that_is_called_is_in_some_role():
    known = {permission for role in roles().values() for permission in role["permissions"]} | {
        # By a custom role, or by one that nobody of ours is granted as it is.
        "storage.buckets.list"
    }
    called = [document()[name] for name in ("nodes", "users", "admins")] + list(document()["google"].values())
    assert {each for of in called for needed in of.values() for each in needed} <= known


def test_admins_read_the_database_s_password_and_no_other_secret(google, cloud, cluster):
    """A secret that somebody else has filled is not theirs: found by random settings."""
    roles_ = ("container.clusterAdmin", "cloudsql.editor", "logging.viewer", "monitoring.viewer")
    for role in (*roles_, "serviceusage.serviceUsageViewer"):
        google.create("google_project_iam_member", project="acme", role=f"roles/{role}", member="user:ada@example.com")
    for name, content in (("own", "right"), ("others", "token")):
        google.create("google_secret_manager_secret", secret_id=name, replication={"auto": {}})
        google.create(
            "google_secret_manager_secret_version", secret=f"projects/acme/secrets/{name}", secret_data=content
        )
    assert missing(cloud) == []
    google.create("google_sql_database_instance", **SQL | {"region": "us-west1", "settings": settings()})
    google.create("google_sql_user", name="metaflow", instance="db", password="right")
    [said] = missing(cloud)
    assert said.startswith("user:ada@example.com may not secretmanager.versions.access on google_secret_manager_secret")
    assert "secrets/own" in said
