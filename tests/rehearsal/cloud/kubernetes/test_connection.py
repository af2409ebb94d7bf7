"""How a provider reaches a cluster."""

import pytest

from rehearsal.cloud.kubernetes.provider import Kubernetes
from rehearsal.facts import Facts
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.values import UNKNOWN


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"host": None}, "connection refused"),
        ({"host": UNKNOWN}, "connection refused"),
        ({"host": "https://gke-other.us-west1.gke.goog"}, "no such host"),
        ({"token": None}, "Unauthorized"),
        ({"token": "mine"}, "Unauthorized"),
        ({"cluster_ca_certificate": "PEM"}, "certificate signed by unknown authority"),
    ],
)
def test_a_cluster_that_is_not_reached(cloud, access, change, message):
    provider = Kubernetes(Facts("kubernetes"), cloud)
    provider.configure(access | change)
    with pytest.raises(Refused, match=message):
        provider.connection.cluster()


@pytest.mark.parametrize(
    ("endpoints", "by", "message"),
    [
        ({"dns_endpoint_config": {"allow_external_traffic": False}}, "dns", "Forbidden"),
        ({"ip_endpoints_config": {"enabled": False}}, "ip", "i/o timeout"),
    ],
)
def test_an_endpoint_that_is_closed(google, network, access, cloud, endpoints, by, message):
    state = google.create(
        "google_container_cluster",
        name="other",
        location="us-west1",
        **network,
        control_plane_endpoints_config=endpoints,
    )
    dns = state["control_plane_endpoints_config"][0]["dns_endpoint_config"]
    provider = Kubernetes(Facts("kubernetes"), cloud)
    provider.configure(access | {"host": f"https://{dns[0]['endpoint'] if by == 'dns' else state['endpoint']}"})
    with pytest.raises(Refused, match=message):
        provider.connection.cluster()
