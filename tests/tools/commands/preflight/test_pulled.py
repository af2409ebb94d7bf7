"""Images and charts that the deployment pulls, asked of a stand-in registry."""

import pytest

from metaflow_gcp_tools.checks import State
from metaflow_gcp_tools.clients.registries import images
from metaflow_gcp_tools.clients.registries.answer import Answer
from metaflow_gcp_tools.commands.preflight import pulled
from metaflow_gcp_tools.platform.manifest import Manifest, PulledImage
from tests.tools.commands.preflight.cloud import synthesized
from tests.tools.stand_in_registry import StandInRegistry

SERVICE = "netflixoss/metaflow_metadata_service:v2.5.0"


@pytest.fixture
def registry():
    with StandInRegistry() as registry:
        yield registry


@pytest.fixture
def pulling(tmp_path, registry):
    """What synth writes, with everything that it pulls in the stand-in."""
    return synthesized(tmp_path / "pulling", "minimal", registry)


@pytest.fixture
def of_images(checks, pulling):
    """Run preflight; its checks of images by what they are of."""

    def run():
        found = checks("--out", str(pulling), "--timeout", "5")
        return {name: check for name, check in found.items() if check["topic"] == "images"}

    return run


def test_all_are_there(of_images, registry):
    found = of_images()
    assert {check["state"] for check in found.values()} == {"PASS"}
    assert len(found) == 11 + 3
    assert f"images: {registry.host}/{SERVICE} (images.metadata_service)" in found
    assert "images: chart jobset 0.11.1 (jobset.chart)" in found


def test_a_tag_that_is_missing_stops_a_deployment(of_images, registry):
    registry.lose(SERVICE)
    check = of_images()[f"images: {registry.host}/{SERVICE} (images.metadata_service)"]
    assert (check["state"], check["blocks"]) == ("FAIL", True)
    assert "`images.metadata_service`" in check["next_step"]


def test_a_task_s_image_that_is_missing_does_not(of_images, registry):
    registry.lose("library/python:3.11")
    check = of_images()[f"images: {registry.host}/library/python:3.11 (images.task)"]
    assert (check["state"], check["blocks"]) == ("WARN", False)


def test_what_the_project_names_is_not_the_settings_fault(of_images, registry):
    registry.lose("argoproj/argocli:v3.7.11")
    check = of_images()[f"images: {registry.host}/argoproj/argocli:v3.7.11 (argo.workflows_chart)"]
    assert check["state"] == "FAIL"
    assert "make verify-externals" in check["next_step"]


def test_a_registry_that_does_not_answer_is_told_once(of_images, registry):
    for repository in ("argoproj/argocli", "argoproj/argoexec", "argoproj/workflow-controller"):
        registry.refuse(repository, 429)
    unknown = [check for check in of_images().values() if check["state"] == "UNKNOWN"]
    [check] = unknown
    assert "limits requests" in check["says"]
    assert len(check["also"]) == 2


def test_nothing_is_ready_as_long_as_a_registry_does_not_answer(preflight, pulling, registry):
    registry.refuse("argoproj/argocli", 503)
    ran = preflight("--json", "--out", str(pulling))
    assert ran.exit_code == 1
    assert ran.document["result"]["ready"] is None


@pytest.mark.parametrize(
    ("host", "asks"),
    [
        ("us-west1-docker.pkg.dev", True),
        ("us.gcr.io", True),
        ("gcr.io", True),
        ("ghcr.io", False),
        ("evilgcr.io", False),
        ("pkg.dev.example.com", False),
    ],
)
def test_google_s_login_is_for_google_s_registries(out, monkeypatch, host, asks):
    logins = []

    def ask(name, timeout, login):
        logins.append(login)
        return Answer(state=State.PASS, says="there")

    monkeypatch.setattr(images, "ask", ask)
    manifest = Manifest.read(out)
    image = PulledImage(setting="images.task", name=f"{host}/team/image:1")
    asked = pulled.check(type(manifest)(**{**vars(manifest), "images": (image,)}), 5.0, lambda: ("user", "secret"))
    assert [check.state for check in asked] == [State.PASS]
    assert logins == [("user", "secret") if asks else None]
