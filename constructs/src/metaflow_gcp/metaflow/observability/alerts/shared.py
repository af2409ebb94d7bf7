"""What several alerts say or ask. Needs no Node."""

from metaflow_gcp.metaflow.observability.watched import Watched

STATUS = "Run `metaflow-gcp status`: it names what is not ready, and why."
BUSY = 0.9
"""Of CPU, memory and disk."""


def short_of_replicas(watched: Watched, namespace: str) -> str:
    """Deployments of a namespace that have fewer pods than they should."""
    by = "sum by (namespace, deployment)"
    desired = watched.collected("kube_deployment_spec_replicas/gauge", namespace=namespace)
    available = watched.collected("kube_deployment_status_replicas_available/gauge", namespace=namespace)
    return f"{by} ({desired}) > {by} ({available})"
