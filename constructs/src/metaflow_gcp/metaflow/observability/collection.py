"""What GKE's managed Prometheus collects from Argo. Nothing else of the platform has metrics of its own."""

from dataclasses import dataclass
from pathlib import Path

from constructs import Construct

from metaflow_gcp.checks import Checks
from metaflow_gcp.kubernetes.helm import release as helm_release
from metaflow_gcp.kubernetes.helm.values import Values
from metaflow_gcp.metaflow import ports
from metaflow_gcp.metaflow.argo import events_values, workflows_values
from metaflow_gcp.metaflow.observability import metrics
from metaflow_gcp.names import KubernetesName
from metaflow_gcp.properties import Properties

_CHART = Path(__file__).parents[1] / "charts" / "metaflow-metrics"
"""The kubernetes provider 2.38 has no resource for a PodMonitoring but `kubernetes_manifest`, which has to reach the
cluster to plan."""


@dataclass(frozen=True, kw_only=True)
class MetricsCollectionProps(Properties):
    """The cluster must have managed Prometheus, as `GkeCluster` does: its definition of PodMonitoring comes with it."""

    namespace: KubernetesName
    """Where Argo's controllers run, and the release is kept. It must exist."""
    jobs_namespace: KubernetesName
    """Where the webhook runs."""
    workflows: bool = True
    """Whether `ArgoWorkflows` is in `namespace`, with `metrics` on."""
    events: bool = True
    """Whether `ArgoEvents` has a webhook in `jobs_namespace`."""

    def _check(self, checks: Checks) -> None:
        if not (self.workflows or self.events):
            checks.add(
                "workflows",
                wrong="False, and events is, too: there is nothing to collect",
                allowed="True for one of them",
                fix="leave MetricsCollection out",
            )


class MetricsCollection(Construct):
    """Which pods are asked, for which metrics, and that Google's collectors may connect to them. No pod else may."""

    def __init__(self, scope: Construct, id_: str, props: MetricsCollectionProps) -> None:
        super().__init__(scope, id_)
        helm_release.install_own(
            self, "targets", folder=_CHART, namespace=props.namespace, values=_values(props), depends_on=[]
        )


def _values(props: MetricsCollectionProps) -> Values:
    targets = []
    if props.workflows:
        targets.append(
            _target(
                "argo-workflows-controller",
                props.namespace,
                workflows_values.CONTROLLER_PODS,
                ports.ARGO_CONTROLLER_METRICS,
                "argo-workflows",
            )
        )
    if props.events:
        targets.append(
            _target(
                "events-webhook",
                props.jobs_namespace,
                events_values.WEBHOOK_PODS,
                ports.ARGO_EVENTS_METRICS,
                "argo-events",
            )
        )
    return {"targets": targets}


def _target(name: str, namespace: str, labels: Values, number: int, source: str) -> Values:
    """Those of its metrics that dashboard and alerts ask for: the others would cost as much."""
    known = metrics.document()["metrics"]
    kept = [metrics.name(metric) for metric, facts in known.items() if facts["source"] == source]
    return {
        "name": name,
        "namespace": namespace,
        "labels": dict(labels),
        # Argo calls it so in both.
        "port": "metrics",
        "number": number,
        "metrics": kept,
    }
