"""`metaflow-gcp configure` on a machine, from what a deployment puts out, and Metaflow's client there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.metaflow.clients import Client
from tests.metaflow.deployment import Deployment
from tests.tools.commands.configure.cluster import TOKEN, write_plugin

CONFIGURE = Path(sys.executable).with_name("metaflow-gcp")

CLUSTER = """
from metaflow.plugins.kubernetes.kubernetes_client import KubernetesClient
configuration = KubernetesClient().get().Configuration.get_default_copy()
print(configuration.host, *configuration.api_key.values())
"""


@pytest.fixture
def environment(tmp_path: Path, deployment: Deployment, client: Client) -> dict[str, str]:
    """Of a machine that had nothing before."""
    (tmp_path / "bin").mkdir()
    # gcloud's plugin, which would ask Google.
    write_plugin(tmp_path / "bin", "true")
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "HOME": str(tmp_path), "USER": "ada"}
    command = [CONFIGURE, "configure", "--from", deployment.outputs, "--yes", "--no-check"]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
    return environment


def test_the_client_works_with_it(client: Client, deployment: Deployment, environment: dict[str, str]) -> None:
    def metaflow(*arguments: str) -> str:
        command = [client.python, "-m", "metaflow.cmd.main_cli", *arguments]
        return subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True, timeout=60, cwd=environment["HOME"]
        ).stdout

    shown = [line for line in metaflow("configure", "show").splitlines() if line.startswith("METAFLOW_")]
    assert shown == [f"{key}={value}" for key, value in deployment.profile.items()]
    assert deployment.profile["METAFLOW_SERVICE_URL"] in metaflow("status")


def test_its_jobs_go_to_the_platform_s_cluster(
    client: Client, deployment: Deployment, environment: dict[str, str]
) -> None:
    """It knows no other than the kubeconfig's current context."""
    told = subprocess.run(
        [client.python, "-c", CLUSTER], env=environment, check=True, capture_output=True, text=True, timeout=60
    )
    assert told.stdout.split() == [f"https://{deployment.description['cluster_dns_endpoint']}", "Bearer", TOKEN]


STAGING = "https://gke-1.us-west1.gke.goog"


@pytest.fixture
def staging(tmp_path: Path, deployment: Deployment, environment: dict[str, str]) -> None:
    """A second platform, configured after the first one: the current context is its own."""
    folder = tmp_path / "staging"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(deployment.profile))
    other = {"project": "acme-staging", "cluster_dns_endpoint": STAGING.removeprefix("https://")}
    (folder / "description.json").write_text(json.dumps(deployment.description | other))
    command = [CONFIGURE, "configure", "--from", folder, "--profile", "staging", "--yes", "--no-check"]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)


def test_jobs_of_a_profile_go_to_its_platform(
    client: Client, deployment: Deployment, environment: dict[str, str], staging: None
) -> None:
    """With what `metaflow-gcp env` prints, as `run` sets it, too; whatever the current context is, and in a pod."""
    # Its own cluster is what the client would take; the token of its account is not even there.
    pod = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    default = f"https://{deployment.description['cluster_dns_endpoint']}"
    for profile, where, server in (("", {}, default), ("", pod, default), ("staging", pod, STAGING)):
        script = f'eval "$("{CONFIGURE}" env --profile "{profile}")"; exec "{client.python}" -c "$CLUSTER"'
        told = subprocess.run(
            ["sh", "-c", script],
            env={**environment, **where, "CLUSTER": CLUSTER},
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert told.stdout.split() == [server, "Bearer", TOKEN]
