"""Projects and their APIs."""

import pytest

from rehearsal.protocol.errors import Refused


def test_a_project_that_does_not_exist(google):
    with pytest.raises(Refused, match="resource project elsewhere"):
        google.create("google_compute_network", name="vpc", project="elsewhere")


def test_an_api_that_is_not_enabled(google, cloud):
    cloud.disable("acme", "compute.googleapis.com")
    with pytest.raises(Refused, match=r"compute\.googleapis\.com has not been used in project acme"):
        google.create("google_compute_network", name="vpc")
