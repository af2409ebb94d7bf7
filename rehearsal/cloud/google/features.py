"""What is switched on and does nothing, because an API is not enabled or a way out is missing."""

from collections.abc import Iterator
from typing import Any

from rehearsal.cloud.model import Cloud, Object
from rehearsal.protocol.walk import first

CLUSTER = "google_container_cluster"
_APIS = (
    # https://cloud.google.com/kubernetes-engine/docs/how-to/image-streaming#before_you_begin
    (CLUSTER, "node_pool_defaults.node_config_defaults.gcfs_config.enabled", "containerfilesystem", "image streaming"),
    ("google_container_node_pool", "node_config.gcfs_config.enabled", "containerfilesystem", "image streaming"),
    # https://cloud.google.com/kubernetes-engine/docs/how-to/config-logging-monitoring
    (CLUSTER, "logging_config.enable_components", "logging", "logging"),
    (CLUSTER, "monitoring_config.enable_components", "monitoring", "monitoring"),
    # https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity#before_you_begin
    (CLUSTER, "workload_identity_config.workload_pool", "iamcredentials", "Workload Identity"),
    # https://cloud.google.com/binary-authorization/docs/setting-up
    (CLUSTER, "binary_authorization.evaluation_mode", "binaryauthorization", "Binary Authorization"),
    # https://cloud.google.com/iap/docs/enabling-compute-howto
    ("google_compute_backend_service", "iap.enabled", "iap", "Identity-Aware Proxy"),
    ("google_project_iam_member", "role", "cloudresourcemanager", "granting on a project"),
)
"""Type, attribute, the API that it needs, and what it is."""


def findings(cloud: Cloud) -> Iterator[str]:
    yield from dict.fromkeys(_without_api(cloud))
    for cluster in cloud.all(CLUSTER):
        yield from _without_nat(cloud, cluster)


def _without_api(cloud: Cloud) -> Iterator[str]:
    for type_, path, api, what in _APIS:
        for each in cloud.all(type_):
            name = f"{api}.googleapis.com"
            if first(each.state, path) not in (None, "", [], False, "DISABLED") and name not in cloud.enabled(
                each.key.scope
            ):
                yield f"project {each.key.scope}: {what} needs {name}, which is not enabled"


def _without_nat(cloud: Cloud, cluster: Object) -> Iterator[str]:
    """Private nodes in a network of this project, of which everything is known."""
    network = _last(cluster.state.get("network"))
    own = any(each.state["name"] == network for each in cloud.all("google_compute_network", cluster.key.scope))
    if not own or not first(cluster.state, "private_cluster_config.enable_private_nodes"):
        return
    routers = {
        str(each.state["name"])
        for each in cloud.all("google_compute_router")
        if _last(each.state["network"]) == network
    }
    if not any(_last(each.state["router"]) in routers for each in cloud.all("google_compute_router_nat")):
        yield f"{cluster.key.id}: its nodes are private, and no Cloud NAT leads from {network} to the internet"


def _last(value: Any) -> str:
    return str(value or "").rsplit("/", 1)[-1]
