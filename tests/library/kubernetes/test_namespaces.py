import pytest

from metaflow_gcp.kubernetes.namespaces import Namespaces, NamespacesProps
from rehearsal.cloud import charts


@pytest.fixture
def namespaces(synthesize):
    def namespaces(**properties):
        def build(scope):
            made = Namespaces(scope, "namespaces", NamespacesProps(**properties))
            return {name: getattr(made, name) for name in ("services", "jobs", *properties)}

        return synthesize(build)

    return namespaces


def test_minimal(namespaces, holds):
    stack = namespaces()
    assert stack.paths == {
        "kubernetes_namespace_v1": ["namespaces/jobs", "namespaces/services"],
        "kubernetes_network_policy_v1": [
            "namespaces/jobs-ingress",
            "namespaces/jobs-within",
            "namespaces/services-ingress",
        ],
    }
    holds(
        stack["kubernetes_namespace_v1"],
        {
            "namespaces/services": {"metadata": {"name": "metaflow"}},
            "namespaces/jobs": {"metadata": {"name": "metaflow-jobs"}},
        },
    )


def test_maximal(namespaces, holds):
    holds(
        namespaces(services="ml-services", jobs="ml-jobs", controllers="ml-controllers")["kubernetes_namespace_v1"],
        {
            "namespaces/controllers": {"metadata": {"name": "ml-controllers"}},
            "namespaces/services": {"metadata": {"name": "ml-services"}},
            "namespaces/jobs": {"metadata": {"name": "ml-jobs"}},
        },
    )


def test_no_pod_may_be_privileged_or_reach_into_its_node(namespaces):
    for namespace in namespaces()["kubernetes_namespace_v1"].values():
        labels = namespace["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "baseline"


def test_controllers_are_held_to_the_strictest_profile(namespaces):
    made = namespaces(controllers="argo")["kubernetes_namespace_v1"]["namespaces/controllers"]
    assert made["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_no_pod_of_another_namespace_gets_in_unless_a_policy_of_its_own_lets_it(namespaces):
    policies = namespaces()["kubernetes_network_policy_v1"]
    for namespace in ("services", "jobs"):
        spec = policies[f"namespaces/{namespace}-ingress"]["spec"]
        assert spec == {"pod_selector": {}, "policy_types": ["Ingress"]}  # every pod; nobody


def test_pods_of_the_jobs_namespace_reach_each_other_but_not_the_event_bus(namespaces):
    """Policies add up: one that opens all pods would make that of the bus worthless."""
    spec = namespaces()["kubernetes_network_policy_v1"]["namespaces/jobs-within"]["spec"]
    assert spec == {
        "pod_selector": {
            "match_expressions": [{"key": "controller", "operator": "NotIn", "values": ["eventbus-controller"]}]
        },
        "policy_types": ["Ingress"],
        # An empty pod selector without a namespace selector is: any pod of the same namespace.
        "ingress": [{"from": [{"pod_selector": {}}]}],
    }


def test_the_label_of_the_bus_is_that_which_its_controller_gives(namespaces):
    spec = namespaces()["kubernetes_network_policy_v1"]["namespaces/jobs-within"]["spec"]
    [expression] = spec["pod_selector"]["match_expressions"]
    assert charts.makes()["EventBus"]["labels"][expression["key"]] in expression["values"]


def test_asking_for_a_namespace_that_was_not_wanted_says_so(namespaces):
    with pytest.raises(ValueError, match="NamespacesProps"):
        namespaces(controllers=None)


def test_what_is_put_into_a_namespace_waits_for_it(namespaces):
    assert namespaces().values == {
        name: f"${{kubernetes_namespace_v1.<namespaces/{name}>.metadata[0].name}}" for name in ("services", "jobs")
    }


def test_deleting_waits_for_pods_that_finish_late(namespaces):
    for namespace in namespaces()["kubernetes_namespace_v1"].values():
        assert namespace["timeouts"] == {"delete": "15m"}


def test_one_namespace_for_both_is_refused(refused):
    refused(lambda: NamespacesProps(services="metaflow", jobs="metaflow"), "jobs", "a namespace for each")
    refused(lambda: NamespacesProps(controllers="metaflow"), "jobs", "a namespace for each")


@pytest.mark.parametrize("where", ["services", "jobs", "controllers"])
def test_kubernetes_names_keep_to_their_limits(where, refused):
    refused(lambda: NamespacesProps(**{where: "Jobs"}), where, "up to 63")
