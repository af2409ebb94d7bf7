"""Where each service listens: in its pod, in its Service, and at the near end of a person's port forward."""

METADATA_SERVICE = 8080
UI = 8083
ARGO_SERVER = 2746
EVENTS_WEBHOOK = 12000
"""As Argo Events' own examples have it; the chart `metaflow-events` sets it."""

ARGO_CONTROLLER_METRICS = 9090
"""The default of the chart argo-workflows (controller.metricsConfig.port)."""
ARGO_EVENTS_METRICS = 7777
"""Of event sources, sensors and buses: pkg/apis/events/v1alpha1/const.go of Argo Events."""

METADATA_SERVICE_ON_NODES = 30080
UI_ON_NODES = 30083
ARGO_SERVER_ON_NODES = 30046
"""Where each node takes requests from Google's load balancer, where there is an `Endpoint`. Of 30000 to 30085, which
Kubernetes gives to who does not ask for one of them only when no other is left
(pkg/registry/core/service/portallocator/allocator.go, calculateRangeOffset)."""
