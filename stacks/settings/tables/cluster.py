"""The Kubernetes cluster, apart from the pools for tasks."""

from typing import Literal

from pydantic import Field

from metaflow_gcp.checks import Checks
from metaflow_gcp.google.gke import maintenance
from metaflow_gcp.google.network import cidrs
from stacks.settings.place import Place
from stacks.settings.tables.pools import SystemPool
from stacks.settings.tables.section import Number, Section, within

Day = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


class Maintenance(Section):
    """When GKE may upgrade the cluster and its nodes, which restarts what runs there."""

    start_hour_utc: Number = Field(default=8, ge=0, le=23)
    """The hour (UTC) at which the window opens, 0 to 23. 8 is midnight in us-west1's winter."""
    duration_hours: Number = Field(default=6, ge=4, le=24)
    """Hours that it stays open, 4 to 24. GKE wants 48 hours or more in any 32 days: days x hours is 12 or more.
    https://cloud.google.com/kubernetes-engine/docs/concepts/maintenance-windows-and-exclusions"""
    days: tuple[Day, ...] = ("SA", "SU")
    """The days on which it opens: MO, TU, WE, TH, FR, SA, SU (UTC)."""

    def check(self, checks: Checks) -> None:
        maintenance.check(
            checks,
            "maintenance",
            start_hour_utc=self.start_hour_utc,
            duration_hours=self.duration_hours,
            days=self.days,
        )


class AutoProvisioning(Section):
    """Pools that GKE makes for tasks that fit on none of the declared pools, and removes again."""

    enabled: bool = True
    """Whether GKE may do so."""
    cpus: Number = Field(default=32, ge=1, le=100_000)
    """vCPUs that it may add to those of the declared pools at their largest."""
    memory_gb: Number = Field(default=128, ge=1, le=1_000_000)
    """Memory in GB that it may add to that of the declared pools at their largest."""


class Cluster(Section):
    """The Kubernetes cluster (GKE)."""

    release_channel: Literal["RAPID", "REGULAR", "STABLE", "EXTENDED"] = "REGULAR"
    """How soon GKE upgrades: RAPID, REGULAR, STABLE or EXTENDED (which costs extra after the standard support).
    https://cloud.google.com/kubernetes-engine/docs/concepts/release-channels"""
    authorized_networks: dict[str, str] = Field(default_factory=dict)
    """Who may reach the control plane by its IP address: a display name and a range (CIDR) each. Default: nobody, for
    kubectl works through the cluster's DNS endpoint, which IAM guards."""
    maintenance: Maintenance = Maintenance()
    """When GKE may upgrade."""
    security_group: str | None = None
    """gke-security-groups@YOUR-DOMAIN, a Google group that holds the groups named in `access`. Needed for `group:`
    members there. Default: none. https://cloud.google.com/kubernetes-engine/docs/how-to/google-groups-rbac"""
    binary_authorization: bool = False
    """Admit images by the project's policy of Binary Authorization, which admits all until somebody edits it.
    https://cloud.google.com/binary-authorization/docs/overview"""
    system_pool: SystemPool = SystemPool()
    """The nodes of the platform's own services."""
    auto_provisioning: AutoProvisioning = AutoProvisioning()
    """Pools that GKE makes by itself."""

    def check(self, checks: Checks, place: Place, *, groups: tuple[str, ...]) -> None:
        cidrs.check_authorized(checks, "authorized_networks", self.authorized_networks)
        self.maintenance.check(checks)
        with within(checks, "system_pool") as inner:
            self.system_pool.check(inner, place)
        self._check_security_group(checks, groups)

    def _check_security_group(self, checks: Checks, groups: tuple[str, ...]) -> None:
        if self.security_group is not None:
            checks.matches(
                "security_group",
                self.security_group,
                r"gke-security-groups@[a-z0-9-]+(\.[a-z0-9-]+)+",
                "gke-security-groups@ and your domain: GKE accepts no other name",
            )
        elif groups:
            checks.add(
                "security_group",
                wrong=f"none is given, and access names {', '.join(groups)}",
                allowed="gke-security-groups@YOUR-DOMAIN: without it the cluster does not know Google groups",
                fix="create that group, make the groups members of it, and name it here; or list people one by one",
            )
