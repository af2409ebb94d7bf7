"""The names of what is made: a contract, for a changed name replaces somebody's database."""

from itertools import product

import pytest

from metaflow_gcp import names
from metaflow_gcp.checks import Checks
from stacks.settings.naming import ROLES, Naming


def all_names(naming: Naming) -> list[str]:
    plain = [naming.cluster, naming.network, naming.subnetwork, naming.database_prefix, naming.bucket]
    repositories = [naming.repository, f"{naming.repository}-hub", f"{naming.repository}-all"]
    return plain + repositories + [naming.service_account(role) for role in ROLES]


def problems(naming: Naming) -> list[str]:
    checks = Checks()
    naming.check(checks)
    return [problem.where for problem in checks.problems]


def test_the_names_are_those_of_the_setup_guide(load):
    settings = load("environment = 'staging'")
    assert settings.naming.cluster == "gke-metaflow-staging"
    assert settings.naming.network == "vpc-metaflow-staging"
    assert settings.naming.subnetwork == "snet-metaflow-staging"
    assert settings.naming.database_prefix == "psql-metaflow-staging"
    assert settings.naming.bucket == "storage-acme-acme-metaflow-metaflow-staging"
    assert settings.naming.repository == "artifact-acme-acme-metaflow-metaflow-staging"
    assert settings.naming.service_account("nodes") == "mf-staging-nodes"


def test_the_longest_names_are_valid_and_one_character_more_is_refused():
    longest = Naming(org_prefix="o" * 10, project="p" * 12, environment="e" * 17)
    assert problems(longest) == []
    kinds = [names.CLUSTER, names.RESOURCE, names.RESOURCE, names.SQL_INSTANCE, names.BUCKET]
    kinds += [names.REPOSITORY] * 3 + [names.SERVICE_ACCOUNT] * len(ROLES)
    checks = Checks()
    for name, kind in zip(all_names(longest), kinds, strict=True):
        names.check(checks, name, name, kind)
    assert checks.problems == []
    assert problems(Naming(org_prefix="o" * 11, project="p" * 12, environment="e" * 17)) == ["org_prefix"]
    assert problems(Naming(org_prefix="o" * 9, project="p" * 12, environment="e" * 18)) == ["environment"]


def test_the_shortest_names_are_valid():
    naming = Naming(org_prefix="a", project="abcdef", environment="a")
    assert problems(naming) == []
    assert min(map(len, map(naming.service_account, ROLES))) >= 6


def test_no_two_deployments_of_a_project_share_a_name():
    """Whatever hyphens and the parts of the names themselves do in the words."""
    words = [*map("".join, product("ab", repeat=2)), "a-b", "hub", "hub-a", "all", "a-nodes", "nodes", "artifact"]
    namings = [Naming(org_prefix=org, project="abcdef", environment=env) for org in words for env in words]
    bucket = [name for naming in namings if not problems(naming) for name in (naming.bucket, *all_names(naming)[5:8])]
    assert len(bucket) == len(set(bucket))
    of_environment = [Naming(org_prefix="a", project="abcdef", environment=env) for env in words]
    accounts = [name for naming in of_environment for name in all_names(naming)[:4] + all_names(naming)[8:]]
    assert len(accounts) == len(set(accounts))


@pytest.mark.parametrize("environment", ["x-hub", "x-all", "metaflow", "x-metaflow-y"])
def test_environments_that_could_take_anothers_names_are_refused(environment):
    assert "environment" in problems(Naming(org_prefix="a", project="abcdef", environment=environment))
