"""The settings with every option in use, and in turn without Argo, without events, without JobSet, without any."""

import pytest

from tests.stacks.conftest import SETTINGS, Platform
from tests.synthesis import synthesize

WITHOUT = {
    "argo": {"METAFLOW_GCP_ARGO__ENABLED": "false"},
    "events": {"METAFLOW_GCP_ARGO__EVENTS": "false"},
    "jobset": {"METAFLOW_GCP_JOBSET__ENABLED": "false"},
    "any": {"METAFLOW_GCP_ARGO__ENABLED": "false", "METAFLOW_GCP_JOBSET__ENABLED": "false"},
}


@pytest.fixture(scope="session")
def without(once, project):
    """What is switched off -> the platform."""

    def make(folder):
        settings = {"METAFLOW_GCP_SETTINGS": str(SETTINGS / "everything.toml")}
        folder.mkdir()
        for name, off in WITHOUT.items():
            synthesize(folder / name, project=project, **settings, **off)

    folder = once("switched-off", make)
    return {name: Platform(settings="everything", folder=folder / name) for name in WITHOUT}


@pytest.fixture(scope="session")
def on(platforms):
    return platforms["everything"]


@pytest.fixture(params=WITHOUT)
def off(request, without):
    """Each of them."""
    return without[request.param]
