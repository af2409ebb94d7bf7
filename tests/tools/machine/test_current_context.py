"""Where Metaflow's client sends jobs when nobody says: what its own library makes of the kubeconfigs."""

import json

import pytest
import yaml

from metaflow_gcp_tools.machine import current_context
from metaflow_gcp_tools.machine.current_context import CurrentContext
from metaflow_gcp_tools.platform.description import Platform
from tests.tools.commands.configure.places import CONTEXT, DESCRIPTION

PLATFORM = Platform.parse(json.dumps(DESCRIPTION), "the test")
SERVER = "https://gke-0.us-west1.gke.goog"
NOWHERE = CurrentContext(name=None, server=None, is_platform=False)


@pytest.fixture
def written(tmp_path, monkeypatch):
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)

    def written(*named: tuple[str, str]) -> None:
        """A kubeconfig for each context and server, which is its current one."""
        files = []
        for number, (name, server) in enumerate(named):
            content = {
                "clusters": [{"name": name, "cluster": {"server": server}}],
                "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
                "users": [{"name": name, "user": {}}],
                "current-context": name,
            }
            files.append(tmp_path / f"{number}.yaml")
            files[-1].write_text(yaml.safe_dump(content))
        monkeypatch.setenv("KUBECONFIG", ":".join(map(str, files)))

    return written


@pytest.mark.parametrize(
    ("named", "name", "is_platform"),
    [
        ([(CONTEXT, SERVER)], CONTEXT, True),
        # Renamed, as kubectx does; and reached by its address, as gcloud writes it without --dns-endpoint.
        ([("prod", SERVER)], "prod", True),
        ([(CONTEXT, "https://10.0.0.9")], CONTEXT, True),
        ([("other", "https://10.0.0.1")], "other", False),
        # The last one counts for the client, where the first one counts for kubectl.
        ([(CONTEXT, SERVER), ("other", "https://10.0.0.1")], "other", False),
        ([("other", "https://10.0.0.1"), (CONTEXT, SERVER)], CONTEXT, True),
    ],
)
def test_the_current_context(written, named, name, is_platform):
    written(*named)
    found = current_context.of_client(PLATFORM)
    assert (found.name, found.is_platform) == (name, is_platform)
    assert (found.problem(PLATFORM, "") is None) == is_platform


@pytest.mark.parametrize("text", [None, "", "[", "{}", "current-context: gone\n", "current-context:\n"])
def test_a_kubeconfig_that_leads_nowhere(tmp_path, monkeypatch, text):
    file = tmp_path / "kubeconfig"
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv("KUBECONFIG", str(file))
    assert current_context.of_client(PLATFORM) == NOWHERE
    assert "nowhere: the kubeconfig has no current context" in NOWHERE.problem(PLATFORM, "").what


def test_in_a_pod_it_is_the_pod_s_own_cluster_unless_a_kubeconfig_is_named(written, monkeypatch):
    written((CONTEXT, SERVER))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert current_context.of_client(PLATFORM).is_platform
    monkeypatch.delenv("KUBECONFIG")
    found = current_context.of_client(PLATFORM)
    assert found == NOWHERE
    problem = found.problem(PLATFORM, "staging")
    assert "to the cluster of this pod, and their metadata to gke-metaflow-default of acme-metaflow" in problem.what
    assert 'eval "$(metaflow-gcp env --profile staging)"' in problem.next_step
