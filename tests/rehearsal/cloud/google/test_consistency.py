"""APIs and accounts that are there a little later than Google says."""

import pytest

from rehearsal.cloud.google.consistency import delay
from rehearsal.protocol.errors import Refused

BUCKET = {"name": "things", "location": "US"}


def test_an_api_that_was_just_enabled(google, cloud):
    cloud.disable("acme", "storage.googleapis.com")
    delay(cloud, "api", 2)
    google.create("google_project_service", project="acme", service="storage.googleapis.com")
    for _ in range(2):
        with pytest.raises(Refused, match="If you enabled this API recently, wait a few minutes"):
            google.create("google_storage_bucket", **BUCKET)
    google.create("google_storage_bucket", **BUCKET)


def test_one_that_was_enabled_long_ago(google, cloud):
    delay(cloud, "api", 2)
    google.create("google_project_service", project="acme", service="storage.googleapis.com")
    google.create("google_storage_bucket", **BUCKET)


def test_an_account_that_was_just_made(google, cloud):
    delay(cloud, "account", 1)
    google.create("google_storage_bucket", **BUCKET)
    made = google.create("google_service_account", account_id="worker")
    grant = {"bucket": "things", "role": "roles/storage.objectViewer", "member": made["member"]}
    with pytest.raises(Refused, match=r"Service account worker@acme.iam.gserviceaccount.com does not exist"):
        google.create("google_storage_bucket_iam_member", **grant)
    google.create("google_storage_bucket_iam_member", **grant)
