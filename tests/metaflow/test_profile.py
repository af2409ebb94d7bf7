"""The profile is one that Metaflow's client takes, in the newest release and in the oldest that we support."""

import runpy
from pathlib import Path

from metaflow_gcp.metaflow import client_settings
from tests.metaflow.clients import Client
from tests.metaflow.deployment import Deployment
from tests.metaflow.recording import Recording, what_is_read


def test_the_client_is_the_release_that_we_name(client: Client, recording: Recording) -> None:
    assert f"Metaflow ({client.version})" in recording.told["status"]


def test_the_client_shows_every_key(deployment: Deployment, recording: Recording) -> None:
    lines = recording.told["configure show"].splitlines()
    assert [line for line in lines if line.startswith("METAFLOW_")] == [
        f"{key}={value}" for key, value in deployment.profile.items()
    ]


def test_the_client_looks_for_metadata_at_the_forward(deployment: Deployment, recording: Recording) -> None:
    assert deployment.profile["METAFLOW_SERVICE_URL"] in recording.told["status"]


def test_the_client_reads_every_key(deployment: Deployment, recording: Recording) -> None:
    assert recording.read == deployment.profile


def test_a_key_that_is_read_by_nothing_would_show(client: Client, tmp_path: Path) -> None:
    """The first one is the setup guide's."""
    wrong = {"METAFLOW_DEFAULT_DOCKER_REGISTRY": "x", "METAFLOW_KUBERNETES_NAMESPACES": "x"}
    right = {"METAFLOW_KUBERNETES_NAMESPACE": "x"}
    assert what_is_read(client, wrong | right, tmp_path) == dict.fromkeys(wrong) | right


def test_the_list_of_settings_is_the_clients(client: Client) -> None:
    """`client_settings.json`. What both know has not changed what it takes."""
    script = Path(__file__).parents[2] / "scripts" / "metaflow_settings.py"
    found = runpy.run_path(str(script))["read"](client.python)
    known = client_settings.known()
    assert found["keys"].items() <= known.items(), "stale: run scripts/metaflow_settings.py"
    oldest, newest = client_settings.releases()
    assert found["version"] == {"oldest": oldest, "newest": newest}[client.release]
