import pytest

from metaflow_gcp.checks import Checks
from metaflow_gcp.google.sql import tiers


@pytest.mark.parametrize(
    "tier",
    [
        "db-f1-micro",
        "db-g1-small",
        "db-custom-1-3840",
        "db-custom-1-6656",
        "db-custom-2-7680",
        "db-custom-96-638976",
        "${TfToken[TOKEN.1]}",
    ],
)
def test_tiers_of_edition_enterprise_pass(tier):
    checks = Checks()
    tiers.check(checks, "tier", tier)
    assert checks.problems == []


@pytest.mark.parametrize(
    ("tier", "wrong", "allowed", "fix"),
    [
        ("db-n1-standard-1", "is not a tier", "db-custom-<vCPUs>", "these forms"),
        ("db-perf-optimized-N-2", "is not a tier", "db-f1-micro", "ENTERPRISE_PLUS"),
        ("db-custom-02-7680", "is not a tier", "db-custom-<vCPUs>", "these forms"),
        ("db-custom-3-7680", "has 3 vCPUs", "even number up to 96", "choose 4 vCPUs"),
        ("db-custom-98-7680", "has 98 vCPUs", "even number up to 96", "choose 96 vCPUs"),
        ("db-custom-1-3584", "has 3584 MB", "3840 to 6656 MB for 1 vCPU(s)", "db-custom-1-3840"),
        ("db-custom-2-13568", "has 13568 MB", "3840 to 13312 MB for 2 vCPU(s)", "db-custom-2-13312"),
        ("db-custom-8-7168", "has 7168 MB", "7424 to 53248 MB", "db-custom-8-7424"),
        ("db-custom-2-7700", "has 7700 MB", "a multiple of 256", "db-custom-2-7936"),
    ],
)
def test_other_tiers_are_explained(tier, wrong, allowed, fix):
    checks = Checks()
    tiers.check(checks, "tier", tier)
    (problem,) = checks.problems
    assert tier in problem.wrong
    assert wrong in problem.wrong
    assert allowed in problem.allowed
    assert fix in problem.fix
