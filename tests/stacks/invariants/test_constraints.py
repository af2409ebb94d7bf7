"""Every value is one that its provider accepts: what google and kubernetes check in code, before any plan."""

import copy
import re

import pytest


def find(config, path):
    """Every value at a path with dots, through lists; positions in the path are left out."""
    steps = [step for step in path.split(".") if not step.isdigit()]
    found = [config]
    for step in steps:
        each_one = [one for value in found for one in (value if isinstance(value, list) else [value])]
        found = [one[step] for one in each_one if isinstance(one, dict) and step in one]
    return found


def problems(constraints, config):
    for path, rules in constraints.items():
        for value in find(config, path):
            for one in value if isinstance(value, list) else [value]:
                if not isinstance(one, dict) and "${" not in str(one):
                    yield from (f"{path}: {one!r} {wrong}" for wrong in _of_value(rules, one))
        yield from (f"{path}: {wrong}" for wrong in _together(path, rules, config))


def _together(path, rules, config):
    if find(config, path):
        yield from (f"conflicts with {other}" for other in rules.get("conflicts_with", []) if find(config, other))
        yield from (f"needs {other}" for other in rules.get("required_with", []) if not find(config, other))
    # A group inside a block counts where the block is given.
    around = path.rpartition(".")[0]
    if not around or find(config, around):
        for rule, allowed in (("exactly_one_of", (1,)), ("at_least_one_of", range(1, 100))):
            given = [other for other in rules.get(rule, []) if find(config, other)]
            # A group of one lost its other members when it was read from the provider's source.
            if len(rules.get(rule, [])) > 1 and len(given) not in allowed:
                yield f"{rule} {rules[rule]}, not {given}"


def _of_value(rules, value):
    if "one_of" in rules and value not in rules["one_of"]:
        yield f"is none of {rules['one_of']}"
    # Where the provider says it in its message only, the data hold the message's words around it.
    pattern = (
        rules.get("regexp", "").removeprefix("the regular expression '").removeprefix('regex "').split('", got')[0]
    )
    if isinstance(value, str) and not re.search(pattern, value):
        yield f"does not match {rules['regexp']}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not rules.get("min", value) <= value <= rules.get("max", value):
            yield f"is not within {rules.get('min')} and {rules.get('max')}"
    elif isinstance(value, str) and not rules.get("min_length", 0) <= len(value) <= rules.get("max_length", len(value)):
        yield f"has {len(value)} characters"


def test_the_providers_accept_every_value(platform, constraints):
    found = {
        each.where: wrong
        for each in platform.elements
        if (wrong := list(problems(constraints.get((each.kind, each.type), {}), each.attributes)))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("type_", "mutate", "said"),
    [
        (
            "google_container_cluster",
            lambda it: it.update(datapath_provider="FAST"),
            "datapath_provider: 'FAST' is none",
        ),
        ("google_container_cluster", lambda it: it.update(min_master_version="1", enable_autopilot=True), "conflicts"),
        ("google_container_cluster", lambda it: it["node_config"].update(disk_size_gb=5), "5 is not within"),
        ("google_storage_bucket", lambda it: it.update(ip_filter={"allow_cross_org_vpcs": True}), "needs ip_filter.0"),
        ("google_storage_bucket", lambda it: it.update(website={}), "at_least_one_of ['website.0.main_page_suffix'"),
        ("google_sql_database_instance", lambda it: it["settings"].update(edition="BIG"), "'BIG' is none of"),
        ("google_compute_subnetwork", lambda it: it.update(name="Capital"), "name: 'Capital' does not match"),
    ],
)
def test_these_checks_would_notice(platforms, constraints, type_, mutate, said):
    attributes = copy.deepcopy(platforms["minimal"].only(type_))
    mutate(attributes)
    assert any(said in problem for problem in problems(constraints["resource", type_], attributes))
