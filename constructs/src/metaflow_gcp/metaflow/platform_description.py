"""Where everything of a platform is: what the command `metaflow-gcp` reads on a person's machine."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from constructs import Construct

from metaflow_gcp.google.requirements import Requirements
from metaflow_gcp.google.storage import put_document

OBJECT_NAME = "metaflow-gcp/description.json"
"""Where the description lies in the bucket, beside the client's profile."""

KIND = "PlatformDescription"
"""Says in the document which one it is: programs that read it refuse any other."""

VERSION = 1
"""Raised when a key changes its meaning or goes away."""


@dataclass(frozen=True, kw_only=True)
class Forward:
    """A Service that people reach by port forward; it answers at the same port on their machine."""

    name: str
    """What it is: `metadata-service`, `metaflow-ui`, `argo-server` or `events`."""
    namespace: str
    service: str
    """The Service's name."""
    port: int
    """1 to 65535."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where the platform answers on the internet."""

    ip: str
    """What the names must lead to."""
    hosts: Mapping[str, str]
    """`ui`, `metadata` and, where there is one, `argo` -> the name at which it is asked for."""
    records_by_hand: bool
    """Whether somebody else makes the records of these names."""


@dataclass(frozen=True, kw_only=True)
class PlatformDescriptionProps:
    bucket: str
    """The name of the datastore's bucket, which the description lies in."""
    project: str
    """The id of the project."""
    environment: str
    """The name of the environment."""
    cluster_name: str
    cluster_location: str
    """A region, or a zone."""
    cluster_dns_endpoint: str
    """The name of the control plane's DNS endpoint: `GkeCluster.dns_endpoint`."""
    images: str
    """Goes before the name of an image of the team's: `ImageRegistry.prefix`."""
    services_namespace: str
    """Where the services are, which people reach by port forward."""
    jobs_namespace: str
    """Where tasks run."""
    forwards: tuple[Forward, ...]
    """What people reach by port forward."""
    endpoint: Address | None = None
    """Where it answers on the internet. Default: nowhere."""


class PlatformDescription(Construct):
    """The description as a text, and as an object in the bucket. It holds no secret, only names."""

    requirements = Requirements(apis=frozenset({"storage.googleapis.com"}))

    def __init__(self, scope: Construct, id_: str, props: PlatformDescriptionProps) -> None:
        super().__init__(scope, id_)
        described = {key: value for key, value in asdict(props).items() if value is not None}
        self.json = json.dumps({"kind": KIND, "version": VERSION, **described}, indent=2) + "\n"
        """What the object holds."""
        put_document(self, bucket=props.bucket, name=OBJECT_NAME, text=self.json)
