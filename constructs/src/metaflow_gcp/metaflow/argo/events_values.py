"""What we set in the chart argo-events, and in our own chart metaflow-events. Needs no Node.

https://github.com/argoproj/argo-helm/tree/argo-events-2.4.22/charts/argo-events
"""

from dataclasses import dataclass

from metaflow_gcp import externals
from metaflow_gcp.kubernetes.helm import values as helm_values
from metaflow_gcp.kubernetes.helm.values import Values
from metaflow_gcp.kubernetes.placement import Placement
from metaflow_gcp.kubernetes.size import Size
from metaflow_gcp.metaflow import ports

NATS_VERSION = externals.tag("nats")
"""Of the JetStream server: the newest that the chart knows with its exporter and reloader."""

IMAGES = ("nats", "nats-exporter", "nats-reloader", "hooks")
"""Those that the chart does not name, by their keys in `externals.json`."""

EVENT_BUS = "default"
"""The bus that sensors use when they name none."""

EVENT_SOURCE = "argo-events-webhook"
WEBHOOK_SERVICE = f"{EVENT_SOURCE}-eventsource-svc"
"""The name that Argo Events itself would give the webhook's Service."""
WEBHOOK_PODS = {"controller": "eventsource-controller", "eventsource-name": EVENT_SOURCE}
"""The labels of the webhook's pods (pkg/reconciler/eventsource/resource.go)."""
EVENT = "metaflow-event"
ENDPOINT = "/metaflow-event"


@dataclass(frozen=True, kw_only=True)
class Images:
    """By their full names."""

    nats: str
    exporter: str
    reloader: str
    python: str


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Of what runs at rest. Sensors are Metaflow's own: one pod of 100m and 250Mi for each flow with `@trigger`."""

    controller: Size = Size(cpu="25m", memory="64Mi", memory_limit="256Mi")
    event_source: Size = Size(cpu="25m", memory="64Mi", memory_limit="256Mi")
    event_bus: Size = Size(cpu="25m", memory="64Mi", memory_limit="256Mi")
    """Each replica of the bus: its server. The two below stand beside it."""
    exporter: Size = Size(cpu="5m", memory="16Mi", memory_limit="64Mi")
    reloader: Size = Size(cpu="5m", memory="16Mi", memory_limit="64Mi")
    hook: Size = Size(cpu="10m", memory="32Mi", memory_limit="64Mi")
    """Runs for a moment after an installation and before a removal."""


def controller_values(
    *, jobs_namespace: str, account: str, sizes: Sizes, images: Images, placement: Placement
) -> Values:
    """The document of the chart argo-events."""
    return {
        # Nothing is left after a destroy.
        "crds": {"install": True, "keep": False},
        "createAggregateRoles": False,
        "global": {
            "image": {"imagePullPolicy": helm_values.PULL_POLICY},
            "securityContext": helm_values.pod_security(),
        },
        "controller": {
            **helm_values.placed(placement),
            # The flags without the chart's Role, which would stand in the controller's namespace.
            "rbac": {"enabled": False, "namespaced": True, "managedNamespace": jobs_namespace},
            "serviceAccount": {"create": False, "name": account},
            "resources": sizes.controller.values,
            "containerSecurityContext": helm_values.container_security(),
            # Of the pods that it makes for event sources and sensors; its default is to pull each time.
            "env": [{"name": "IMAGE_PULL_POLICY", "value": helm_values.PULL_POLICY}],
            "revisionHistoryLimit": 3,
        },
        # Without it, what a sensor or bus gets wrong is in its status; it would be one more pod.
        "webhook": {"enabled": False},
        "configs": {
            "jetstream": {
                # One, so that a bus cannot name another. A list replaces the chart's.
                "versions": [
                    {
                        "version": NATS_VERSION,
                        "natsImage": images.nats,
                        "metricsExporterImage": images.exporter,
                        "configReloaderImage": images.reloader,
                        "startCommand": "/nats-server",
                    }
                ]
            },
            # The controller does not start without one of these. The chart's own list starts with `latest`.
            "nats": {
                "versions": [
                    {
                        "version": "0.22.1",
                        "natsStreamingImage": "nats-streaming:0.22.1",
                        "metricsExporterImage": "natsio/prometheus-nats-exporter:0.8.0",
                    }
                ]
            },
        },
    }


def own_values(
    *,
    hooks_namespace: str,
    sizes: Sizes,
    images: Images,
    replicas: int,
    volume_size: str,
    storage_class: str,
    placement: Placement,
) -> Values:
    """The document of the chart metaflow-events; what it does not hold is the chart's default."""
    return {
        "eventBus": {
            "name": EVENT_BUS,
            "version": NATS_VERSION,
            "replicas": replicas,
            "volumeSize": volume_size,
            "storageClass": storage_class,
            "resources": {
                "server": sizes.event_bus.values,
                "exporter": sizes.exporter.values,
                "reloader": sizes.reloader.values,
            },
        },
        "eventSource": {
            "name": EVENT_SOURCE,
            "event": EVENT,
            "port": ports.EVENTS_WEBHOOK,
            "endpoint": ENDPOINT,
            "resources": sizes.event_source.values,
        },
        "hooks": {"namespace": hooks_namespace, "image": images.python, "resources": sizes.hook.values},
        "pullPolicy": helm_values.PULL_POLICY,
        "placement": helm_values.placed(placement),
        "podSecurityContext": helm_values.pod_security(volumes=True),
        "containerSecurityContext": helm_values.container_security(),
    }
