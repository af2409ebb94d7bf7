import pytest

from rehearsal.protocol.errors import Refused
from rehearsal.protocol.values import known
from tests.rehearsal.cloud.kubernetes.shapes import about, deployment


def test_a_namespaced_object(kubernetes):
    state = kubernetes.create("kubernetes_config_map_v1", metadata=about(), data={"a": "b"})
    assert known(state)
    assert state["id"] == "jobs/app"
    assert state["metadata"][0]["uid"]
    assert kubernetes.find("kubernetes_config_map_v1", "jobs/app") == state
    assert kubernetes.data("kubernetes_config_map_v1", metadata={"name": "app", "namespace": "jobs"})["data"] == {
        "a": "b"
    }


def test_the_kinds_with_and_without_version_are_one(kubernetes):
    kubernetes.create("kubernetes_config_map", metadata=about())
    with pytest.raises(Refused, match='config_maps "jobs/app" already exists'):
        kubernetes.create("kubernetes_config_map_v1", metadata=about())


def test_nothing_to_change_after_a_creation(kubernetes):
    state = kubernetes.create("kubernetes_deployment_v1", **deployment())
    assert kubernetes.plan("kubernetes_deployment_v1", state, **deployment()) == state


def test_a_generated_name(kubernetes):
    metadata = {"generate_name": "job-", "namespace": "jobs"}
    states = [kubernetes.create("kubernetes_secret_v1", metadata=metadata, data={str(i): "x"}) for i in range(2)]
    names = [state["metadata"][0]["name"] for state in states]
    assert all(name.startswith("job-") for name in names)
    assert names[0] != names[1]


def test_a_service_gets_an_address(kubernetes):
    state = kubernetes.create("kubernetes_service_v1", metadata=about(), spec={"port": [{"port": 80}]})
    assert state["spec"][0]["cluster_ip"].startswith("34.118.")
    assert state["spec"][0]["cluster_ips"] == [state["spec"][0]["cluster_ip"]]


def test_a_namespace_that_is_not_there(kubernetes):
    with pytest.raises(Refused, match='namespaces "nowhere" not found'):
        kubernetes.create("kubernetes_config_map_v1", metadata={"name": "a", "namespace": "nowhere"})


def test_a_namespace_takes_all_in_it_along(kubernetes):
    state = kubernetes.create("kubernetes_config_map_v1", metadata=about())
    kubernetes.delete("kubernetes_namespace_v1", kubernetes.find("kubernetes_namespace_v1", "jobs"))
    assert kubernetes.read("kubernetes_config_map_v1", state) is None


def test_a_cluster_takes_all_in_it_along(kubernetes, google, cluster, cloud):
    google.delete("google_container_cluster", cluster)
    assert cloud.all("kubernetes_%") == []


def test_a_name_that_is_no_name(kubernetes):
    for name in ("My_App", "a..b", "-a"):
        wrong = {"metadata": [{"name": name}]}
        assert len(kubernetes.provider.validate("kubernetes_config_map_v1", wrong)) == 1
    assert kubernetes.provider.validate("kubernetes_role_v1", {"metadata": [{"name": "system:view"}]}) == []
