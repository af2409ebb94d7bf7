"""What accounts may do."""

import pytest

from rehearsal.cloud.google.permissions import may, permitted
from rehearsal.cloud.google.roles import roles
from rehearsal.cloud.model import Key

ACCOUNT = "worker@acme.iam.gserviceaccount.com"
BUCKET = Key("google_storage_bucket", "", "things")


@pytest.fixture
def bucket(google):
    google.create("google_service_account", account_id="worker")
    for name in ("things", "others"):
        google.create("google_storage_bucket", name=name, location="US")


def grant(google, on="things", role="roles/storage.objectViewer", member=ACCOUNT):
    google.create("google_storage_bucket_iam_member", bucket=on, role=role, member=f"serviceAccount:{member}")


def test_by_a_grant_on_it(google, cloud, bucket):
    grant(google)
    assert may(cloud, ACCOUNT, "storage.objects.get", BUCKET)
    assert not may(cloud, ACCOUNT, "storage.objects.create", BUCKET)


def test_not_by_a_grant_on_another(google, cloud, bucket):
    grant(google, on="others")
    assert not may(cloud, ACCOUNT, "storage.objects.get", BUCKET)


def test_not_by_a_grant_to_another(google, cloud, bucket):
    google.create("google_service_account", account_id="others")
    grant(google, member="others@acme.iam.gserviceaccount.com")
    assert not may(cloud, ACCOUNT, "storage.objects.get", BUCKET)


def test_by_a_grant_on_the_project(google, cloud, bucket):
    member = f"serviceAccount:{ACCOUNT}"
    google.create("google_project_iam_member", project="acme", role="roles/storage.objectUser", member=member)
    assert may(cloud, ACCOUNT, "storage.objects.create", BUCKET)


def test_a_custom_role(google, cloud):
    made = google.create(
        "google_project_iam_custom_role", role_id="connect", title="t", permissions=["container.clusters.connect"]
    )
    assert permitted(cloud, made["name"]) == {"container.clusters.connect"}


def test_every_role_says_where_it_was_read():
    for name, role in roles().items():
        assert role["source"].startswith("https://cloud.google.com/iam/docs/"), name
        assert role["permissions"] == sorted(set(role["permissions"])), name
