"""What a person chooses about the metadata service. Needs no Node."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from metaflow_gcp.checks import Checks
from metaflow_gcp.choices import check_each


@dataclass(frozen=True, kw_only=True)
class MetadataServiceChoices:
    """Metaflow's metadata service."""

    replicas: Annotated[int, Ge(1), Le(5)] = 1
    """How many run side by side: 1 to 5. With 2 or more, an upgrade of a node interrupts nothing."""

    def check(self, checks: Checks) -> None:
        check_each(checks, self)
