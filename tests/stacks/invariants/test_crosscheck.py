"""Selectors, accounts, names, ports, namespaces: whatever names something names what is there, in every platform.

The local chart's objects take part, rendered by real Helm; so do the pods that controllers and others' charts make.
"""

import copy
import re

import pytest

from tests.stacks.invariants.crosscheck import misfits, problems
from tests.stacks.invariants.world import World

# What names something, by its place: kind, name, path. Names of kinds that nothing refers to are free.
NAMES_SOMETHING = re.compile(
    r"\.(selector|matchLabels|matchExpressions|values)\."
    r"|^(ConfigMap|EventBus|EventSource|Namespace|Role|Secret|Service|ServiceAccount) \S+ metadata\.name$"
    r"|\.(roleRef|secretKeyRef|configMap)\.(name|key)$|\.volumeMounts\.\d+\.name$"
    r"|^RoleBinding \S+ subjects\.\d+\.name$"
    r"|^(?!release).*[. ](serviceAccountName|namespace|eventBusName|storageClassName|version)$"
    r"|^(?!release).*[. ](port|targetPort|containerPort)$"
    r"|^release .*[. ](namespace|managedNamespace|servicePort|serviceTargetPort)$"
    r"|^release .*\.(serviceAccount\.name|extraArgs\.\d+|configMap\.name)$"
    r"|^release argo-workflows (extraObjects|controller\.workflowDefaults)\..*[nN]ame$"
    r"|^profile .*(NAMESPACE|SERVICE_ACCOUNT|URL|EVENT)|^forward \S+ (namespace|service|port)$"
)
LEADS_ELSEWHERE = {
    r"^NetworkPolicy \S+ spec\.egress": "to the database and to Google's APIs; see tests/library/metaflow/service",
    r"^RoleBinding metaflow-(run|forward)-\w+ subjects\.\d+\.name": "to people; see test_iam.py",
    r"matchExpressions\.\d+\.(operator|scopeName)$": "nowhere: it says how to compare, and what",
    r"^Service \S+-endpoint (metadata\.name|spec\.ports\.\d+\.port)$": "nowhere: requests come by the nodes' port",
    r"^release argo-events (webhook|controller\.metrics)\.": "parts of the chart that are switched off",
    r"^release argo-workflows controller\.(serviceMonitor|telemetryConfig)\.": "the same",
    r"^release argo-workflows controller\.metricsConfig\.servicePort": "nowhere: its pods are asked, not its Service",
    r"^release argo-workflows workflow\.": "an account that the chart would make; ours is in `workflowDefaults`",
}
NAMES_A_NAMESPACE = ("namespace", "managedNamespace", "METAFLOW_KUBERNETES_NAMESPACE")


@pytest.fixture
def world(platform):
    return copy.deepcopy(World.of(platform))


def test_everything_fits_together(world):
    """Known defects 1, 3, 4 and 7 of the templates: selectors, namespaces, forwards and accounts of other things."""
    assert problems(world) == []


def test_there_is_something_to_check(world):
    """Else the test above would prove nothing."""
    owners = {pod.owner for pod in world.pods}
    assert owners == {
        "Deployment metadata-service",
        "Deployment metaflow-ui",
        "EventBus default",
        "EventSource argo-events-webhook",
        "Job metaflow-events-ready",
        "Job metaflow-events-removal",
        "release argo-events: controller",
        "release argo-workflows: controller",
        "release argo-workflows: server",
        "release jobset: controller",
    }


def leaves(value, where):
    """(container, key, where) of every text and number."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in list(pairs):
        if isinstance(each, dict | list):
            yield from leaves(each, f"{where}{key}.")
        elif isinstance(each, str | int) and not isinstance(each, bool):
            yield value, key, f"{where}{key}"


def sites(world):
    """Every place where something is named."""
    everywhere = [
        leaf for each in world.objects for leaf in leaves(each, f"{each['kind']} {each['metadata']['name']} ")
    ]
    for release in (each for each in world.releases if not each.is_local):
        everywhere += [(release.__dict__, "namespace", f"release {release.name} namespace")]
        everywhere += leaves(release.values, f"release {release.name} ")
    everywhere += leaves(world.profile, "profile ")
    for each in world.forwards:
        everywhere += leaves(each, f"forward {each['name']} ")
    return [leaf for leaf in everywhere if NAMES_SOMETHING.search(leaf[2])]


def broken(world, key, value):
    """Other values: one that is nothing's, and for a namespace each of the others."""
    if isinstance(value, int):
        return [value + 1]
    if value.isdecimal():
        return [str(int(value) + 1)]
    if value.startswith("https://"):
        return []  # of the endpoint; see test_endpoint.py
    if value.startswith("http://"):
        return [re.sub(r":\d+", ":1", value), value.replace("//", "//other.")]
    others = [each["metadata"]["name"] for each in world.of_kind("Namespace")] if key in NAMES_A_NAMESPACE else []
    return [f"{value}-x", *(name for name in others if name != value)]


def test_breaking_any_of_it_is_noticed(world):
    unnoticed = []
    for container, key, where in sites(world):
        if not any(re.search(elsewhere, where) for elsewhere in LEADS_ELSEWHERE):
            value = container[key]
            for other in broken(world, key, value):
                container[key] = other
                if not any(misfits(world)):
                    unnoticed.append(f"{where}: {other} for {value}")
            container[key] = value
    assert unnoticed == []
    assert problems(world) == []


def test_there_are_many_places_and_every_exception_is_one(platforms):
    where = [where for _, _, where in sites(World.of(platforms["everything"]))]
    assert len(where) > 200
    for elsewhere in LEADS_ELSEWHERE:
        assert any(re.search(elsewhere, each) for each in where), elsewhere
