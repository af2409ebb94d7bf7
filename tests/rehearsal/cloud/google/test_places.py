"""Where an object belongs that does not say it."""

from rehearsal.protocol.values import UNKNOWN


def test_places_are_the_providers_where_nothing_is_said(google):
    planned = google.plan("google_compute_address", name="a")
    assert (planned["project"], planned["region"]) == ("acme", "us-west1")
    assert google.plan("google_compute_address", name="a", region="us-east1")["region"] == "us-east1"
    assert google.plan("google_compute_address", name="a", region=UNKNOWN)["region"] is UNKNOWN
