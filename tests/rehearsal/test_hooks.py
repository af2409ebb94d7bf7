"""What the providers decide in code: formats, replacements, differences that are none, refusals at the plan.

The answers for formats are those of google 6.50.0 (`terraform validate`) and of kubernetes 2.38.0 (its own functions)
for the same values.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import rehearsal
from rehearsal.cloud.suppress import SAME
from rehearsal.facts import Facts
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.formats import FORMATS, check
from rehearsal.protocol.plan import replacements
from rehearsal.protocol.replace import REPLACES
from rehearsal.protocol.validate import validate
from rehearsal.run.seed import whole
from tests.rehearsal.cloud.google.kinds.test_kinds import every_kind

FOLDER = Path(rehearsal.__file__).parent
HOOKS = json.loads((FOLDER / "schemas" / "hooks.json").read_text("utf-8"))
ENTRIES = [(type_, each) for type_, entries in HOOKS.items() for each in entries]
NAMES: dict[str, Any] = {"format": FORMATS, "suppress": SAME, "replace_if": REPLACES}


def test_each_hook_is_modelled_or_has_a_reason():
    for type_, each in ENTRIES:
        said = each.keys() & {"by", "not", *NAMES}
        assert len(said) == 1, (type_, each)
        [how] = said
        if how in NAMES:
            assert each[how] in NAMES[how], (type_, each)
        elif how == "by":
            assert (FOLDER / each["by"]).is_file(), (type_, each)
        else:
            assert each["not"].endswith("."), (type_, each)


def test_nothing_is_modelled_that_no_hook_asks_for():
    for how, names in NAMES.items():
        assert {each[how] for _, each in ENTRIES if how in each} == names.keys()
    diffs = Counter(t for t, each in ENTRIES if each["hook"] == "CustomizeDiff" and "/kinds/" in each.get("by", ""))
    rules = {kind.type: len(kind.plan_rules) for kind in every_kind() if kind.plan_rules}
    assert {type_: diffs[type_] for type_ in rules} == rules
    assert diffs.keys() - rules.keys() == {"google_service_account", "google_storage_bucket_object"}


def test_every_path_is_one_of_the_providers_schema():
    for type_, each in ENTRIES:
        kind, name = ("data", type_.removeprefix("data.")) if type_.startswith("data.") else ("resource", type_)
        schema = Facts(name.partition("_")[0]).schema(kind, name)
        for path in each.get("paths", []):
            block = schema.block
            *blocks, last = path.split(".")
            for step in blocks:
                nested = block.blocks.get(step) or block.attributes[step].nested
                block = nested.block
            assert last in {**block.attributes, **block.blocks}, (type_, path)


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


def replaces(asked, type_, before, after):
    schema = asked.provider.schema("resource", type_)
    prior = asked.plan(type_, **before)
    return replacements(schema, prior, asked.plan(type_, prior, **after))


SUBNET = {"name": "nodes", "network": "vpc"}
DATABASE = {"name": "db", "database_version": "POSTGRES_16"}


@pytest.mark.parametrize(
    ("type_", "before", "after", "replaced"),
    [
        ("google_compute_subnetwork", {"ip_cidr_range": "10.0.0.0/20"}, {"ip_cidr_range": "10.0.0.0/19"}, False),
        ("google_compute_subnetwork", {"ip_cidr_range": "10.0.0.0/20"}, {"ip_cidr_range": "10.16.0.0/20"}, True),
        ("google_compute_subnetwork", {"ip_cidr_range": "10.0.0.0/20"}, {"ip_cidr_range": "10.0.0.0/21"}, True),
        (
            "google_container_cluster",
            {"enable_fqdn_network_policy": False},
            {"enable_fqdn_network_policy": True},
            False,
        ),
        ("google_container_cluster", {"enable_fqdn_network_policy": True}, {"enable_fqdn_network_policy": False}, True),
        ("google_sql_database_instance", {"disk_size": 10}, {"disk_size": 20}, False),
        ("google_sql_database_instance", {"disk_size": 20}, {"disk_size": 10}, True),
        ("google_sql_database_instance", {"private_network": "n"}, {"private_network": ""}, True),
        ("google_storage_bucket", {"is_locked": True}, {"is_locked": False}, True),
    ],
)
def test_what_takes_a_new_object(google, type_, before, after, replaced):
    def given(change):
        if type_ == "google_compute_subnetwork":
            return SUBNET | change
        if type_ == "google_container_cluster":
            return {"name": "c", "location": "us-west1"} | change
        if type_ == "google_storage_bucket":
            return {"name": "b", "location": "US", "retention_policy": {"retention_period": "1"} | change}
        network = {"ip_configuration": change} if "private_network" in change else change
        return DATABASE | {"settings": {"tier": "db-custom-1-3840", **network}}

    assert bool(replaces(google, type_, given(before), given(after))) is replaced


@pytest.mark.parametrize(
    ("name", "old", "new", "same"),
    [
        ("link", "https://www.googleapis.com/compute/v1/projects/p/global/networks/n", "n", True),
        ("link", "projects/p/global/networks/n", "https://x/compute/beta/projects/p/global/networks/n", True),
        ("link", "projects/p/global/networks/n", "projects/q/global/networks/n", False),
        ("path", "projects/p/global/networks/n", "n", False),
        ("name", "b/x", "x", True),
        ("member", "user:ada@example.com", "user:Ada@Example.com", True),
        ("member", "allUsers", "allusers", False),
        ("member", "principal://a/B", "principal://a/b", False),
        ("case", "UTF8", "utf8", True),
        ("case and dashes", "PD_SSD", "pd-ssd", True),
        ("duration", "3600s", "1h", True),
        ("duration", "3600s", "2h", False),
        ("leading zero", "03:00", "3:00", True),
        ("size of a range", "10.4.0.0/14", "/14", True),
        ("port range", "80-80", "80", True),
        ("address", "10.0.0.5", "projects/p/regions/r/addresses/a", True),
        ("address", "10.0.0.5", "10.0.0.6", False),
        ("every day", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "FREQ=DAILY", True),
    ],
)
def test_differences_that_are_none(name, old, new, same):
    assert SAME[name](old, new) is same


def test_a_firewall_that_logs_can_be_planned_again(google, network):
    """The provider does not read `enable_logging` back; false there would be refused beside `log_config`."""
    rule = {"name": "f", "network": "vpc", "source_ranges": ["0.0.0.0/0"], "allow": {"protocol": "tcp"}}
    rule["log_config"] = {"metadata": "INCLUDE_ALL_METADATA"}
    state = google.read("google_compute_firewall", google.create("google_compute_firewall", **rule))
    assert state["enable_logging"] is None
    assert google.plan("google_compute_firewall", state, **rule)["log_config"] == state["log_config"]


@pytest.mark.parametrize("member", ["user:Bob.B@Example.com", "principal://iam.googleapis.com/A/b", "allUsers"])
def test_google_keeps_members_in_lower_case_and_the_provider_does_not_mind(google, member):
    grant = {"project": "acme", "role": "roles/viewer", "member": member}
    state = google.read("google_project_iam_member", google.create("google_project_iam_member", **grant))
    assert state["member"] == (member.lower() if member.startswith("user:") else member)
    assert google.plan("google_project_iam_member", state, **grant)["member"] == state["member"]
    google.delete("google_project_iam_member", state)
    assert google.provider.cloud.all("google_project_iam_member") == []


def test_another_way_to_name_the_network_does_not_replace_the_subnet(google, network):
    [subnet] = google.provider.cloud.all("google_compute_subnetwork")
    link = "https://www.googleapis.com/compute/v1/projects/acme/global/networks/vpc"
    given = {
        "name": "nodes",
        "ip_cidr_range": "10.0.0.0/24",
        "secondary_ip_range": [{"range_name": "pods", "ip_cidr_range": "10.4.0.0/14"}],
    }
    planned = google.plan("google_compute_subnetwork", {**subnet.state, "network": link}, network="vpc", **given)
    assert planned["network"] == link


@pytest.mark.parametrize(
    ("type_", "attributes", "message"),
    [
        ("google_compute_firewall", {"enable_logging": False, "log_config": {"metadata": "x"}}, "log_config cannot"),
        ("google_compute_firewall", {"direction": "INGRESS"}, "one of source_tags, source_ranges, or"),
        ("google_compute_router", {"bgp": {"asn": 64512, "advertised_groups": ["ALL_SUBNETS"]}}, "advertised_groups"),
        ("google_compute_router_nat", {"drain_nat_ips": ["a"]}, "New RouterNat cannot have drain_nat_ips"),
        ("google_container_cluster", {"node_version": "1", "remove_default_node_pool": True}, "node_version can only"),
        (
            "google_container_cluster",
            {
                "cluster_autoscaling": {
                    "auto_provisioning_defaults": {"upgrade_settings": {"strategy": "BLUE_GREEN", "max_surge": 1}}
                }
            },
            "can only be used when strategy is set to SURGE",
        ),
        (
            "google_sql_database_instance",
            {
                "database_version": "MYSQL_8_0",
                "settings": {"backup_configuration": {"point_in_time_recovery_enabled": True}},
            },
            "point_in_time_recovery_enabled is only available",
        ),
    ],
)
def test_what_the_provider_refuses_at_the_plan(google, type_, attributes, message):
    with pytest.raises(Refused, match=message):
        google.plan(type_, name="x", **attributes)


def test_a_negative_number_of_random_bytes_passes_the_plan_and_ends_the_provider(random):
    """Random 3.7.2 does not check it; `make([]byte, -1)` panics at the apply."""
    assert random.plan("random_id", byte_length=-1)["byte_length"] == -1
    with pytest.raises(Refused, match="Plugin did not respond"):
        random.create("random_id", byte_length=-1)


def test_a_password_of_no_sort_of_characters_is_refused(random):
    schema = random.provider.schema("resource", "random_password")
    none = dict.fromkeys(("special", "upper", "lower", "numeric"), False)
    [problem] = random.provider.validate("random_password", whole(schema.block, {"length": 8, **none}))
    assert "special,upper,lower,numeric" in problem.summary
    assert random.provider.validate("random_password", whole(schema.block, {"length": 8, **none, "lower": True})) == []
