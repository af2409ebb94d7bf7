"""The configuration that Metaflow's client reads: what makes a laptop or a task part of this platform."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from cdktf_cdktf_provider_google.storage_bucket_object import StorageBucketObject
from constructs import Construct

from metaflow_gcp import images, names
from metaflow_gcp.checks import Checks

OBJECT_NAME = "metaflow-gcp/config.json"
"""Where the profile lies in the bucket."""


@dataclass(frozen=True, kw_only=True)
class ClientProfileProps:
    bucket: str
    """The name of the datastore's bucket: artifacts go below `metaflow/`, the profile beside it."""
    metadata_service_url: str
    """How tasks reach the metadata service: `MetadataService.url`."""
    namespace: str
    """Where tasks run."""
    service_account: str
    """The Kubernetes account that tasks run as, bound to a Google account that may use the bucket."""
    container_registry: str
    """Goes before every image that is named without a registry: `ImageRegistry.prefix_of_all`."""
    container_image: str
    """What a step runs in unless it names an image; with its registry."""
    metadata_service_port: int = 8080
    """The local port of the forward to the metadata service."""

    def __post_init__(self) -> None:
        checks = Checks()
        names.check(checks, "namespace", self.namespace, names.KUBERNETES)
        names.check(checks, "service_account", self.service_account, names.KUBERNETES)
        images.check_pinned(checks, "container_image", self.container_image)
        checks.between("metadata_service_port", self.metadata_service_port, 1, 65535)
        checks.raise_if_any("ClientProfile")


class ClientProfile(Construct):
    """The profile as values, and as an object in the bucket: a teammate who may read the bucket needs nothing else."""

    def __init__(self, scope: Construct, id_: str, props: ClientProfileProps) -> None:
        super().__init__(scope, id_)
        self.config: Mapping[str, str] = {
            "METAFLOW_DEFAULT_DATASTORE": "gs",
            "METAFLOW_DATASTORE_SYSROOT_GS": f"gs://{props.bucket}/metaflow",
            "METAFLOW_DEFAULT_METADATA": "service",
            "METAFLOW_SERVICE_URL": f"http://127.0.0.1:{props.metadata_service_port}/",
            "METAFLOW_SERVICE_INTERNAL_URL": props.metadata_service_url,
            "METAFLOW_KUBERNETES_NAMESPACE": props.namespace,
            "METAFLOW_KUBERNETES_SERVICE_ACCOUNT": props.service_account,
            "METAFLOW_KUBERNETES_GPU_VENDOR": "nvidia",
            "METAFLOW_DEFAULT_CONTAINER_REGISTRY": props.container_registry,
            "METAFLOW_DEFAULT_CONTAINER_IMAGE": props.container_image,
        }
        """Metaflow's configuration, key by key."""
        StorageBucketObject(
            self,
            "object",
            bucket=props.bucket,
            name=OBJECT_NAME,
            content=self.json,
            content_type="application/json",
            # People fetch it when something has changed.
            cache_control="no-cache",
        )

    @property
    def json(self) -> str:
        """The text of `~/.metaflowconfig/config.json`."""
        return json.dumps(dict(self.config), indent=2) + "\n"
