"""The Kubernetes cluster, apart from the pools for tasks."""

from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import Ge, Le

from metaflow_gcp.checks import Checks
from metaflow_gcp.google.gke.cluster_choices import ClusterChoices
from stacks.settings.place import Place
from stacks.settings.tables.pools import SystemPool


@dataclass(frozen=True, kw_only=True)
class AutoProvisioning:
    """Pools that GKE makes for tasks that fit on none of the declared pools, and removes again."""

    enabled: bool = True
    """Whether GKE may do so."""
    cpus: Annotated[int, Ge(1), Le(100_000)] = 32
    """vCPUs that it may add to those of the declared pools at their largest."""
    memory_gb: Annotated[int, Ge(1), Le(1_000_000)] = 128
    """Memory in GB that it may add to that of the declared pools at their largest."""


@dataclass(frozen=True, kw_only=True)
class Cluster(ClusterChoices):
    """The Kubernetes cluster (GKE)."""

    system_pool: SystemPool = field(default_factory=SystemPool)
    """The nodes of the platform's own services."""
    auto_provisioning: AutoProvisioning = field(default_factory=AutoProvisioning)
    """Pools that GKE makes by itself."""

    def check_in(self, checks: Checks, place: Place, *, groups: tuple[str, ...]) -> None:
        self.check(checks)
        with checks.within("system_pool") as inner:
            self.system_pool.check_in(inner, place)
        if groups and self.security_group is None:
            checks.add(
                "security_group",
                wrong=f"none is given, and access names {', '.join(groups)}",
                allowed="gke-security-groups@YOUR-DOMAIN: without it the cluster does not know Google groups",
                fix="create that group, make the groups members of it, and name it here; or list people one by one",
            )
