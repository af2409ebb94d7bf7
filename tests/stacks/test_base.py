"""What the three stacks share: state, versions, provider, labels, the guard against destroying."""

import json

import pytest

STACKS = ("apis", "infra", "services")
GUARD = "set_deletion_protection_to_false_and_deploy_before_you_destroy"


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("settings", ["minimal", "existing-network"])
def test_a_local_state_is_named_from_the_stack_s_folder_one_for_each_environment(platforms, settings, stack):
    """CDKTF's implicit backend writes the working directory into the JSON."""
    backend = platforms[settings].stacks[stack]["terraform"]["backend"]
    assert backend == {"local": {"path": f"../../../state/default/{stack}.tfstate"}}


@pytest.mark.parametrize("stack", STACKS)
def test_a_state_in_a_bucket_lies_under_the_environment_s_folder(platforms, stack):
    backend = platforms["everything"].stacks[stack]["terraform"]["backend"]
    assert backend == {"gcs": {**OF_STATE, "prefix": f"platforms/metaflow/production/{stack}"}}


DEPLOYER = "deployer@acme-metaflow.iam.gserviceaccount.com"
OF_STATE = {"bucket": "acme-terraform-state", "impersonate_service_account": DEPLOYER}


@pytest.mark.parametrize("stack", STACKS)
def test_a_service_account_that_deploys_is_impersonated_everywhere(platforms, stack):
    """Provider and backend each know it, and Kubernetes and Helm get the provider's token."""
    document = platforms["everything"].stacks[stack]
    [provider] = document["provider"]["google"]
    assert provider["impersonate_service_account"] == DEPLOYER
    for state in document.get("data", {}).get("terraform_remote_state", {}).values():
        assert state["config"].items() >= OF_STATE.items()
    for name in ("minimal", "existing-network"):
        assert "impersonate" not in json.dumps(platforms[name].stacks[stack])


@pytest.mark.parametrize("stack", STACKS)
def test_versions_are_pinned(platform, stack):
    terraform = platform.stacks[stack]["terraform"]
    assert terraform["required_version"] == ">= 1.11"
    assert terraform["required_providers"]
    for provider in terraform["required_providers"].values():
        assert all(part.isdecimal() for part in provider["version"].split("."))


@pytest.mark.parametrize("stack", STACKS)
def test_every_provider_that_a_resource_needs_is_there_and_no_other(platform, stack):
    document = platform.stacks[stack]
    types = {*document.get("resource", {}), *document.get("data", {})}
    needed = {type_.partition("_")[0] for type_ in types} - {"terraform"}
    assert set(document["provider"]) == needed == set(document["terraform"]["required_providers"])


LABELS = {
    "minimal": {"metaflow-environment": "default"},
    "existing-network": {"metaflow-environment": "default"},
    "everything": {"metaflow-environment": "production", "team": "ml", "cost-centre": "4711"},
}


@pytest.mark.parametrize("stack", STACKS)
def test_labels_reach_google_as_they_are_written(platform, stack):
    [provider] = platform.stacks[stack]["provider"]["google"]
    assert provider["default_labels"] == LABELS[platform.settings]


def test_labels_reach_what_the_provider_s_default_does_not(platform):
    assert platform.only("google_sql_database_instance")["settings"]["user_labels"] == LABELS[platform.settings]


@pytest.mark.parametrize("stack", STACKS)
def test_the_provider_knows_project_and_region(platform, stack):
    [provider] = platform.stacks[stack]["provider"]["google"]
    assert provider["project"] == platform.manifest["project"]
    assert provider["region"] == platform.manifest["region"]


@pytest.mark.parametrize("stack", STACKS)
def test_a_guard_makes_destroy_fail_as_a_whole_and_says_what_to_do(platforms, stack):
    """The protection of single resources would let everything else go first."""
    guarded = platforms["minimal"].stacks[stack]["resource"]["terraform_data"]
    assert guarded == {GUARD: {"lifecycle": {"prevent_destroy": True}}}
    assert "terraform_data" not in platforms["everything"].stacks[stack]["resource"]


def test_deletion_protection_reaches_cluster_database_and_bucket(platforms):
    for name, on in (("minimal", True), ("existing-network", True), ("everything", False)):
        cluster, database = (
            platforms[name].only(type_) for type_ in ("google_container_cluster", "google_sql_database_instance")
        )
        # Besides it there may be one for usage logs.
        buckets = {each.path: each.attributes for each in platforms[name].of_type("google_storage_bucket")}
        bucket = buckets["datastore/bucket"]
        assert cluster["deletion_protection"] is on
        assert database["deletion_protection"] is on
        assert database["settings"]["deletion_protection_enabled"] is on
        assert bucket["force_destroy"] is not on
        for each in (cluster, database, bucket):
            assert each.get("lifecycle", {}).get("prevent_destroy", False) is on


def test_without_deletion_protection_nothing_at_all_stands_in_the_way(platforms):
    assert "prevent_destroy" not in json.dumps(platforms["everything"].stacks)


def test_stacks_are_deployed_in_order(platform):
    stacks = json.loads((platform.folder / "manifest.json").read_text("utf-8"))["stacks"]
    assert {name: stack["dependencies"] for name, stack in stacks.items()} == {
        "apis": [],
        "infra": ["apis"],
        "services": ["infra"],
    }
