"""What infra hands to services: both sides against the one class that says so."""

import re
from dataclasses import fields

import pytest

from stacks.contracts import EndpointOutputs, InfraOutputs

FIELDS = {each.name: each for each in fields(InfraOutputs)}
ENDPOINT = {each.name for each in fields(EndpointOutputs)}
"""Where there is one."""
READ = re.compile(r"data\.terraform_remote_state\.infra\.outputs\.(\w+)")


def handed_on(platform):
    return FIELDS.keys() | (ENDPOINT if platform.settings == "everything" else set())


def test_every_field_is_an_output_of_infra_under_its_own_name_and_there_is_no_other(platform):
    assert set(platform.stacks["infra"]["output"]) == handed_on(platform)


def test_what_the_provider_marks_as_sensitive_is_marked_and_nothing_else(platform):
    """Terraform refuses an output that is not marked; one that is marked without need can be read by nobody."""
    marked = {name for name, output in platform.stacks["infra"]["output"].items() if output.get("sensitive")}
    assert marked == {"database_server_ca"}
    assert marked == {name for name, each in FIELDS.items() if each.metadata.get("sensitive")}


def test_outputs_are_references_so_that_they_wait_for_what_they_describe(platform):
    """But for the names below a domain: whoever chose it knows them before."""
    for name, output in platform.stacks["infra"]["output"].items():
        assert "${" in output["value"] or name in ENDPOINT - {"endpoint_address"}, name


def test_no_password_is_handed_on(platform):
    """The secret's id is; services reads the password from Secret Manager."""
    for output in platform.stacks["infra"]["output"].values():
        assert "random_password" not in output["value"]
        assert "secret_data" not in output["value"]


def test_services_reads_what_infra_writes_and_nothing_else(platform):
    assert set(READ.findall(platform.texts["services"])) <= handed_on(platform)


def test_every_field_is_read_by_services(platforms):
    read = {name for platform in platforms.values() for name in READ.findall(platform.texts["services"])}
    assert read == FIELDS.keys() | ENDPOINT


def test_services_reads_the_very_state_that_infra_writes(platform):
    backend = platform.stacks["infra"]["terraform"]["backend"]
    [state] = [each for each in platform.elements if each.type == "terraform_remote_state"]
    assert {state.attributes["backend"]: state.attributes["config"]} == backend


def test_services_hands_on_what_configure_reads_and_nothing_else(platform):
    assert set(platform.stacks["services"]["output"]) == {"client_profile", "platform_description"}
    assert "output" not in platform.stacks["apis"]


@pytest.mark.parametrize("stack", ["apis", "infra", "services"])
def test_no_reference_between_stacks_goes_unseen(platform, stack):
    """CDKTF would add outputs and remote states of its own for such a reference, with names bound to paths."""
    text = platform.texts[stack]
    assert "cross-stack" not in text
    assert set(platform.stacks[stack].get("data", {}).get("terraform_remote_state", {})) == (
        {"infra"} if stack == "services" else set()
    )
