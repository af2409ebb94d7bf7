import pytest

from metaflow_gcp_tools import google_apis
from metaflow_gcp_tools.unanswered import Unanswered


def test_a_host_that_cannot_be_found_does_not_answer(monkeypatch):
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "any")
    monkeypatch.setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_CONTAINER", "http://nowhere.invalid/")
    google_apis.credentials.cache_clear()
    clusters = google_apis.service("container", "v1").projects().locations().clusters()
    with pytest.raises(Unanswered, match=r"container\.googleapis\.com: its name cannot be resolved"):
        google_apis.call(clusters.get(name="projects/p/locations/l/clusters/c"), retries=0)
    google_apis.credentials.cache_clear()
