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


@pytest.fixture
def chart(tmp_path):
    folder = tmp_path / "my chart"
    folder.mkdir()
    (folder / "Chart.yaml").write_text('apiVersion: v2\nname: events\nversion: "1.2.3"\n')
    return folder


def test_a_release(helm):
    state = helm.create("helm_release", **RELEASE)
    assert known(state)
    assert (state["id"], state["status"], state["metadata"]["revision"]) == ("argo", "deployed", 1)
    assert helm.plan("helm_release", state, **RELEASE) == state
    assert helm.find("helm_release", "jobs/argo") == state


def test_a_change_is_a_new_revision(helm):
    state = helm.create("helm_release", **RELEASE)
    changed = RELEASE | {"set": [{"name": "server.enabled", "value": "false"}]}
    assert helm.plan("helm_release", state, **changed)["metadata"] is UNKNOWN
    assert helm.update("helm_release", state, **changed)["metadata"]["revision"] == 2


def test_a_local_chart(helm, chart):
    state = helm.create("helm_release", name="events", namespace="jobs", chart=str(chart))
    assert (state["version"], state["metadata"]["chart"]) == ("1.2.3", "events")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"version": None}, "not pinned"),
        ({"version": "~> 1"}, "not pinned"),
        ({"chart": "./nowhere"}, 'path "./nowhere" not found'),
        ({"namespace": "nowhere"}, "installation failed"),
    ],
)
def test_what_is_not_installed(helm, given, message):
    with pytest.raises(Refused, match=message):
        helm.create("helm_release", **(RELEASE | given))


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
