"""Region and zones."""

import re
from dataclasses import dataclass

from metaflow_gcp.checks import Checks
from metaflow_gcp.google.gke import pool_rules
from stacks.settings import regions

_REGION = r"[a-z]+-[a-z]+[0-9]+"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the platform is, as far as that is clear: what is wrong with it is said once, not again for each pool."""

    region: str | None
    zones: tuple[str, ...]
    new_zones: tuple[str, ...]
    """What Google has opened since the list of zones was read."""

    def check_zones(self, checks: Checks, zones: tuple[str, ...] | None) -> None:
        """Add zones of a pool's own that do not exist."""
        regions.check_zones(checks, zones or (), self.new_zones)


def check(checks: Checks, *, region: str, zones: tuple[str, ...], new_zones: tuple[str, ...]) -> Place:
    """Add what is wrong with region and zones, and answer with what the pools can be checked against."""
    before = len(checks.problems)
    zone_of = re.fullmatch(rf"({_REGION})-[a-z0-9]+", region)
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
        return Place(region=None, zones=_UNKNOWN, new_zones=new_zones)
    for zone in new_zones:
        checks.matches("new_zones", zone, rf"{_REGION}-[a-z0-9]+", "zones such as us-central1-a")
    if not regions.check_region(checks, "region", region, new_zones):
        return Place(region=None, zones=_UNKNOWN, new_zones=new_zones)
    pool_rules.check_zones(checks, zones, region)
    regions.check_zones(checks, zones, new_zones)
    return Place(region=region, zones=_UNKNOWN if len(checks.problems) > before else zones, new_zones=new_zones)


_UNKNOWN = ("${zones}",)
"""As Terraform's references look: every check passes over them."""
