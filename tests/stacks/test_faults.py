"""A fault at a resource: a rerun converges, the plan is then empty, destroy leaves nothing, nothing is there twice.

A sample, one of each kind of behaviour; `make faults` does all, and writes docs/faults.md.
"""

import pytest

from rehearsal.faults.fault import Fault
from rehearsal.faults.outcomes import outcome
from rehearsal.run import stacks
from tests.deploys.faults import PAGE, resources, trials, unprotected, written

SAMPLE = [
    ("google_project_service", "create", "after", "failed to enable services", []),
    ("google_compute_network", "create", "before", "Error creating Network: googleapi: Error 503", []),
    ("google_compute_network", "create", "after", "Error waiting to create Network", ["import"]),
    ("google_container_cluster", "create", "after", "Error waiting for creating GKE cluster", []),
    ("google_sql_user", "create", "after", "failure waiting for insertion of metaflow", []),
    ("google_secret_manager_secret_version", "create", "after", "Error creating SecretVersion", []),
    ("google_container_node_pool", "update", "before", "googleapi: Error 503", []),
    ("google_storage_bucket", "update", "after", "googleapi: Error 503", []),
    ("kubernetes_deployment_v1", "create", "after", "Waiting for rollout to finish", []),
    ("kubernetes_secret_v1", "delete", "after", "EOF", []),
    ("helm_release", "create", "after", "uninstalled due to atomic being set", []),
    ("google_sql_database_instance", "delete", "before", "Error, failed to delete instance", []),
]


@pytest.fixture(scope="module")
def tried(platforms, tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    return trials(unprotected(platforms["minimal"].folder, folder), folder)


@pytest.mark.parametrize(("type_", "operation", "when", "says", "commands"), SAMPLE)
def test_a_rerun_converges(tried, type_, operation, when, says, commands):
    resource = next(each for each in resources(tried.found) if each.type == type_)
    result = tried.attempt(resource.stack, Fault(address=resource.address, operation=operation, when=when))
    assert result.met
    assert result.problems == []
    assert says in result.message
    assert [each.split()[1] for each in result.cures] == commands
    assert result.twice == (type_ == "google_secret_manager_secret_version")


def test_a_protected_cluster_is_not_replaced_but_kept(platforms, tmp_path):
    """Its creation took longer than the provider waited: Terraform would replace it, and may not."""
    tried = trials(stacks.copy(platforms["minimal"].folder, tmp_path), tmp_path)
    [cluster] = [each for each in resources(tried.found) if each.type == "google_container_cluster"]
    result = tried.attempt("infra", Fault(address=cluster.address, when="after"))
    assert result.cures == [f"terraform untaint {cluster.address}"]
    assert not [each for each in result.problems if "apply" in each]


def test_the_page_has_every_resource(platforms):
    rows = written(PAGE.read_text("utf-8"))
    found = {(each.path, each.type) for each in resources(stacks.read(platforms["minimal"].folder))}
    assert {(path, type_) for path, type_, *_ in rows} == found, "docs/faults.md is stale: run make faults"
    assert not [row for row in rows if "**fails**" in row]
    imports = {type_ for _, type_, _, after, *_ in rows if after == "import, rerun"}
    assert imports == {type_ for _, type_, *_ in rows if _is_forgotten(type_)}


def _is_forgotten(type_: str) -> bool:
    return not type_.startswith("random_") and outcome(type_, {"atomic": True}) == "forgotten"
