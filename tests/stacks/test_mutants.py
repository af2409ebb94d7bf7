"""A few of the mutants of `make mutants`: each is noticed, and where."""

import pytest

from tests.mutants.reasons import REASONS, reason
from tests.mutants.run import WAYS, base, mutants, tried

SAMPLE = {
    "argument renamed": "validate",
    "output dropped that another stack reads": "plan",
    "name that nobody has": None,
    "API not enabled": None,
    "taint without toleration, label of no node": "apply",
    "role too narrow": None,
    "network policy without its port": None,
}
"""Way -> where its mutants are noticed; None: in more than one place."""


@pytest.fixture(scope="module")
def everything(platforms):
    """The settings with every option, which let themselves be destroyed."""
    return base("everything", platforms["everything"].folder)


def test_the_platform_itself_is_right(everything):
    """As far as is known: of one GPU, newer than the catalogue, it is not."""
    assert [said for said in everything.usual if "is not known here" not in said] == []


@pytest.mark.parametrize("way", SAMPLE)
def test_a_fault_is_noticed(everything, way):
    [(_, mutant)] = mutants(everything.platform, seed=1, each=1, ways=(way,))
    verdict = tried(everything, way, mutant).verdict
    assert verdict.stage, mutant.where
    assert SAMPLE[way] in (None, verdict.stage), verdict


def test_there_are_at_least_25_ways():
    assert len(WAYS) >= 25
    assert WAYS.keys() >= SAMPLE.keys()


def test_the_same_seed_gives_the_same_mutants(everything):
    def drawn(seed):
        return [mutant.where for _, mutant in mutants(everything.platform, seed=seed, each=3, ways=("verb missing",))]

    assert drawn(0) == drawn(0)
    assert drawn(0) != drawn(1)


def test_a_reason_is_given_by_the_place_of_a_fault():
    assert reason("`depends_on` dropped: minimal x: kubernetes_network_policy_v1.y").startswith("The order protects")
    assert reason("verb missing: minimal services kubernetes_role_v1.x") == ""
    assert all(said.strip().endswith(".") for said in REASONS.values())
