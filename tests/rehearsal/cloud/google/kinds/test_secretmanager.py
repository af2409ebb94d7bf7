"""Secrets and their versions."""


def test_secret_versions_count_up_and_never_repeat(google):
    google.create("google_secret_manager_secret", secret_id="s", replication={"auto": {}})
    first = google.create("google_secret_manager_secret_version", secret="projects/acme/secrets/s", secret_data="x")
    google.delete("google_secret_manager_secret_version", first)
    second = google.create("google_secret_manager_secret_version", secret="projects/acme/secrets/s", secret_data="y")
    assert [first["version"], second["version"]] == ["1", "2"]
    assert second["id"] == "projects/123456789012/secrets/s/versions/2"
