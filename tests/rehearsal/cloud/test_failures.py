import pytest

from rehearsal.cloud.failures import failed, inject
from rehearsal.protocol.errors import Refused


def test_refused_before_anything_is_made(google, cloud):
    inject(cloud, type_="google_compute_network", name="vpc")
    with pytest.raises(Refused, match="injected") as refused:
        google.create("google_compute_network", name="vpc")
    assert refused.value.state is None
    assert cloud.all() == []
    assert google.create("google_compute_network", name="vpc")


def test_made_but_the_answer_was_lost(google, cloud):
    inject(cloud, type_="google_compute_network", flavour="lost")
    with pytest.raises(Refused, match="injected") as refused:
        google.create("google_compute_network", name="vpc")
    assert [each.state for each in cloud.all()] == [refused.value.state]


def test_only_what_is_named(google, cloud):
    inject(cloud, type_="google_compute_network", name="other")
    google.create("google_compute_network", name="vpc")
    google.create("google_storage_bucket", name="other", location="US")
    assert failed(cloud) == []


def test_what_is_numbered_fails_once_too(google, cloud):
    google.create("google_secret_manager_secret", secret_id="s", replication={"auto": {}})
    inject(cloud, flavour="lost")
    version = {"secret": "projects/acme/secrets/s", "secret_data": "x"}
    with pytest.raises(Refused, match="injected"):
        google.create("google_secret_manager_secret_version", **version)
    assert google.create("google_secret_manager_secret_version", **version)["version"] == "2"


def test_what_is_spared(google, cloud):
    inject(cloud)
    inject(cloud, type_="google_compute_network", flavour="none")
    google.create("google_compute_network", name="vpc")
    assert failed(cloud) == []


def test_everything_fails_once(google, kubernetes, helm, cloud):
    inject(cloud)
    charts = "oci://registry.k8s.io/jobset/charts"
    release = {"name": "a", "namespace": "jobs", "chart": "jobset", "version": "0.11.1", "repository": charts}
    for asked, type_, attributes in (
        (google, "google_storage_bucket", {"name": "things", "location": "US"}),
        (kubernetes, "kubernetes_config_map_v1", {"metadata": {"name": "c", "namespace": "jobs"}}),
        (helm, "helm_release", release),
    ):
        with pytest.raises(Refused, match="injected"):
            asked.create(type_, **attributes)
        asked.create(type_, **attributes)
    assert [type_ for type_, _ in failed(cloud)] == [
        "google_storage_bucket",
        "kubernetes_config_map_v1",
        "helm_release",
    ]
