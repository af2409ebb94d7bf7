"""The names inside the cluster that more than one stack, or the manifest, goes by."""

from metaflow_gcp.metaflow.argo import events_values, workflows_values
from metaflow_gcp.metaflow.client_profile import LOCAL_PORTS
from metaflow_gcp.metaflow.platform_description import Forward
from stacks.settings import Settings
from stacks.settings.naming import CONTROLLERS_NAMESPACE, SERVICES_NAMESPACE

TASKS_ACCOUNT = "metaflow-tasks"
METADATA_ACCOUNT = "metadata-service"
UI_ACCOUNT = "metaflow-ui"


def forwards(settings: Settings) -> tuple[Forward, ...]:
    """What people reach by port forward."""
    found = [
        ("metadata-service", SERVICES_NAMESPACE, METADATA_ACCOUNT),
        ("metaflow-ui", SERVICES_NAMESPACE, UI_ACCOUNT),
    ]
    if settings.argo.enabled:
        found.append(("argo-server", CONTROLLERS_NAMESPACE, workflows_values.SERVER_SERVICE))
        if settings.argo.events:
            found.append(("events", settings.jobs.namespace, events_values.WEBHOOK_SERVICE))
    return tuple(
        Forward(name=name, namespace=namespace, service=service, port=LOCAL_PORTS[name])
        for name, namespace, service in found
    )
