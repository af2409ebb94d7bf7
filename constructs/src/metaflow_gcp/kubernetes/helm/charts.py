"""The Helm charts that we install, each in the versions that were tested with it: those of `externals.json`.

Needs no Node.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from metaflow_gcp import externals
from metaflow_gcp.checks import Checks


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart in somebody else's repository."""

    name: str
    repository: str
    """`https://` for an index, `oci://` for a registry."""
    versions: Mapping[str, str]
    """The chart's version -> the version of what it installs. No others are installed: a chart's values are its API."""

    @property
    def newest(self) -> str:
        """The last one listed."""
        return tuple(self.versions)[-1]

    def check(self, checks: Checks, where: str, version: str) -> None:
        """Add a problem when the version is not one of the tested ones."""
        if version in self.versions:
            return
        checks.add(
            where,
            wrong=f"{version!r} is a version of the chart {self.name} that is not pinned here",
            allowed=", ".join(self.versions),
            fix=f"set {where} to one of these, or leave it out: our values were tested with no other",
        )


def _chart(name: str) -> Chart:
    found = externals.document()["charts"][name]
    return Chart(
        name=name,
        repository=found["repository"],
        versions={version: installed["app_version"] for version, installed in found["versions"].items()},
    )


# Argo 4 no longer reads `schedule` in a CronWorkflow, which is what Metaflow writes unless it is told otherwise.
ARGO_WORKFLOWS = _chart("argo-workflows")
ARGO_EVENTS = _chart("argo-events")
JOBSET = _chart("jobset")
