"""Region and zones."""

import re
from dataclasses import dataclass

from metaflow_gcp import pools
from metaflow_gcp.checks import Checks

_REGION = r"[a-z]+-[a-z]+[0-9]+"
_WITHOUT_ZONE_A = ("europe-west1", "us-east1")
"""https://cloud.google.com/compute/docs/regions-zones#available"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the platform is, as far as that is clear: what is wrong with it is said once, not again for each pool."""

    region: str | None
    zones: tuple[str, ...]


def default_zones(region: str) -> tuple[str, ...]:
    letters = "bcd" if region in _WITHOUT_ZONE_A else "abc"
    return tuple(f"{region}-{letter}" for letter in letters)


def check(checks: Checks, *, region: str, zones: tuple[str, ...]) -> Place:
    """Add what is wrong with region and zones, and answer with what the pools can be checked against."""
    before = len(checks.problems)
    zone_of = re.fullmatch(rf"({_REGION})-[a-z]", region)
    checks_of_region = Checks()
    checks_of_region.matches("region", region, _REGION, "a region, such as us-west1: gcloud compute regions list")
    if checks_of_region.problems:
        if zone_of:
            checks.add(
                "region",
                wrong=f"{region!r} is a zone",
                allowed="a region, such as us-west1",
                fix=f'set region = "{zone_of[1]}"',
            )
        else:
            checks.problems += checks_of_region.problems
        return Place(region=None, zones=_UNKNOWN)
    pools.check_zones(checks, zones, region)
    return Place(region=region, zones=_UNKNOWN if len(checks.problems) > before else zones)


_UNKNOWN = ("${zones}",)
"""As Terraform's references look: every check passes over them."""
