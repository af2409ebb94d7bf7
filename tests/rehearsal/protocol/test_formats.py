"""Formats that the providers check in code.

The answers are those of google 6.50.0 (`terraform validate`) and of kubernetes 2.38.0 (its own functions) for the same
values.
"""

import pytest

from rehearsal.facts import Facts
from rehearsal.protocol.formats import FORMATS, check
from rehearsal.protocol.validate import validate
from rehearsal.run.seed import whole


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("cidr", ["10.0.0.0/20", "10.0.0.5/20", "fd00::/64"], ["", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/255.255.0.0"]),
        ("network", ["203.0.113.0/24", "0.0.0.0/0"], ["10.0.0.1/8", "", "fd00::/64"]),
        ("private network", ["", "172.16.0.0/12"], ["11.0.0.0/8", "10.0.0.0/7", "10.1.0.1/16"]),
        ("control plane network", ["", "172.16.0.0/28"], ["172.16.0.0/27", "172.16.0.1/28"]),
        (
            "date and time",
            ["2026-01-31T08:00:00Z", "2026-01-31T08:00:00+01:00", "2026-01-31T08:00:00.5Z"],
            ["", "2026-01-31", "2026-02-31T08:00:00Z", "2026-01-31T08:00Z", "2026-01-31T25:00:00Z"],
        ),
        ("hour and minute", ["03:00", "23:59"], ["3:00", "24:00", "", "03:60"]),
        ("cluster name", ["c", "c" * 40], ["C", "-c", "c-", "c" * 41, "1c", "", "c_d"]),
        ("asn", [64512, 65534, 4200000000, 16550], [1, 65535, 4294967295]),
        ("no service that was renamed", ["compute.googleapis.com"], ["compute", "bigquery-json.googleapis.com"]),
        ("iam member", ["user:a@b.c", "allUsers", "principal://x"], ["a@b.c", "deleted:user:a", "", "user:"]),
        ("label keys", [{"a": "b"}, {"a" * 63: ""}], [{"A": "b"}, {"a.b": ""}, {"a" * 64: ""}]),
        ("project", ["acme", "projects/acme", "example.com:acme", "1"], ["Acme", "acme-", "-a", ""]),
        ("labels", [{"example.com/a": ""}, {"a": "B_c.d"}], [{"-a": ""}, {"a": "b c"}, {"a/b/c": ""}, {"a..b/c": ""}]),
        ("annotations", [{"Example.com/A": "any thing"}], [{"a b": ""}]),
        ("base64 map", [{"a": "YQ=="}], [{"a": "?"}]),
        ("mode", ["0644"], ["644", "01000", "0999"]),
        ("relative path", ["a/b", "a..b"], ["/a", "a/../b", "..a"]),
        ("port or name", ["80", 80, "http", "a-1"], ["0", 65536, "HTTP", "a--b", "1234567890123456"]),
        ("port", [1, 65535], [0, 65536]),
        ("port or 0", [0, 65535], [-1]),
        ("positive", [1], [0]),
        ("not negative", [0], [-1]),
        ("number or empty", ["", "0"], ["x", "1.5"]),
        ("number or percent", ["", "1", "25%"], ["101%", "x%", "x"]),
        ("quantities", [{"a": "1Gi", "b": 1}], [{"a": "1GiB"}]),
        ("address", ["10.0.0.1", "::1"], ["10.0.0.0/8", "x"]),
        ("path segment", ["system:view"], ["a/b", "..", "%"]),
        ("prefix of a name", ["a-"], ["A", "-a"]),
        ("token lifetime", [600], [599]),
        ("trailing dot", ["metaflow.example.com."], ["metaflow.example.com", ""]),
    ],
)
def test_formats(name, right, wrong):
    assert [value for value in right if list(check(("a",), value, name))] == []
    assert [value for value in wrong if not list(check(("a",), value, name))] == []


def test_every_format_is_tried():
    tried = {mark[0] for mark in test_formats.pytestmark[0].args[1]}
    assert tried == FORMATS.keys()


def test_a_wrong_value_is_said_with_its_place_and_an_unknown_one_is_not_judged(unknown):
    schema = Facts("google").schema("resource", "google_compute_subnetwork")
    given = {"name": "s", "network": "n", "ip_cidr_range": "", "secondary_ip_range": [{"range_name": "a"}]}
    [problem] = validate(schema, whole(schema.block, given))
    assert (problem.path, problem.summary) == (
        ("ip_cidr_range",),
        'expected ip_cidr_range to be a valid IP CIDR range, got ""',
    )
    assert validate(schema, whole(schema.block, given | {"ip_cidr_range": unknown})) == []
