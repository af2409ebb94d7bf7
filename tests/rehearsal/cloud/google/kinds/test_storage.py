"""Buckets and what lies in them."""

import pytest

from rehearsal.protocol.errors import Refused


def test_a_bucket(google):
    state = google.create("google_storage_bucket", name="things", location="us-west1")
    assert (state["id"], state["url"], state["location"]) == ("things", "gs://things", "US-WEST1")


def test_bucket_names_are_taken_for_all_projects(google, cloud):
    cloud.add_project("other", "2")
    cloud.enable("other", "storage.googleapis.com")
    google.create("google_storage_bucket", name="things", location="US")
    with pytest.raises(Refused, match="409"):
        google.create("google_storage_bucket", name="things", location="US", project="other")


def test_a_bucket_that_holds_something(google):
    bucket = google.create("google_storage_bucket", name="things", location="US")
    thing = google.create("google_storage_bucket_object", bucket="things", name="a/b", content="x")
    with pytest.raises(Refused, match="without `force_destroy` set to true"):
        google.delete("google_storage_bucket", bucket)
    google.delete("google_storage_bucket_object", thing)
    google.delete("google_storage_bucket", bucket)


def test_a_versioned_bucket_is_not_empty_when_its_objects_are_deleted(google, cloud):
    bucket = {"name": "things", "location": "US", "versioning": {"enabled": True}}
    state = google.create("google_storage_bucket", **bucket)
    google.delete(
        "google_storage_bucket_object",
        google.create("google_storage_bucket_object", bucket="things", name="a", content="x"),
    )
    with pytest.raises(Refused, match="force_destroy"):
        google.delete("google_storage_bucket", state)
    google.delete("google_storage_bucket", google.update("google_storage_bucket", state, **bucket, force_destroy=True))
    assert cloud.all() == []
