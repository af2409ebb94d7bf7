"""What a `WebService` is described by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cdktf import ITerraformDependable

from metaflow_gcp.kubernetes.placement import ANYWHERE, Placement
from metaflow_gcp.kubernetes.size import Size


@dataclass(frozen=True, kw_only=True)
class Liveness:
    """Its failure restarts the container. Asks nothing of others."""

    path: str
    period_seconds: int = 20
    timeout_seconds: int = 5
    failures: int = 3
    """In a row."""


@dataclass(frozen=True, kw_only=True)
class Probes:
    """Paths that answer 200."""

    started: str
    """Answers as soon as the server listens: until then the other two do not count."""
    ready: str
    """Asks what it depends on: its failure takes the pod out of the Service."""
    alive: Liveness


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
    size: Size
    service_account: str
    """The name of the Kubernetes account that the pods run as."""
    shared_env: Mapping[str, str] = field(default_factory=dict)
    """Variables of the server and of its preparation."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables of the server only."""
    secret_env: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Variables of both from Secrets of the namespace: the Secret's name, and the key in it."""
    config_maps: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """ConfigMaps of the namespace as files, by the volume's name: the ConfigMap's name, and where it is mounted."""
    checksums: Mapping[str, str] = field(default_factory=dict)
    """By what they are of: as annotations they make the pods start anew when it changes."""
    folders: tuple[str, ...] = ()
    """Folders of the image below /root that are copied to `APP` first: no user but root can read them there."""
    google_apis: bool = False
    """Whether it talks to Google's APIs: its network policy then lets it out to them."""
    preparation: Preparation | None = None
    replicas: int = 1
    client_namespaces: tuple[str, ...] = ()
    """Namespaces whose pods may connect. Port forwards need no permission: they enter the pod through its node."""
    reaches: tuple[int, ...] = ()
    """TCP ports that it connects to, beside DNS."""
    temporary_space: str = "64Mi"
    """For files that it writes, caches included."""
    volumes: Mapping[str, str] = field(default_factory=dict)
    """Further empty volumes of the pod, by the folder that each is mounted at: what they may hold, as `1Gi`."""
    placement: Placement = ANYWHERE
    after: Sequence[ITerraformDependable] = ()
    """What must be there before the pods start, beside their network policy."""
