"""Enabled APIs."""


def test_enabling_an_api_needs_nothing_enabled_and_outlives_its_resource(google, cloud):
    state = google.create("google_project_service", service="run.googleapis.com", disable_on_destroy=False)
    google.delete("google_project_service", state)
    assert "run.googleapis.com" in cloud.enabled("acme")
    state = google.create("google_project_service", service="run.googleapis.com", disable_on_destroy=True)
    google.delete("google_project_service", state)
    assert "run.googleapis.com" not in cloud.enabled("acme")
