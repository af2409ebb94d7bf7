"""What runs flows with `@parallel`."""

from metaflow_gcp.checks import Checks
from metaflow_gcp.kubernetes.helm import charts
from stacks.settings.tables.section import Section


class JobSet(Section):
    """The controller that @parallel needs."""

    enabled: bool = True
    """false installs nothing."""
    chart: str = charts.JOBSET.newest
    """The version of the chart jobset: those that were tested."""

    def check(self, checks: Checks) -> None:
        charts.JOBSET.check(checks, "chart", self.chart)
