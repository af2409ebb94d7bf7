"""The time foreseen, from what was deployed."""

from rehearsal.run.clock import foresee

BUCKET = {"resource": {"google_storage_bucket": {"b": {"name": "things"}}}}
TWO = {
    "resource": {
        "google_storage_bucket": {"b": {"name": "things"}},
        "google_storage_bucket_object": {"o": {"bucket": "${google_storage_bucket.b.name}"}},
    }
}
STATE = {
    "resources": [
        {
            "mode": "managed",
            "type": "google_storage_bucket",
            "name": "b",
            "instances": [{"index_key": 0}, {"index_key": 1}],
        }
    ]
}


def test_both_ways_and_what_they_were_reckoned_from():
    clock = foresee({"base": BUCKET, "top": TWO}, {"base": STATE})
    assert [each.stack for each in clock.deploy.stacks] == ["base", "top"]
    assert [each.stack for each in clock.destroy.stacks] == ["top", "base"]
    assert len(clock.deploy.stacks[0].operations) == 2
    assert clock.dependencies["top"]["google_storage_bucket_object.o"] == {"google_storage_bucket.b": "bucket"}


def test_a_circle_is_terraforms_to_tell():
    circle = {"resource": {"random_id": {"a": {"prefix": "${random_id.b.hex}"}, "b": {"prefix": "${random_id.a.hex}"}}}}
    assert foresee({"base": circle}, {}) is None


def test_more_turns_than_terraforms_ten():
    apis = {f"api{number}": {"service": f"{number}.googleapis.com"} for number in range(20)}
    clock = foresee({"apis": {"resource": {"google_project_service": apis}}}, {})
    assert clock.wider.parallelism == 20
    assert clock.deploy.seconds - clock.wider.deploy == 21
