import pytest

from metaflow_gcp.namespaces import POD_SECURITY_LEVELS, Namespaces, NamespacesProps


@pytest.fixture
def namespaces(synthesize):
    def namespaces(**properties):
        def build(scope):
            made = Namespaces(scope, "namespaces", NamespacesProps(**properties))
            return {"services": made.services, "jobs": made.jobs}

        return synthesize(build)

    return namespaces


def test_minimal(namespaces, holds):
    stack = namespaces()
    assert stack.paths == {"kubernetes_namespace_v1": ["namespaces/jobs", "namespaces/services"]}
    holds(
        stack["kubernetes_namespace_v1"],
        {
            "namespaces/services": {"metadata": {"name": "metaflow"}},
            "namespaces/jobs": {"metadata": {"name": "metaflow-jobs"}},
        },
    )


def test_maximal(namespaces, holds):
    holds(
        namespaces(services="ml-services", jobs="ml-jobs")["kubernetes_namespace_v1"],
        {
            "namespaces/services": {"metadata": {"name": "ml-services"}},
            "namespaces/jobs": {"metadata": {"name": "ml-jobs"}},
        },
    )


def test_no_pod_may_be_privileged_or_reach_into_its_node(namespaces):
    for namespace in namespaces()["kubernetes_namespace_v1"].values():
        labels = namespace["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "baseline"
        assert labels["pod-security.kubernetes.io/warn"] in POD_SECURITY_LEVELS


def test_what_is_put_into_a_namespace_waits_for_it(namespaces):
    assert namespaces().values == {
        name: f"${{kubernetes_namespace_v1.<namespaces/{name}>.metadata[0].name}}" for name in ("services", "jobs")
    }


def test_deleting_waits_for_pods_that_finish_late(namespaces):
    for namespace in namespaces()["kubernetes_namespace_v1"].values():
        assert namespace["timeouts"] == {"delete": "15m"}


def test_one_namespace_for_both_is_refused(refused):
    refused(lambda: NamespacesProps(services="metaflow", jobs="metaflow"), "jobs", "two namespaces")


@pytest.mark.parametrize("where", ["services", "jobs"])
def test_kubernetes_names_keep_to_their_limits(where, refused):
    refused(lambda: NamespacesProps(**{where: "Jobs"}), where, "up to 63")
