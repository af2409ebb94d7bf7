"""The regions and zones that Google Cloud has, as `regions.json` lists them, with its date and sources."""

import json
from collections.abc import Collection
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from metaflow_gcp.checks import Checks, is_token

_FILE = Path(__file__).with_name("regions.json")
_OF_ONE_LETTER = 1


@cache
def _list() -> tuple[str, dict[str, tuple[str, ...]]]:
    found = json.loads(_FILE.read_text("utf-8"))
    return found["read"], {region: tuple(ends) for region, ends in found["regions"].items()}


def zones(region: str) -> tuple[str, ...]:
    """Those of a region, AI zones last; none for a region that is not known."""
    return tuple(f"{region}-{end}" for end in _list()[1].get(region, ()))


def default_zones(region: str) -> tuple[str, ...]:
    """The first three, never an AI zone: those have few machine types. Of a region that is not known, -a, -b and -c."""
    ends = [end for end in _list()[1].get(region, ("a", "b", "c")) if len(end) == _OF_ONE_LETTER]
    return tuple(f"{region}-{end}" for end in ends[:3])


def check_region(checks: Checks, where: str, region: str, newer: Collection[str]) -> bool:
    """Add a region that does not exist; `newer` are zones that Google has opened since. Gives whether it is fine."""
    read, regions = _list()
    known = [*regions, *(zone.rpartition("-")[0] for zone in newer)]
    if is_token(region) or region in known:
        return True
    near = get_close_matches(region, known, n=3, cutoff=0.7) or ["us-west1"]
    checks.add(
        where,
        wrong=f"{region!r} is not a region of Google Cloud",
        allowed=f"a region such as {', '.join(near)} (list of {read}: gcloud compute regions list)",
        fix=f'set {where} = "{near[0]}"; if Google has opened it since, add its zones to new_zones',
    )
    return False


def check_zones(checks: Checks, given: Collection[str], newer: Collection[str]) -> None:
    """Add zones that do not exist in regions that do."""
    read, regions = _list()
    for zone in dict.fromkeys(given):
        region = zone.rpartition("-")[0]
        if is_token(zone) or zone in newer or region not in regions or zone in zones(region):
            continue
        checks.add(
            "zones",
            wrong=f"{zone!r} is not a zone of Google Cloud",
            allowed=f"{', '.join(zones(region))} (list of {read}: gcloud compute zones list)",
            fix="choose one of these; if Google has opened it since, add it to new_zones",
        )
