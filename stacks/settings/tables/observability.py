"""Dashboard, alerts and budget."""

from dataclasses import dataclass

from metaflow_gcp.metaflow.observability.choices import ObservabilityChoices


@dataclass(frozen=True, kw_only=True)
class Observability(ObservabilityChoices):
    __doc__ = ObservabilityChoices.__doc__

    enabled: bool = True
    """true makes a dashboard and alerts in Cloud Monitoring, and sends the metrics that they need
    (docs/observability.md: what that costs). false: none of it, and no budget."""
