"""First: the APIs that the other stacks' resources need."""

from collections.abc import Iterable

from constructs import Construct

from metaflow_gcp.google.project_apis import ProjectApis, ProjectApisProps
from metaflow_gcp.google.requirements import Requirements
from stacks.base import PlatformStack
from stacks.settings import Settings


class ApisStack(PlatformStack):
    def __init__(self, scope: Construct, settings: Settings, requirements: Iterable[Requirements]) -> None:
        super().__init__(scope, "apis", settings)
        self.requirements = sum(requirements, ProjectApis.requirements)
        ProjectApis(self, "apis", ProjectApisProps(project=settings.project, apis=self.requirements.apis))
