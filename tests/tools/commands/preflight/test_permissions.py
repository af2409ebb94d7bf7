"""The permissions of the deployer follow from what is deployed."""

import json
from pathlib import Path

import pytest

from metaflow_gcp_tools.commands.preflight import project
from metaflow_gcp_tools.commands.preflight.permissions import PERMISSIONS, Needed, needed, role_of
from tests.tools.commands.preflight.cloud import PROJECT, synthesized

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("settings", ["minimal", "everything", "existing-network"])
def test_each_resource_of_the_stacks_has_its_permissions(tmp_path, settings):
    found = needed(synthesized(tmp_path / "out", settings), PROJECT)
    assert found.unknown_types == ()
    assert len(found.permissions[PROJECT]) > 40


def test_a_network_in_another_project_is_used_there(tmp_path, checks, out, cloud):
    assert needed(synthesized(tmp_path / "existing", "existing-network"), PROJECT).permissions["acme-network-host"] == {
        "compute.subnetworks.get",
        "compute.subnetworks.use",
    }


def test_rights_in_the_project_of_the_network(tmp_path, checks, out, cloud):
    infra = synthesized(tmp_path / "existing", "existing-network") / "stacks/infra/cdk.tf.json"
    (out / "stacks/infra/cdk.tf.json").write_text(infra.read_text())
    cloud.missing_permissions = {"compute.subnetworks.use"}
    check = checks()["rights: Compute Network User in acme-network-host"]
    assert check["state"] == "FAIL"
    assert "gcloud projects add-iam-policy-binding acme-network-host" in check["next_step"]
    assert check["next_step"].endswith("--role roles/compute.networkUser`")


def test_a_resource_that_is_not_known_here_is_unknown(out, checks):
    (out / "stacks/apis/cdk.tf.json").write_text(json.dumps({"resource": {"google_new_thing": {"a": {}}}}))
    check = checks()["rights: other resources"]
    assert check["state"] == "UNKNOWN"
    assert "google_new_thing" in check["says"]


def test_the_readme_names_each_role():
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    for permission in {each for of_type in PERMISSIONS.values() for each in of_type}:
        assert role_of(permission).title in readme


def test_google_is_asked_for_no_more_at_once_than_it_takes():
    """100 permissions: https://cloud.google.com/resource-manager/reference/rest/v3/projects/testIamPermissions ."""
    asked = []

    class Held:
        project = PROJECT

        def ask(self, _method, *, resource, body):
            assert resource == f"projects/{PROJECT}"
            asked.append(body["permissions"])
            return body

    every = frozenset(each for of_type in PERMISSIONS.values() for each in of_type)
    found = list(project.check_rights(Held(), Needed({PROJECT: every}, ()), None))
    assert {each.state.name for each in found} == {"PASS"}
    assert sorted(permission for each in asked for permission in each) == sorted(every)
    assert [len(each) for each in asked][:-1] == [100] * (len(asked) - 1)
    assert len(asked[-1]) <= 100
