"""What a `WebService` is described by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cdktf import ITerraformDependable

from metaflow_gcp.database_client import DatabaseClient
from metaflow_gcp.placement import ANYWHERE, Placement


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What a container asks for and may use."""

    cpu: str
    """Requested, as `100m`. There is no limit: a limit throttles while the node idles."""
    memory: str
    """Requested and allowed, as `256Mi`: memory cannot be taken back without ending the process."""


@dataclass(frozen=True, kw_only=True)
class Probes:
    """Paths that answer 200."""

    alive: str
    """Asks nothing of others: its failure restarts the container."""
    ready: str
    """Asks the database: its failure takes the pod out of the Service."""


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """A container that runs to its end before the server starts."""

    name: str
    command: tuple[str, ...]
    grace_seconds: int
    """How long it may go on when the pod is told to stop."""


@dataclass(frozen=True, kw_only=True)
class WebServiceProps:
    namespace: str
    name: str
    """The name of Deployment, Service, policy and budget."""
    image: str
    command: tuple[str, ...]
    port: int
    probes: Probes
    resources: Resources
    database: DatabaseClient
    service_account: str
    """The name of the Kubernetes account that the pods run as."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Beside the database's."""
    folders: tuple[str, ...] = ()
    """Folders of the image below /root that are copied to `APP` first: no user but root can read them there."""
    google_apis: bool = False
    """Whether it talks to Google's APIs: its network policy then lets it out to them."""
    preparation: Preparation | None = None
    replicas: int = 1
    client_namespaces: tuple[str, ...] = ()
    """Namespaces whose pods may connect. Port forwards need no permission: they enter the pod through its node."""
    database_port: int = 5432
    temporary_space: str = "64Mi"
    """For files that it writes, caches included."""
    placement: Placement = ANYWHERE
    after: Sequence[ITerraformDependable] = ()
    """What must be there before the pods start, beside their network policy."""
