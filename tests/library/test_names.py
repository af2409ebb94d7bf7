import pytest

from metaflow_gcp import names
from metaflow_gcp.checks import Checks

KINDS = {
    "bucket": (names.BUCKET, 3, 63),
    "cluster": (names.CLUSTER, 1, 40),
    "node pool": (names.NODE_POOL, 1, 40),
    "repository": (names.REPOSITORY, 1, 63),
    "resource": (names.RESOURCE, 1, 63),
    "service account": (names.SERVICE_ACCOUNT, 6, 30),
    "sql instance": (names.SQL_INSTANCE, 1, 98),
    "kubernetes": (names.KUBERNETES, 1, 63),
}


def problems(name, kind, **more):
    checks = Checks()
    names.check(checks, "name", name, kind, **more)
    return checks.problems


@pytest.mark.parametrize(("kind", "shortest", "longest"), KINDS.values(), ids=KINDS)
def test_google_s_limits_are_met_to_the_character(kind, shortest, longest):
    assert problems("a" * shortest, kind) == []
    assert problems("a" * longest, kind) == []
    assert len(problems("a" * (longest + 1), kind)) == 1
    assert len(problems("a" * (shortest - 1), kind)) == 1


@pytest.mark.parametrize("kind", [kind for kind, _, _ in KINDS.values()], ids=KINDS)
def test_capitals_spaces_and_a_hyphen_at_the_end_are_refused(kind):
    for name in ("Aaaaaa", "aaa aaa", "aaaaaa-", "-aaaaaa", "aaaaaä", "aaaaaa\n", "aaa.aaa"):
        assert len(problems(name, kind)) == 1, name


def test_a_name_that_is_too_long_is_said_once_with_its_length_and_the_limit():
    [problem] = problems("A" * 41, names.CLUSTER)
    assert problem.wrong == f"'{'A' * 41}' has 41 characters"
    assert problem.allowed == "at most 40 characters"
    assert problem.fix == "shorten name"


def test_the_caller_may_know_a_better_fix():
    [problem] = problems("a" * 41, names.CLUSTER, fix="shorten environment")
    assert problem.fix == "shorten environment"


def test_a_name_that_only_terraform_knows_passes():
    assert problems("${google_container_cluster.c.name}-and-very-long-behind", names.CLUSTER) == []
