"""The namespaces of the platform."""

from dataclasses import dataclass

from cdktf_cdktf_provider_kubernetes import namespace_v1 as kubernetes
from constructs import Construct

from metaflow_gcp import names
from metaflow_gcp.checks import Checks

POD_SECURITY_LEVELS = ("privileged", "baseline", "restricted")
"""https://kubernetes.io/docs/concepts/security/pod-security-standards/"""


@dataclass(frozen=True, kw_only=True)
class NamespacesProps:
    services: str = "metaflow"
    """The metadata service and what people reach by port forward."""
    jobs: str = "metaflow-jobs"
    """Tasks."""

    def __post_init__(self) -> None:
        checks = Checks()
        names.check(checks, "services", self.services, names.KUBERNETES)
        names.check(checks, "jobs", self.jobs, names.KUBERNETES)
        if self.services == self.jobs:
            checks.add(
                "jobs",
                wrong=f"{self.jobs!r} is the services' namespace, too",
                allowed="two namespaces",
                fix="rename one: network policies and roles tell them apart",
            )
        checks.raise_if_any("Namespaces")


class Namespaces(Construct):
    """One namespace for our services, one for the team's tasks."""

    def __init__(self, scope: Construct, id_: str, props: NamespacesProps) -> None:
        super().__init__(scope, id_)
        # The migration of the metadata service's image must run as root (see MetadataService): `restricted` is warned
        # about, not enforced.
        self._services = self._add("services", props.services, enforce="baseline", warn="restricted")
        # Images of tasks are the team's own; most run as root.
        self._jobs = self._add("jobs", props.jobs, enforce="baseline", warn="baseline")

    @property
    def services(self) -> str:
        """The services' namespace; what is put into it waits for it."""
        return self._services.metadata.name

    @property
    def jobs(self) -> str:
        """The tasks' namespace; what is put into it waits for it."""
        return self._jobs.metadata.name

    def _add(self, id_: str, name: str, *, enforce: str, warn: str) -> kubernetes.NamespaceV1:
        return kubernetes.NamespaceV1(
            self,
            id_,
            metadata=kubernetes.NamespaceV1Metadata(
                name=name,
                labels={
                    "app.kubernetes.io/part-of": "metaflow",
                    "pod-security.kubernetes.io/enforce": enforce,
                    "pod-security.kubernetes.io/warn": warn,
                },
            ),
            # Pods that finish late, and GKE's own finalizers.
            timeouts=kubernetes.NamespaceV1Timeouts(delete="15m"),
        )
