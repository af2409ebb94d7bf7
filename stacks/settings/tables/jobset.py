"""What runs flows with `@parallel`."""

from typing import Literal

from stacks.settings.tables.section import Section


class JobSet(Section):
    """The controller that @parallel needs."""

    enabled: bool = True
    """false installs nothing."""
    chart: Literal["0.11.1"] = "0.11.1"
    """The version of the chart jobset: those that were tested."""
