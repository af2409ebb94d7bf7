"""The APIs a project must have enabled."""

from collections.abc import Iterable
from dataclasses import dataclass

from cdktf_cdktf_provider_google.project_service import ProjectService
from constructs import Construct

from metaflow_gcp.checks import Checks
from metaflow_gcp.google.requirements import Requirements
from metaflow_gcp.properties import Properties


@dataclass(frozen=True, kw_only=True)
class ProjectApisProps(Properties):
    project: str
    """The id of the project."""
    apis: Iterable[str]
    """Names such as `container.googleapis.com`; usually `Requirements.apis` of the constructs that are deployed."""

    def _check(self, checks: Checks) -> None:
        object.__setattr__(self, "apis", tuple(sorted(set(self.apis))))
        for api in self.apis:
            checks.matches("apis", api, r"[a-z0-9-]+\.googleapis\.com", "a name that ends in .googleapis.com")


class ProjectApis(Construct):
    """Enables APIs, and leaves them enabled when the deployment is destroyed."""

    requirements = Requirements(apis=frozenset({"serviceusage.googleapis.com"}))

    def __init__(self, scope: Construct, id_: str, props: ProjectApisProps) -> None:
        super().__init__(scope, id_)
        for api in props.apis:
            ProjectService(
                self,
                api.removesuffix(".googleapis.com"),
                project=props.project,
                service=api,
                # Others in the project may have come to use it: switching an API off deletes what it manages.
                disable_on_destroy=False,
            )
