"""Machine types and zones that there are, as far as is known: newer ones come every few months.

https://cloud.google.com/compute/docs/machine-resource and https://cloud.google.com/compute/docs/regions-zones
"""

import re

from rehearsal.cloud import machine_families
from rehearsal.cloud.google.request import Request

LARGEST = {
    "c2": 60,
    "c2d": 112,
    "c3": 192,
    "c3d": 360,
    "c4": 288,
    "c4a": 72,
    "c4d": 384,
    "e2": 32,
    "g2": 96,
    "g4": 384,
    "h3": 88,
    "n1": 160,
    "n2": 128,
    "n2d": 224,
    "n4": 80,
    "t2a": 48,
    "t2d": 60,
}
"""The most vCPUs of a family's machine types."""
ZONES = {"us-central1": "abcf", "us-east1": "bcd", "europe-west1": "bcd", "us-central2": "bcd"}
"""The letters of a region's zones, where they are not a, b and c."""
_NAMED = re.compile(r"(?P<family>[a-z][a-z0-9]*)-(?P<kind>[a-z]+)-(?P<vcpus>\d+)(-[a-z].*)?")


def letters(region: str) -> str:
    return ZONES.get(region, "abc")


def machine_exists(request: Request) -> None:
    """Of a family that is known, only what it has; what a GPU is built into is looked at with the GPU."""
    machine = str(request.get("node_config.machine_type", "e2-medium"))
    named = _NAMED.fullmatch(machine)
    kinds = machine_families.kinds(machine)
    if named is None or not kinds:
        return
    vcpus, most = int(named["vcpus"]), LARGEST.get(named["family"])
    odd = vcpus % 2 and vcpus != 1
    if named["kind"] not in kinds or odd or vcpus == 0 or (most is not None and vcpus > most):
        raise request.refuse(
            f'googleapi: Error 400: Machine type with name "{machine}" does not exist in zone '
            f'"{_zones(request)[0]}"., badRequest',
            path=("node_config", 0, "machine_type"),
        )


def zones_exist(request: Request) -> None:
    """Nodes are in zones of the cluster's own region."""
    location = str(request.get("location", ""))
    region = "-".join(location.split("-")[:2])
    for index, zone in enumerate(request.get("node_locations") or []):
        letter = str(zone).removeprefix(f"{region}-")
        if letter in letters(region):
            continue
        if re.fullmatch(r"[a-g]", letter):
            request.cloud.note(f"{request.key.id}: whether there is a zone {zone} is not known here")
        else:
            raise request.refuse(
                f'googleapi: Error 400: Location "{zone}" does not exist in region {region}., badRequest',
                path=("node_locations", index),
            )


def _zones(request: Request) -> list[str]:
    location = str(request.get("location", ""))
    given = request.get("node_locations")
    return [str(each) for each in given] if given else [location if location.count("-") > 1 else f"{location}-a"]
