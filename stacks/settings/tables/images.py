"""The images that run."""

from metaflow_gcp import externals
from metaflow_gcp.checks import Checks
from metaflow_gcp.kubernetes import images
from stacks.settings.tables.section import Section


class Images(Section):
    """Which images run. A name without a registry is pulled through the platform's own copy of Docker Hub."""

    metadata_service: str = externals.short(externals.name("metadata-service"))
    """Metaflow's metadata service, with its migrations. A tag other than latest, or a digest."""
    task: str = externals.short(externals.name("task"))
    """What a step runs in unless its flow names another image. It needs `python`, of the version that flows are started
    with. A tag other than latest, or a digest."""

    def check(self, checks: Checks) -> None:
        images.check_pinned(checks, "metadata_service", self.metadata_service)
        images.check_pinned(checks, "task", self.task)
