from rehearsal.faults.fault import Fault
from rehearsal.faults.store import asked, clear, inject, met, take

BUCKET = "google_storage_bucket"


def test_each_resource_meets_a_fault_as_often_as_it_says(cloud):
    fault = Fault(address="google_*.*", times=2)
    inject(cloud, fault)
    inject(cloud, fault)
    assert asked(cloud) == [fault]
    for address in (f"{BUCKET}.a", f"{BUCKET}.b"):
        taken = [take(cloud, BUCKET, "create", address.__str__) for _ in range(3)]
        assert taken == [fault, fault, None]
    assert met(cloud) == [(fault, f"{BUCKET}.a", 2), (fault, f"{BUCKET}.b", 2)]


def test_only_what_is_named(cloud):
    inject(cloud, Fault(address=f"{BUCKET}.a", operation="delete"), Fault(address="infra", kind="locked"))
    assert take(cloud, BUCKET, "create", lambda: f"{BUCKET}.a") is None
    assert take(cloud, BUCKET, "delete", lambda: f"{BUCKET}.b") is None
    assert take(cloud, "google_compute_network", "delete", lambda: "google_compute_network.a") is None
    assert take(cloud, BUCKET, "delete", lambda: f"{BUCKET}.a") is not None


def test_nothing_breaks_any_more(cloud):
    inject(cloud, Fault(address="*.*"))
    clear(cloud)
    assert take(cloud, BUCKET, "create", lambda: f"{BUCKET}.a") is None
