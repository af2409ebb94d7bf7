"""What tasks run in, and what runs workflows and events."""

from dataclasses import dataclass

from metaflow_gcp import names
from metaflow_gcp.checks import Checks
from metaflow_gcp.google import secret_manager
from metaflow_gcp.kubernetes.limits_choices import LimitsChoices
from stacks.settings.naming import CONTROLLERS_NAMESPACE, SERVICES_NAMESPACE

_RESERVED_NAMESPACES = ("default", SERVICES_NAMESPACE, CONTROLLERS_NAMESPACE, "gmp-system", "gmp-public")


@dataclass(frozen=True, kw_only=True)
class Jobs(LimitsChoices):
    """The namespace that tasks, workflows and events live in."""

    namespace: str = "metaflow-jobs"
    """Its name: up to 63 of a-z, 0-9 and -. It cannot be changed without replacing what is in it."""
    secrets: tuple[str, ...] = ()
    """Secrets in this project's Secret Manager that tasks may read (@secrets), by name. They must exist. Default: none.
    https://cloud.google.com/secret-manager/docs/creating-and-accessing-secrets"""
    users_read_secrets: bool = False
    """true lets access.users and access.admins read these secrets, too: @secrets on a step that runs on a person's own
    machine asks as the person."""

    def check(self, checks: Checks) -> None:
        names.check(checks, "namespace", self.namespace, names.KUBERNETES)
        if self.namespace in _RESERVED_NAMESPACES or self.namespace.startswith(("kube-", "gke-")):
            checks.add(
                "namespace",
                wrong=f"{self.namespace!r} has another use",
                allowed=f"none of {', '.join(_RESERVED_NAMESPACES)}, and none that starts with kube- or gke-",
                fix="choose another name, such as metaflow-jobs",
            )
        super().check(checks)
        secret_manager.check(checks, "secrets", self.secrets)
