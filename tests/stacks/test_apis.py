"""The APIs that are enabled are those that are needed: no fewer, no more."""

import gzip
import json
from pathlib import Path

import pytest

SCHEMAS = Path(__file__).parents[2] / "rehearsal/schemas"
NEEDED_BY_NO_RESOURCE = {
    "cloudresourcemanager.googleapis.com": "roles on the project are set there",
    "containerfilesystem.googleapis.com": "nodes stream images through it",
    "iamcredentials.googleapis.com": "pods exchange their token there (Workload Identity)",
    "logging.googleapis.com": "nodes write logs",
    "monitoring.googleapis.com": "nodes write metrics",
    "serviceusage.googleapis.com": "APIs are enabled there, and quotas read",
}

NEEDED_BY_A_SETTING = {
    "binaryauthorization.googleapis.com": "cluster.binary_authorization",
    "iap.googleapis.com": "endpoint.enabled: the documentation of its grants names no API",
}


@pytest.fixture(scope="module")
def api_of():
    with gzip.open(SCHEMAS / "google-services.json.gz", "rt", encoding="utf-8") as file:
        return {type_: facts.get("service") for type_, facts in json.load(file).items()}


def enabled(platform):
    return {each.attributes["service"] for each in platform.of_type("google_project_service")}


def needed(platform, api_of):
    """Google type -> the API that it is made through."""
    return {
        each.type: api_of.get(each.type)
        for each in platform.elements
        # The access token of whoever runs Terraform takes no API.
        if each.type.startswith("google_") and each.type != "google_client_config"
    }


def test_every_resource_of_google_s_has_its_api_enabled(platform, api_of):
    """Known defect 22 of the templates: the list of APIs misses half of them."""
    missing = {
        type_: api
        for type_, api in needed(platform, api_of).items()
        if api is not None and api not in enabled(platform)
    }
    assert missing == {}


def test_no_api_is_enabled_needlessly(platform, api_of):
    beyond = enabled(platform) - set(needed(platform, api_of).values()) - NEEDED_BY_NO_RESOURCE.keys()
    assert beyond == (NEEDED_BY_A_SETTING.keys() if platform.settings == "everything" else set())


def test_the_reasons_are_for_apis_that_are_enabled(platform):
    assert NEEDED_BY_NO_RESOURCE.keys() <= enabled(platform)


def test_the_templates_forgotten_apis_are_among_them(platform):
    """Known defect 22 of the templates."""
    forgotten = ("iam", "iamcredentials", "secretmanager", "storage", "logging", "monitoring", "serviceusage")
    assert {f"{name}.googleapis.com" for name in forgotten} <= enabled(platform)


def test_destroying_leaves_them_enabled(platform):
    for each in platform.of_type("google_project_service"):
        assert each.attributes["disable_on_destroy"] is False


def test_they_come_first_and_alone(platform):
    """Nothing else in the stack: what needs an API must not be planned before it is enabled."""
    types = {each.type for each in platform.elements if each.stack == "apis"}
    assert types <= {"google_project_service", "terraform_data"}
    assert {each.stack for each in platform.of_type("google_project_service")} == {"apis"}
