"""What a person chooses about the cluster, apart from its pools. Needs no Node."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from metaflow_gcp.checks import Checks
from metaflow_gcp.choices import check_each
from metaflow_gcp.google.gke.maintenance import MaintenanceWindow
from metaflow_gcp.google.network import cidrs


@dataclass(frozen=True, kw_only=True)
class ClusterChoices:
    """The Kubernetes cluster (GKE)."""

    release_channel: Literal["RAPID", "REGULAR", "STABLE", "EXTENDED"] = "REGULAR"
    """How soon GKE upgrades: RAPID, REGULAR, STABLE or EXTENDED (which costs extra after the standard support).
    https://cloud.google.com/kubernetes-engine/docs/concepts/release-channels"""
    authorized_networks: Mapping[str, str] = field(default_factory=dict)
    """Who may reach the control plane by its IP address: a display name and a range (CIDR) each. Default: nobody, for
    kubectl works through the cluster's DNS endpoint, which IAM guards."""
    maintenance: MaintenanceWindow = MaintenanceWindow()
    """When GKE may upgrade."""
    security_group: str | None = None
    """gke-security-groups@YOUR-DOMAIN, a Google group that holds the groups to which roles are bound. Needed for
    `group:` members. Default: none. https://cloud.google.com/kubernetes-engine/docs/how-to/google-groups-rbac"""
    binary_authorization: bool = False
    """Admit images by the project's policy of Binary Authorization, which admits all until somebody edits it.
    https://cloud.google.com/binary-authorization/docs/overview"""

    def check(self, checks: Checks) -> None:
        check_each(checks, self)
        cidrs.check_authorized(checks, "authorized_networks", self.authorized_networks)
        with checks.within("maintenance") as inner:
            self.maintenance.check(inner)
        if self.security_group is not None:
            checks.matches(
                "security_group",
                self.security_group,
                r"gke-security-groups@[a-z0-9-]+(\.[a-z0-9-]+)+",
                "gke-security-groups@ and your domain: GKE accepts no other name",
            )
