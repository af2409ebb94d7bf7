import pytest

from rehearsal.faults.fault import Fault, parse

ADDRESSES = ["google_container_cluster.cluster", "google_container_node_pool.gpu", "google_storage_bucket.data"]
STACKS = ["apis", "infra"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("google_storage_bucket.data", Fault(address="google_storage_bucket.data")),
        (
            "google_storage_bucket.data:delete:after:3",
            Fault(address="google_storage_bucket.data", operation="delete", when="after", times=3),
        ),
        # In any order, since no word means two things.
        ("*.*:2:after:update", Fault(address="*.*", operation="update", when="after", times=2)),
        ("google_*.*:quota", Fault(address="google_*.*", kind="quota")),
        ("google_container_node_pool.gpu:stockout", Fault(address="google_container_node_pool.gpu", kind="stockout")),
        ("google_storage_bucket.data:slow=25", Fault(address="google_storage_bucket.data", kind="slow", value="25")),
        (
            "google_storage_bucket.data:after:killed=terraform",
            Fault(address="google_storage_bucket.data", when="after", kind="killed", value="terraform"),
        ),
        ("infra:locked", Fault(address="infra", kind="locked")),
        ("apis:disk-full", Fault(address="apis", kind="disk-full")),
    ],
)
def test_what_is_understood(text, fault):
    assert parse(text, ADDRESSES, STACKS) == fault
    assert parse(str(fault), ADDRESSES, STACKS) == fault


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("google_storage_bucket.date", "no stack has a resource .* Did you mean google_storage_bucket.data"),
        ("google_storage_bucket", "'google_storage_bucket' is not the address of a resource"),
        ("google_storage_bucket.data:destroy", "'destroy' is not known"),
        ("google_storage_bucket.data:updat", "'updat' is not known. Did you mean update"),
        ("google_storage_bucket.data:create:delete", "'delete' is the second operation"),
        ("google_storage_bucket.data:0", "'0' is not known"),
        ("google_storage_bucket.data:slow", "slow needs the minutes"),
        ("google_storage_bucket.data:killed=teraform", "killed needs .* Did you mean terraform"),
        ("google_storage_bucket.data:quota=3", "quota takes no value"),
        ("google_storage_bucket.data:stockout", "google_storage_bucket starts no machines"),
        ("google_storage_bucket.data:quota:delete", "quota is for create and update"),
        ("google_storage_bucket.data:expired:after", "leave `after` out"),
        ("google_storage_bucket.data:read:after", "read changes nothing"),
        ("kubernetes_secret_v1.a:quota", "has no quota"),
        ("random_id.a", "asks no cloud"),
        ("infra:lock", "a stack can be locked or disk-full, not 'lock'. Did you mean locked"),
        ("infra", "a stack can be locked or disk-full"),
        ("google_storage_bucket.dat:locked", "'locked' is not known"),
        ("infa:locked", "there is no stack 'infa'. Did you mean infra"),
        ("", "'' is not the address"),
    ],
)
def test_what_is_wrong_is_said_with_what_is_allowed(text, says):
    with pytest.raises(ValueError, match=says) as wrong:
        parse(text, [*ADDRESSES, "kubernetes_secret_v1.a", "random_id.a"], STACKS)
    assert "allowed: TYPE.NAME[:create|read|update|delete]" in str(wrong.value)
