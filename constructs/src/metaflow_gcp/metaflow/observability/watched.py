"""What is watched: the names by which Google's metrics know the platform's parts. Needs no Node."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from metaflow_gcp.metaflow.observability import metrics

NODE_POOL = "metadata_user_cloud_google_com_gke_nodepool"
"""The node's label cloud.google.com/gke-nodepool. Nodes' names hold only the first letters of the pool's."""


@dataclass(frozen=True, kw_only=True)
class Watched:
    project: str
    cluster: str
    """The cluster's name."""
    services: str
    """The services' namespace."""
    jobs: str
    """The tasks' namespace."""
    controllers: str | None = None
    """The namespace of Argo's and JobSet's controllers. None: there are none."""
    workflows: bool = False
    """Whether Argo Workflows is there."""
    events: bool = False
    """Whether there are an event bus and a webhook."""
    max_nodes: Mapping[str, int] = field(default_factory=dict)
    """Of each pool for tasks."""
    database: str
    """The name of the Cloud SQL instance."""
    max_connections: int | None = None
    """What it accepts. None: not known."""
    bucket: str
    """The name of the bucket for artifacts."""
    certificate: bool = False
    """Whether there is an endpoint with a certificate."""

    @property
    def platform(self) -> str:
        """The namespaces of everything but tasks, as a regular expression."""
        return "|".join(name for name in (self.services, self.controllers) if name)

    def of_nodes(self, metric: str, **labels: str) -> str:
        """GKE's own metrics, of nodes and containers."""
        return metrics.series(f"kubernetes.io/{metric}", cluster_name=self.cluster, **labels)

    def collected(self, metric: str, **labels: str) -> str:
        """What managed Prometheus collects: `kube_pod_status_phase/gauge`."""
        return metrics.series(f"prometheus.googleapis.com/{metric}", cluster=self.cluster, **labels)

    def of_database(self, metric: str) -> str:
        return metrics.series(
            f"cloudsql.googleapis.com/database/{metric}", database_id=f"{self.project}:{self.database}"
        )

    @property
    def nodes(self) -> str:
        """One series for each node."""
        return self.of_nodes("node/cpu/total_cores")

    @property
    def waiting(self) -> str:
        """Tasks that no node has room for."""
        return self.collected("kube_pod_status_unschedulable/gauge", namespace=self.jobs)
