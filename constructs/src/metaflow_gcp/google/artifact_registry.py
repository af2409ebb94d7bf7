"""Where images come from: the team's own, and public ones pulled through."""

from dataclasses import dataclass

from cdktf_cdktf_provider_google import artifact_registry_repository as registry
from cdktf_cdktf_provider_google.artifact_registry_repository_iam_member import ArtifactRegistryRepositoryIamMember
from constructs import Construct

from metaflow_gcp import names
from metaflow_gcp.checks import Checks, is_token
from metaflow_gcp.google.artifact_registry_choices import RegistryChoices
from metaflow_gcp.google.requirements import Requirements
from metaflow_gcp.kubernetes import images
from metaflow_gcp.properties import Properties

_DAY = 24 * 60 * 60
_CACHED_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class ImageRegistryProps(RegistryChoices, Properties):
    project: str
    """The id of the project."""
    location: str
    """A region: the cluster's, for then pulling is fast and costs no traffic."""
    name: str
    """The team's repository. `-hub` (Docker Hub, pulled through) and `-all` (both) are added for the other two."""

    def _check(self, checks: Checks) -> None:
        names.check(checks, "name", f"{self.name}-hub", names.REPOSITORY)
        self.check(checks)


class ImageRegistry(Construct):
    """Three repositories: the team's images, Docker Hub's pulled through, and both under one prefix.

    One prefix, because Metaflow puts it before every image that is named without a registry: `python:3.11` as well as
    the team's own then resolve.
    """

    requirements = Requirements(
        apis=frozenset(
            {
                "artifactregistry.googleapis.com",
                # Image streaming on the nodes.
                "containerfilesystem.googleapis.com",
            }
        )
    )

    def __init__(self, scope: Construct, id_: str, props: ImageRegistryProps) -> None:
        super().__init__(scope, id_)
        self._own = registry.ArtifactRegistryRepository(
            self,
            "repository",
            project=props.project,
            location=props.location,
            repository_id=props.name,
            format="DOCKER",
            description="The team's images for Metaflow tasks",
            cleanup_policy_dry_run=False,
            cleanup_policies=[
                registry.ArtifactRegistryRepositoryCleanupPolicies(
                    id="delete-untagged",
                    action="DELETE",
                    condition=registry.ArtifactRegistryRepositoryCleanupPoliciesCondition(
                        tag_state="UNTAGGED", older_than=f"{props.untagged_days * _DAY}s"
                    ),
                ),
                # Keeping wins over deleting.
                registry.ArtifactRegistryRepositoryCleanupPolicies(
                    id="keep-newest",
                    action="KEEP",
                    most_recent_versions=registry.ArtifactRegistryRepositoryCleanupPoliciesMostRecentVersions(
                        keep_count=props.keep_versions
                    ),
                ),
            ],
        )
        self._hub = registry.ArtifactRegistryRepository(
            self,
            "docker-hub",
            project=props.project,
            location=props.location,
            repository_id=f"{props.name}-hub",
            format="DOCKER",
            mode="REMOTE_REPOSITORY",
            description="Docker Hub, pulled through",
            remote_repository_config=registry.ArtifactRegistryRepositoryRemoteRepositoryConfig(
                docker_repository=registry.ArtifactRegistryRepositoryRemoteRepositoryConfigDockerRepository(
                    public_repository="DOCKER_HUB"
                )
            ),
            cleanup_policy_dry_run=False,
            cleanup_policies=[
                # What is still used is pulled again.
                registry.ArtifactRegistryRepositoryCleanupPolicies(
                    id="delete-old",
                    action="DELETE",
                    condition=registry.ArtifactRegistryRepositoryCleanupPoliciesCondition(
                        tag_state="ANY", older_than=f"{_CACHED_DAYS * _DAY}s"
                    ),
                )
            ],
        )
        self._all = registry.ArtifactRegistryRepository(
            self,
            "all",
            project=props.project,
            location=props.location,
            repository_id=f"{props.name}-all",
            format="DOCKER",
            mode="VIRTUAL_REPOSITORY",
            description="The team's images first, then Docker Hub's",
            virtual_repository_config=registry.ArtifactRegistryRepositoryVirtualRepositoryConfig(
                upstream_policies=[
                    registry.ArtifactRegistryRepositoryVirtualRepositoryConfigUpstreamPolicies(
                        id=id_, repository=repository.id, priority=priority
                    )
                    for id_, repository, priority in (("own", self._own, 20), ("docker-hub", self._hub, 10))
                ]
            ),
        )
        self._host = f"{props.location}-docker.pkg.dev/{props.project}"

    @property
    def prefix(self) -> str:
        """Goes before the name of one of the team's images, for pushing and pulling."""
        return f"{self._host}/{self._own.repository_id}"

    @property
    def prefix_of_all(self) -> str:
        """Goes before any name without a registry, for pulling: the team's images come first."""
        return f"{self._host}/{self._all.repository_id}"

    @property
    def prefix_of_docker_hub(self) -> str:
        """Goes before the name of an image on Docker Hub."""
        return f"{self._host}/{self._hub.repository_id}"

    def grant_pull(self, id_: str, member: str) -> None:
        """Pull from all three."""
        for name, repository in (("own", self._own), ("docker-hub", self._hub), ("all", self._all)):
            self._grant(f"{id_}-{name}", repository, "roles/artifactregistry.reader", member)

    def grant_push(self, id_: str, member: str) -> None:
        """Push to the team's repository."""
        self._grant(id_, self._own, "roles/artifactregistry.writer", member)

    def grant_admin(self, id_: str, member: str) -> None:
        """Push to the team's repository, and delete what is in it."""
        self._grant(id_, self._own, "roles/artifactregistry.repoAdmin", member)

    def _grant(self, id_: str, repository: registry.ArtifactRegistryRepository, role: str, member: str) -> None:
        ArtifactRegistryRepositoryIamMember(
            self,
            id_,
            project=repository.project,
            location=repository.location,
            repository=repository.name,
            role=role,
            member=member,
        )


def pulled_through(image: str, docker_hub: str) -> str:
    """The image's full name: what names no registry is Docker Hub's, and comes through `docker_hub`'s prefix."""
    if is_token(image) or images.registry_of(image) is not None:
        return image
    return f"{docker_hub}/{image if '/' in image else f'library/{image}'}"
