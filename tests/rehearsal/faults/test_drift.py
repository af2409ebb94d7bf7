from rehearsal.faults.drift import drift


def test_one_attribute_at_a_time_and_none_that_replaces(google, cloud):
    written = {"name": "things", "location": "US", "labels": {"a": "b"}, "versioning": {"enabled": True}}
    made = google.create("google_storage_bucket", **written)
    schema = google.provider.schema("resource", "google_storage_bucket")
    seen = {}
    for path in drift(cloud, schema, made, written):
        [found] = cloud.all("google_storage_bucket")
        seen[path] = found.state
    assert list(seen) == ["labels", "versioning.0.enabled"]
    assert seen["labels"]["labels"] == {"a": "b", "changed": "by-hand"}
    assert seen["versioning.0.enabled"]["versioning"] == [{"enabled": False}]
    assert [each.state for each in cloud.all("google_storage_bucket")] == [made]
