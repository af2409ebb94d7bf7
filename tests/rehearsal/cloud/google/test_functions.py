"""The provider's functions."""

import pytest

from rehearsal.protocol.errors import Refused

NETWORK = "projects/acme/regions/us-west1/subnetworks/nodes"


@pytest.mark.parametrize(
    ("function", "given", "result"),
    [
        ("region_from_zone", "us-west1-a", "us-west1"),
        ("name_from_id", NETWORK, "nodes"),
        ("project_from_id", NETWORK, "acme"),
        ("region_from_id", NETWORK, "us-west1"),
    ],
)
def test_a_function(google, function, given, result):
    assert google.provider.call(function, [given]) == result


def test_an_id_without_what_is_asked_for(google):
    with pytest.raises(Refused, match="zone_from_id: nothing found in"):
        google.provider.call("zone_from_id", [NETWORK])
