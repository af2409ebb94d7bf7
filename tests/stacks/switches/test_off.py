"""What is switched off leaves no trace, and the rest as it is."""

import json
import re

import pytest

from tests.stacks.invariants.crosscheck import problems
from tests.stacks.invariants.world import World

# Which constructs go, by the beginning of their paths in the services stack.
GONE = {
    "argo": r"endpoint-argo|argo-(workflows|events)/|bus-disks/|jobset/executor/|people/forward-(argo|events)"
    r"|metrics-collection/",
    "events": r"argo-events/|bus-disks/|people/forward-events",
    "jobset": r"jobset/",
    "any": r"endpoint-argo|argo-(workflows|events)/|bus-disks/|jobset/|jobs-admission/|people/forward-(argo|events)"
    r"|namespaces/controllers|metrics-collection/",
}
TRACES = {
    "argo": r"[\w./-]*argo[\w./-]*",
    "events": r"[\w./-]*(?:argo.events|sensor|eventbus|eventsource|metaflow-event|nats|12000)[\w./-]*",
    "jobset": r"[\w./-]*jobset[\w./-]*",
    "any": r"[\w./-]*(?:argo|jobset|helm)[\w./-]*",
}
# Who reaches whom in the jobs' namespace is said once, with or without an event bus there.
WITHIN = "eventbus-controller"
LEFT = {
    "argo": {"argo"},  # the name of JobSet's namespace
    "events": {WITHIN},
    "jobset": set(),
    "any": set(),
}
# What is the same with fewer entries.
CHANGED = {
    "argo": {
        "jobs-admission/policies",
        "jobs-limits/quota",
        "people/run-tasks",
        "client-profile/object",
        "platform-description/object",
    },
    "events": {
        "metrics-collection/targets",
        "jobs-admission/policies",
        "jobs-limits/quota",
        "people/run-tasks",
        "client-profile/object",
        "platform-description/object",
    },
    "jobset": {"jobs-admission/policies", "people/run-tasks"},
    "any": {"jobs-limits/quota", "people/run-tasks", "client-profile/object", "platform-description/object"},
}
KEYS = {
    "argo": {"ARGO_WORKFLOWS_UI_URL", "ARGO_EVENTS"},
    "events": {"ARGO_EVENTS"},
    "jobset": set(),
    "any": {"ARGO_WORKFLOWS_UI_URL", "ARGO_EVENTS"},
}
EACH = pytest.mark.parametrize("what", GONE)


def of_services(platform):
    return {
        (each.kind, each.type, each.path): each.attributes for each in platform.elements if each.stack == "services"
    }


@EACH
def test_no_trace_is_left(without, what):
    """Known defect 2 of the templates: Argo Events is installed even with Argo switched off."""
    platform = without[what]
    text = json.dumps([platform.stacks["services"], platform.manifest]).lower()
    assert set(re.findall(TRACES[what], text)) == LEFT[what]


@EACH
def test_the_traces_are_there_when_it_is_on(on, what):
    """Else the test above would prove nothing."""
    text = json.dumps([on.stacks["services"], on.manifest]).lower()
    assert len(set(re.findall(TRACES[what], text))) > len(LEFT[what])


@EACH
def test_what_belongs_to_it_goes_and_nothing_else(on, without, what):
    """Construct ids follow names: nobody's database is replaced."""
    before, after = of_services(on), of_services(without[what])
    gone = before.keys() - after.keys()
    assert gone
    assert {path for _, _, path in gone if not re.match(GONE[what], path)} == set()
    assert {path for _, _, path in after if re.match(GONE[what], path)} == set()
    assert after.keys() <= before.keys()


@EACH
def test_everything_else_is_as_it_was(on, without, what):
    before, after = of_services(on), of_services(without[what])
    assert {path for kind, type_, path in after if before[kind, type_, path] != after[kind, type_, path]} == CHANGED[
        what
    ]


def test_google_s_resources_and_apis_do_not_depend_on_it(on, off):
    """But for what lets people see Argo at the endpoint, and for what watches it."""

    def others(platform):
        return {
            (each.kind, each.type, each.path): each.attributes
            for each in platform.elements
            if each.stack == "infra" and not each.path.startswith(("endpoint/", "observability/"))
        }

    assert others(off) == others(on)
    assert off.stacks["apis"] == on.stacks["apis"]


def test_everything_still_fits_together(off):
    assert problems(World.of(off)) == []


@EACH
def test_releases(without, what):
    installed = {each.attributes["name"] for each in without[what].of_type("helm_release")}
    assert (
        installed
        == {
            "argo": {"jobset", "metaflow-admission"},
            "events": {"argo-workflows", "jobset", "metaflow-admission", "metaflow-metrics"},
            "jobset": {"argo-workflows", "argo-events", "metaflow-events", "metaflow-admission", "metaflow-metrics"},
            "any": set(),
        }[what]
    )


@EACH
def test_the_helm_provider_is_there_only_where_there_are_releases(without, what):
    services = without[what].stacks["services"]
    there = what != "any"
    assert ("helm" in services["provider"]) is there
    assert ("helm" in services["terraform"]["required_providers"]) is there
    assert ("helm_release" in services["resource"]) is there


@EACH
def test_the_controllers_namespace_is_there_only_where_there_are_controllers(without, what):
    names = {each.attributes["metadata"]["name"] for each in without[what].of_type("kubernetes_namespace_v1")}
    assert names == {"metaflow", "ml-jobs"} | ({"argo"} if what != "any" else set())


@EACH
def test_the_profile_names_nothing_that_is_off(on, without, what):
    all_keys, keys = World.of(on).profile.keys(), World.of(without[what]).profile.keys()
    beginnings = tuple(f"METAFLOW_{key}" for key in KEYS[what])
    assert keys == {key for key in all_keys if not key.startswith(beginnings or "-")}


@EACH
def test_forwards_lead_to_what_is_on(without, what):
    forwards = {each["name"] for each in without[what].manifest["forwards"]}
    always = {"metadata-service", "metaflow-ui"}
    assert (
        forwards
        == always
        | {
            "argo": set(),
            "events": {"argo-server"},
            "jobset": {"argo-server", "events"},
            "any": set(),
        }[what]
    )


@EACH
def test_tasks_and_users_have_no_rights_in_groups_that_nobody_defines(without, what):
    groups = {
        group
        for role in World.of(without[what]).of_kind("Role")
        for rule in role["rules"]
        for group in rule["apiGroups"]
        if "." in group
    }
    assert (
        groups
        == {
            "argo": {"jobset.x-k8s.io"},
            "events": {"argoproj.io", "jobset.x-k8s.io"},
            "jobset": {"argoproj.io"},
            "any": set(),
        }[what]
    )
