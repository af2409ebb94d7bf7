import pytest

from metaflow_gcp.google.storage import Datastore, DatastoreProps

MINIMAL = {"project": "some-project", "name": "storage-acme-some-project-metaflow-default", "location": "us-west1"}
MAXIMAL = MINIMAL | {
    "location": "EU",
    "versioning": False,
    "noncurrent_days": 3,
    "soft_delete_days": 0,
    "deletion_protection": False,
}


@pytest.fixture
def bucket(synthesize):
    def bucket(properties):
        stack = synthesize(lambda scope: Datastore(scope, "datastore", DatastoreProps(**properties)))
        assert list(stack["google_storage_bucket"]) == ["datastore/bucket"]
        assert stack.only("google_storage_bucket").get("logging") is None
        return stack.only("google_storage_bucket")

    return bucket


def test_minimal(bucket, holds):
    holds(
        bucket(MINIMAL),
        {
            "project": "some-project",
            "name": "storage-acme-some-project-metaflow-default",
            "location": "us-west1",
            "storage_class": "STANDARD",
            "versioning": {"enabled": True},
            "soft_delete_policy": {"retention_duration_seconds": 7 * 24 * 60 * 60},
        },
    )


def test_maximal(bucket, holds):
    holds(
        bucket(MAXIMAL),
        {
            "location": "EU",
            "versioning": {"enabled": False},
            "soft_delete_policy": {"retention_duration_seconds": 0},
        },
    )


def test_usage_logs_have_a_bucket_of_their_own(synthesize, holds):
    props = DatastoreProps(**MINIMAL | {"usage_logs_days": 90})
    stack = synthesize(lambda scope: Datastore(scope, "datastore", props))
    logs = stack["google_storage_bucket"]["datastore/usage-logs"]
    holds(
        logs,
        {
            "name": f"{MINIMAL['name']}-logs",
            "location": MINIMAL["location"],
            "uniform_bucket_level_access": True,
            "public_access_prevention": "enforced",
            "force_destroy": True,
        },
    )
    [rule] = logs["lifecycle_rule"]
    assert (rule["action"], rule["condition"]["age"]) == ({"type": "Delete"}, 90)
    writer = stack.only("google_storage_bucket_iam_member")
    assert writer["role"] == "roles/storage.objectCreator"
    assert writer["member"] == "group:cloud-storage-analytics@google.com"
    # It waits for the right to write there.
    logged = stack["google_storage_bucket"]["datastore/bucket"]["logging"]
    assert "google_storage_bucket_iam_member" in logged["log_bucket"]


def test_nobody_outside_can_be_let_in(bucket, holds):
    """Known defect 12 of the templates: no public-access prevention."""
    hardened = {"uniform_bucket_level_access": True, "public_access_prevention": "enforced"}
    holds(bucket(MINIMAL), hardened)
    holds(bucket(MAXIMAL), hardened)


def test_what_is_overwritten_or_deleted_goes_after_a_month_for_it_costs(bucket):
    rules = bucket(MINIMAL | {"noncurrent_days": 31})["lifecycle_rule"]
    [rule] = [each for each in rules if each["action"] == {"type": "Delete"}]
    assert rule["condition"] == {"days_since_noncurrent_time": 31, "with_state": "ARCHIVED"}


def test_no_rule_deletes_a_live_artifact(bucket):
    for properties in (MINIMAL, MAXIMAL):
        for rule in bucket(properties)["lifecycle_rule"]:
            assert rule["action"]["type"] != "Delete" or rule["condition"]["with_state"] == "ARCHIVED"


def test_uploads_that_were_given_up_go_after_a_week(bucket):
    for properties in (MINIMAL, MAXIMAL):
        rules = bucket(properties)["lifecycle_rule"]
        [rule] = [each for each in rules if each["action"]["type"] == "AbortIncompleteMultipartUpload"]
        assert rule["condition"]["age"] == 7


def test_artifacts_survive_a_destroy_unless_protection_is_off(bucket, holds):
    holds(bucket(MINIMAL), {"force_destroy": False, "lifecycle": {"prevent_destroy": True}})
    holds(bucket(MAXIMAL), {"force_destroy": True, "lifecycle": None})


@pytest.mark.parametrize(
    ("grant", "role"),
    [
        (Datastore.grant_read_write, "roles/storage.objectUser"),
        (Datastore.grant_read, "roles/storage.objectViewer"),
        (Datastore.grant_admin, "roles/storage.admin"),
    ],
)
def test_a_grant_is_one_role_for_one_member_on_this_bucket_alone(synthesize, grant, role):
    """Known defect 12 of the templates: a condition on a prefix that also matches neighbours' buckets."""

    def build(scope):
        grant(Datastore(scope, "datastore", DatastoreProps(**MINIMAL)), "tasks", "user:a@example.com")

    stack = synthesize(build)
    assert stack["google_storage_bucket_iam_member"] == {
        "datastore/tasks": {
            "bucket": "${google_storage_bucket.<datastore/bucket>.name}",
            "role": role,
            "member": "user:a@example.com",
        }
    }


def test_the_root_is_a_folder_of_the_bucket_as_metaflow_wants_it(synthesize):
    def build(scope):
        return {"root": Datastore(scope, "datastore", DatastoreProps(**MINIMAL)).root}

    assert synthesize(build).values == {"root": "gs://${google_storage_bucket.<datastore/bucket>.name}/metaflow"}


def test_it_needs_storage():
    assert Datastore.requirements.apis == {"storage.googleapis.com"}


@pytest.mark.parametrize(
    ("properties", "where", "said"),
    [
        ({"name": "Bucket"}, "name", "3 to 63"),
        ({"name": "b" * 64}, "name", "at most 63"),
        ({"name": "a.b.c"}, "name", "3 to 63"),
        ({"noncurrent_days": 0}, "noncurrent_days", "1 to 3650"),
        ({"soft_delete_days": 1}, "soft_delete_days", "0 (off), or 7 to 90"),
        ({"soft_delete_days": 91}, "soft_delete_days", "0 to 90"),
    ],
)
def test_what_is_wrong_is_refused(properties, where, said, refused):
    refused(lambda: DatastoreProps(**MINIMAL | properties), where, said)
