"""How a provider reaches a cluster of the model: by the host and the token it is given."""

from typing import Any

from rehearsal.cloud.gke import TOKEN
from rehearsal.cloud.model import Cloud, Key, Object
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.values import UNKNOWN
from rehearsal.protocol.walk import first


class Connection:
    """What a provider block says of the cluster; tried only when something is asked of the cluster."""

    def __init__(self, cloud: Cloud, config: dict[str, Any]) -> None:
        self.cloud, self.config = cloud, config

    def cluster(self) -> Key:
        """The cluster, or the error that a client meets."""
        host, token = self.config.get("host"), self.config.get("token")
        if host is UNKNOWN or not host:
            raise Refused(
                'Get "http://localhost/api": dial tcp [::1]:80: connect: connection refused',
                "The provider's host is empty or not known yet: it must come from a cluster that exists before "
                "this stack is planned.",
            )
        name = str(host).removeprefix("https://").split("/")[0]
        found = next((each for each in self.cloud.all("google_container_cluster") if name in _hosts(each)), None)
        if found is None:
            raise Refused(
                f'Get "https://{name}/api": dial tcp: lookup {name}: no such host',
                "No cluster of the simulated cloud answers there.",
            )
        by_dns = name != found.state["endpoint"]
        endpoints = first(found.state, "control_plane_endpoints_config")
        if by_dns and not first(endpoints, "dns_endpoint_config.allow_external_traffic", False):
            raise Refused(
                f'Get "https://{name}/api": Forbidden',
                "The cluster's DNS endpoint lets nobody in: allow_external_traffic is false.",
            )
        if not by_dns and first(endpoints, "ip_endpoints_config.enabled", True) is False:
            raise Refused(
                f'Get "https://{name}/api": dial tcp {name}:443: i/o timeout',
                "The cluster's IP endpoint is off: use its DNS endpoint.",
            )
        if by_dns and self.config.get("cluster_ca_certificate"):
            raise Refused(
                f'Get "https://{name}/api": tls: failed to verify certificate: x509: certificate signed by unknown '
                "authority",
                "The DNS endpoint has a public certificate: leave cluster_ca_certificate out.",
            )
        if not isinstance(token, str) or not token.startswith(TOKEN):
            raise Refused(
                "Unauthorized",
                f"The cluster {found.key.id} takes a token of google_client_config, and got none or another one.",
            )
        return found.key


def _hosts(cluster: Object) -> set[str]:
    endpoint = first(cluster.state, "control_plane_endpoints_config.dns_endpoint_config.endpoint")
    return {str(each) for each in (endpoint, cluster.state.get("endpoint")) if each}
