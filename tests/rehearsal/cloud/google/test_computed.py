"""Computed attributes and labels that look alike in all types."""

from rehearsal.protocol.values import UNKNOWN, known


def test_a_new_network_is_wholly_known_and_looks_like_googles(google):
    state = google.create("google_compute_network", name="vpc")
    assert known(state)
    assert state["id"] == "projects/acme/global/networks/vpc"
    assert state["self_link"] == "https://www.googleapis.com/compute/v1/projects/acme/global/networks/vpc"
    assert state["project"] == "acme"


def test_labels_are_merged_with_the_providers(google):
    planned = google.plan("google_secret_manager_secret", secret_id="s", labels={"a": "b"}, replication={"auto": {}})
    assert planned["terraform_labels"] == {"a": "b", "team": "ml", "goog-terraform-provisioned": "true"}
    assert planned["effective_labels"] == planned["terraform_labels"]
    assert google.plan("google_secret_manager_secret", secret_id="s", labels=UNKNOWN)["effective_labels"] is UNKNOWN


def test_a_label_taken_away_is_gone(google):
    prior = google.create("google_secret_manager_secret", secret_id="s", labels={"a": "b"}, replication={"auto": {}})
    planned = google.plan("google_secret_manager_secret", prior, secret_id="s", labels={}, replication={"auto": {}})
    assert planned["effective_labels"] == {"team": "ml", "goog-terraform-provisioned": "true"}


def test_what_is_computed_is_the_same_each_time(google):
    first = google.create("google_compute_network", name="vpc")
    google.delete("google_compute_network", first)
    assert google.create("google_compute_network", name="vpc") == first
