"""What a person does where a rerun alone does not go on."""

import json

import pytest

from rehearsal.faults.healing import cures

CONFIGURATION = {
    "terraform": {"backend": {"local": {"path": "states/infra.tfstate"}}},
    "resource": {
        "google_compute_network": {"vpc": {"name": "vpc"}},
        "google_sql_user": {"u": {"name": "u", "instance": "db"}},
    },
}


@pytest.fixture
def said(google, cloud, tmp_path):
    """The commands after what Terraform said."""
    (tmp_path / "cdk.tf.json").write_text(json.dumps(CONFIGURATION))
    google.create("google_compute_network", name="vpc")
    settings = {"tier": "db-custom-2-8192", "edition": "ENTERPRISE"}
    google.create("google_sql_database_instance", name="db", database_version="POSTGRES_16", settings=settings)
    google.create("google_sql_user", name="u", instance="db", password="x")

    def said(text):
        return [str(each).replace(str(tmp_path), "HERE") for each in cures(cloud, tmp_path, text)]

    return said


def test_a_rerun_is_enough(said):
    assert said("google_compute_network.vpc: Error creating Network: googleapi: Error 503: unavailable") == []
    assert said("Error acquiring the state lock\n  Error message: resource temporarily unavailable") == []


def test_what_exists_is_imported_as_terraform_writes_it_for_people_and_as_json(said):
    vpc = "terraform import google_compute_network.vpc projects/acme/global/networks/vpc"
    user = "terraform import google_sql_user.u acme/db/u"
    exists = "googleapi: Error 409: The resource already exists, alreadyExists"
    assert said(f"google_compute_network.vpc: {exists}\ngoogle_sql_user.u: Error, failed to insert: {exists}") == [
        vpc,
        user,
    ]
    # CDKTF writes the construct's path behind the address.
    for address in ("google_compute_network.vpc", "google_compute_network.vpc (network/vpc)"):
        assert said(f"Error: Error creating Network: {exists}\n\n  with {address},\n  on cdk.tf.json") == [vpc]


def test_what_was_never_there_is_not_imported(said):
    assert said("google_compute_network.other: Error 409: it already exists") == []


def test_what_is_protected_is_kept(said):
    plan = "Resource google_compute_network.vpc has lifecycle.prevent_destroy set, but the plan calls for it"
    assert said(f"Instance cannot be destroyed\n  {plan}") == ["terraform untaint google_compute_network.vpc"]


def test_a_lock_in_a_bucket_is_removed(said):
    lock = (
        'Error message: writing "gs://states/a/default.tflock" failed: 412\nLock Info:\n  ID:        1700000000000003\n'
    )
    assert said(f"Error acquiring the state lock\n  {lock}") == ["terraform force-unlock -force 1700000000000003"]


def test_a_state_that_was_not_saved_is_pushed(said):
    push = "terraform state push errored.tfstate"
    saved = 'has been written to the file "errored.tfstate"'
    assert said(f"Failed to persist state to backend: it {saved}") == [push]
    full = f"Failed to write state: write HERE/a.tfstate: no space left on device.\n{saved}"
    assert said(full) == ["mv HERE/a.tfstate HERE/a.tfstate.cut-off", push]


def test_a_state_that_is_cut_off_goes_back_to_the_backup(said, tmp_path):
    broken = "Error acquiring the state lock\n  2 problems:\n  - Unsupported state file format: syntax error"
    away = "mv HERE/states/infra.tfstate HERE/states/infra.tfstate.cut-off"
    assert said(broken) == [away]
    (tmp_path / "states").mkdir()
    (tmp_path / "states" / "infra.tfstate.backup").touch()
    assert said(broken) == [away, "mv HERE/states/infra.tfstate.backup HERE/states/infra.tfstate"]
