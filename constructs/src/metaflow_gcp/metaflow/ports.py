"""Where each service listens: in its pod, in its Service, and at the near end of a person's port forward."""

METADATA_SERVICE = 8080
UI = 8083
ARGO_SERVER = 2746
EVENTS_WEBHOOK = 12000
"""As Argo Events' own examples have it; the chart `metaflow-events` sets it."""
