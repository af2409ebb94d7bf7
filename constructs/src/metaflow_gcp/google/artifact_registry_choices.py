"""What a person chooses about the image registry. Needs no Node."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le, Unit

from metaflow_gcp.checks import Checks
from metaflow_gcp.choices import check_each


@dataclass(frozen=True, kw_only=True)
class RegistryChoices:
    """The team's repository of container images."""

    keep_versions: Annotated[int, Ge(1), Le(10000)] = 10
    """The newest versions of each image, which are never cleaned up: 1 to 10000."""
    untagged_days: Annotated[int, Ge(1), Le(3650), Unit("days")] = 14
    """Days after which a version that has lost its tag is deleted: 1 to 3650."""

    def check(self, checks: Checks) -> None:
        check_each(checks, self)
