"""The configuration that Metaflow's client reads: what makes a laptop or a task part of this platform."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from constructs import Construct

from metaflow_gcp.checks import Checks
from metaflow_gcp.google.requirements import Requirements
from metaflow_gcp.google.storage import put_document, root_of
from metaflow_gcp.kubernetes import images
from metaflow_gcp.metaflow import client_settings, ports
from metaflow_gcp.names import KubernetesName
from metaflow_gcp.properties import Properties

OBJECT_NAME = "metaflow-gcp/config.json"
"""Where the profile lies in the bucket."""


LOCAL_PORTS = {
    "metadata-service": ports.METADATA_SERVICE,
    "metaflow-ui": ports.UI,
    "argo-server": ports.ARGO_SERVER,
    "events": ports.EVENTS_WEBHOOK,
}
"""Where the forwards end on a person's machine."""


class Events(Protocol):
    """What the client needs to know of Argo Events."""

    @property
    def event_bus(self) -> str: ...
    @property
    def event_source(self) -> str: ...
    @property
    def event(self) -> str: ...
    @property
    def service_account(self) -> str:
        """Whom sensors act as: it may submit workflows."""

    @property
    def webhook_path(self) -> str: ...
    @property
    def webhook_url_internal(self) -> str:
        """Where tasks send events to."""


@dataclass(frozen=True, kw_only=True)
class ClientProfileProps(Properties):
    bucket: str
    """The name of the datastore's bucket: artifacts go below `metaflow/`, the profile beside it."""
    metadata_service_url: str
    """How tasks reach the metadata service: `MetadataService.url`."""
    namespace: KubernetesName
    """Where tasks run."""
    service_account: KubernetesName
    """The Kubernetes account that tasks run as, bound to a Google account that may use the bucket."""
    container_registry: str
    """Goes before every image that is named without a registry: `ImageRegistry.prefix_of_all`."""
    container_image: str
    """What a step runs in unless it names an image; with its registry."""
    secrets_prefix: str | None = None
    """Goes before a secret's name: `projects/NUMBER/secrets/`, with the project's number. Default: no secrets."""
    ui: bool = False
    """Whether there is a `MetaflowUi`."""
    ui_url: str | None = None
    """Where people see it. Default: at the near end of the forward."""
    argo_workflows: bool = False
    """Whether there is an Argo server."""
    argo_workflows_url: str | None = None
    """Where people see it. Default: at the near end of the forward."""
    events: Events | None = None
    """An `ArgoEvents`. Default: none."""
    further: Mapping[str, str] = field(default_factory=dict)
    """Further settings of Metaflow's client: keys that it reads and that are not among these. Default: none."""

    def _check(self, checks: Checks) -> None:
        images.check_pinned(checks, "container_image", self.container_image)
        client_settings.check(checks, "further", self.further)


class ClientProfile(Construct):
    """The profile as values, and as an object in the bucket: a teammate who may read the bucket needs nothing else."""

    requirements = Requirements(apis=frozenset({"storage.googleapis.com"}))

    def __init__(self, scope: Construct, id_: str, props: ClientProfileProps) -> None:
        super().__init__(scope, id_)
        self.config: Mapping[str, str] = config(props)
        """Metaflow's configuration, key by key."""
        put_document(self, bucket=props.bucket, name=OBJECT_NAME, text=self.json)

    @property
    def json(self) -> str:
        """The text of `~/.metaflowconfig/config.json`."""
        return json.dumps(dict(self.config), indent=2) + "\n"


def config(props: ClientProfileProps) -> dict[str, str]:
    """Metaflow's configuration. Every key is one that its client reads."""
    keys = {
        "METAFLOW_DEFAULT_DATASTORE": "gs",
        "METAFLOW_DATASTORE_SYSROOT_GS": root_of(props.bucket),
        "METAFLOW_DEFAULT_METADATA": "service",
        "METAFLOW_SERVICE_URL": f"{_local('metadata-service')}/",
        "METAFLOW_SERVICE_INTERNAL_URL": props.metadata_service_url,
        "METAFLOW_KUBERNETES_NAMESPACE": props.namespace,
        "METAFLOW_KUBERNETES_SERVICE_ACCOUNT": props.service_account,
        "METAFLOW_KUBERNETES_GPU_VENDOR": "nvidia",
        "METAFLOW_DEFAULT_CONTAINER_REGISTRY": props.container_registry,
        "METAFLOW_DEFAULT_CONTAINER_IMAGE": props.container_image,
    }
    if props.secrets_prefix:
        keys["METAFLOW_DEFAULT_SECRETS_BACKEND_TYPE"] = "gcp-secret-manager"
        keys["METAFLOW_GCP_SECRET_MANAGER_PREFIX"] = props.secrets_prefix
    if props.ui:
        keys["METAFLOW_UI_URL"] = props.ui_url or _local("metaflow-ui")
    if props.argo_workflows:
        keys["METAFLOW_ARGO_WORKFLOWS_UI_URL"] = props.argo_workflows_url or _local("argo-server")
    if props.events:
        events = props.events
        keys["METAFLOW_ARGO_EVENTS_EVENT_BUS"] = events.event_bus
        keys["METAFLOW_ARGO_EVENTS_EVENT_SOURCE"] = events.event_source
        keys["METAFLOW_ARGO_EVENTS_EVENT"] = events.event
        keys["METAFLOW_ARGO_EVENTS_SERVICE_ACCOUNT"] = events.service_account
        keys["METAFLOW_ARGO_EVENTS_WEBHOOK_URL"] = f"{_local('events')}{events.webhook_path}"
        keys["METAFLOW_ARGO_EVENTS_INTERNAL_WEBHOOK_URL"] = events.webhook_url_internal
    return {**keys, **props.further}


def _local(forward: str) -> str:
    return f"http://127.0.0.1:{LOCAL_PORTS[forward]}"
