"""Releases of charts in repositories."""

import pytest

from rehearsal.protocol.errors import Refused
from rehearsal.protocol.values import UNKNOWN, known

RELEASE = {
    "name": "argo",
    "namespace": "jobs",
    "chart": "argo-workflows",
    "version": "0.47.5",
    "repository": "https://argoproj.github.io/argo-helm",
}
EVENTS = RELEASE | {"name": "events", "chart": "argo-events", "version": "2.4.22"}
JOBSET = {
    "name": "jobset",
    "namespace": "jobs",
    "chart": "jobset",
    "version": "0.11.1",
    "repository": "oci://registry.k8s.io/jobset/charts",
}


@pytest.fixture
def definitions(cloud):
    """The custom resource definitions that the cluster has."""

    def definitions():
        found = (each.key.id.rpartition("CustomResourceDefinition/") for each in cloud.all("kubernetes_manifest"))
        return {name for _, kind, name in found if kind}

    return definitions


def test_a_release(helm):
    state = helm.create("helm_release", **RELEASE)
    assert known(state)
    assert (state["id"], state["status"], state["metadata"]["revision"]) == ("argo", "deployed", 1)
    assert (state["metadata"]["version"], state["metadata"]["app_version"]) == ("0.47.5", "v3.7.11")
    assert helm.plan("helm_release", state, **RELEASE) == state
    assert helm.find("helm_release", "jobs/argo") == state


def test_a_change_is_a_new_revision(helm):
    state = helm.create("helm_release", **RELEASE)
    changed = RELEASE | {"set": [{"name": "server.enabled", "value": "false"}]}
    assert helm.plan("helm_release", state, **changed)["metadata"] is UNKNOWN
    assert helm.update("helm_release", state, **changed)["metadata"]["revision"] == 2


def test_a_chart_named_with_its_registry(helm):
    whole = JOBSET | {"chart": "oci://registry.k8s.io/jobset/charts/jobset", "repository": None}
    assert helm.create("helm_release", **whole)["metadata"]["chart"] == "jobset"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"version": None}, "not pinned"),
        ({"version": "~> 1"}, "not pinned"),
        ({"version": "0.47.4"}, 'version "0.47.4" not found'),
        ({"chart": "argo-workflow"}, 'chart "argo-workflow" version'),
        ({"repository": "https://example.com"}, "not found in https://example.com"),
        ({"chart": "./nowhere"}, 'path "./nowhere" not found'),
        ({"namespace": "nowhere"}, "installation failed"),
        ({"values": ['{"server": {"enable": true}}']}, "server.enable: the chart has no such value"),
        ({"values": ["server: ["]}, "failed to parse values"),
        ({"values": ["just text"]}, "failed to parse values: not a map"),
        ({"set": [{"name": "server.enable", "value": "true"}]}, "server.enable: the chart has no such value"),
    ],
)
def test_what_is_not_installed(helm, given, message):
    with pytest.raises(Refused, match=message):
        helm.create("helm_release", **(RELEASE | given))


@pytest.mark.parametrize("given", [{"version": "0.47.4"}, {"values": ["nothing: 1"]}])
def test_the_plan_says_it_already(helm, given):
    with pytest.raises(Refused):
        helm.plan("helm_release", **(RELEASE | given))


@pytest.mark.parametrize("given", [{"chart": UNKNOWN}, {"version": UNKNOWN}, {"values": UNKNOWN}])
def test_the_plan_says_nothing_of_what_it_does_not_know(helm, given):
    assert helm.plan("helm_release", **(RELEASE | given))["name"] == "argo"


def test_a_namespace_made_on_the_way_stays(helm, kubernetes):
    state = helm.create("helm_release", **(RELEASE | {"namespace": "argo", "create_namespace": True}))
    helm.delete("helm_release", state)
    assert kubernetes.find("kubernetes_namespace_v1", "argo")["id"] == "argo"


def test_a_namespace_takes_its_releases_along(helm, kubernetes):
    state = helm.create("helm_release", **RELEASE)
    kubernetes.delete("kubernetes_namespace_v1", kubernetes.find("kubernetes_namespace_v1", "jobs"))
    assert helm.read("helm_release", state) is None


def test_a_release_that_is_there(helm):
    helm.create("helm_release", **RELEASE)
    with pytest.raises(Refused, match="installation failed"):
        helm.create("helm_release", **RELEASE)


@pytest.mark.parametrize(
    ("values", "stay"), [("crds: {keep: false}", set()), ("{}", {"eventbus", "eventsources", "sensors"})]
)
def test_its_definitions_come_with_it_and_go_unless_they_are_kept(helm, definitions, values, stay):
    state = helm.create("helm_release", **EVENTS, values=[values])
    assert definitions() == {f"{name}.argoproj.io" for name in ("eventbus", "eventsources", "sensors")}
    helm.delete("helm_release", state)
    assert definitions() == {f"{name}.argoproj.io" for name in stay}


def test_definitions_that_are_not_wanted(helm, definitions):
    helm.create("helm_release", **EVENTS, values=["crds: {install: false}"])
    assert not definitions()


def test_definitions_in_the_folder_crds_stay(helm, definitions):
    helm.delete("helm_release", helm.create("helm_release", **JOBSET))
    assert definitions() == {"jobsets.jobset.x-k8s.io"}
