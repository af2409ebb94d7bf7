"""Machine types and zones that there are."""

import pytest

from rehearsal.protocol.errors import Refused
from tests.rehearsal.cloud.google.shapes import POOL


@pytest.mark.parametrize(
    "machine", ["e2-standrad-8", "e2-standard-7", "e2-standard-64", "n2-megamem-8", "c3-standard-0"]
)
def test_a_machine_type_that_there_is_not(google, cluster, machine):
    with pytest.raises(Refused, match=f'Machine type with name "{machine}" does not exist in zone "us-west1-'):
        google.create("google_container_node_pool", **POOL | {"node_config": {"machine_type": machine}})


@pytest.mark.parametrize(
    "machine", ["e2-standard-8", "e2-medium", "n1-standard-1", "n1-ultramem-40", "c3-standard-8-lssd", "z9-standrad-7"]
)
def test_one_that_there_is_or_that_is_newer(google, cluster, machine):
    google.create("google_container_node_pool", **POOL | {"node_config": {"machine_type": machine}})


@pytest.mark.parametrize("zone", ["us-west1-x", "europe-west4-a", "us-west1", "us-east1-b"])
def test_a_zone_that_the_region_does_not_have(google, cluster, zone):
    with pytest.raises(Refused, match=f'Location "{zone}" does not exist in region us-west1'):
        google.create("google_container_node_pool", **POOL | {"node_locations": ["us-west1-a", zone]})


def test_a_zone_that_may_be_new(google, cluster, cloud):
    google.create("google_container_node_pool", **POOL | {"node_locations": ["us-west1-a", "us-west1-d"]})
    assert any("whether there is a zone us-west1-d is not known here" in note for note in cloud.notes())
