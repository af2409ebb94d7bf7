"""The names of what is made. They follow the setup guide's deployment, so that what exists can be adopted.

A name that is too long is refused, never cut off, and no two environments of a project have a name in common.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from metaflow_gcp import names
from metaflow_gcp.checks import Checks, is_token

PROJECT = (
    r"[a-z][a-z0-9-]{4,28}[a-z0-9]",
    30,
    "a project's id (not its name or number): 6 to 30 of a-z, 0-9 and -, a letter first, no - last",
)
"""https://cloud.google.com/resource-manager/docs/creating-managing-projects#before_you_begin"""

Role = Literal["nodes", "autonodes", "tasks", "metadata", "ui"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Without a hyphen, so that `mf-a-b-nodes` can only be of environment a-b."""

SERVICES_NAMESPACE = "metaflow"
CONTROLLERS_NAMESPACE = "argo"

_WORD = (r"[a-z]([a-z0-9-]*[a-z0-9])?", 63, "a-z, 0-9 and -, a letter first, no - last")
_HUB, _ALL = "-hub", "-all"
_LOGS = "-logs"
"""The library's `ImageRegistry` adds these to the repository's name for its other two."""
_NOT_IN_BUCKETS = ("google", "g00gle")
"""https://cloud.google.com/storage/docs/buckets#naming"""
_SQL_SUFFIX = "-00000000"
"""The library's `PostgresDatabase` adds as many random digits."""


@dataclass(frozen=True, kw_only=True)
class Naming:
    """Names made from these three settings."""

    org_prefix: str
    project: str
    environment: str

    @property
    def cluster(self) -> str:
        return f"gke-metaflow-{self.environment}"

    @property
    def network(self) -> str:
        return f"vpc-metaflow-{self.environment}"

    @property
    def subnetwork(self) -> str:
        return f"snet-metaflow-{self.environment}"

    @property
    def database_prefix(self) -> str:
        return f"psql-metaflow-{self.environment}"

    @property
    def load_balancer(self) -> str:
        return f"lb-metaflow-{self.environment}"

    @property
    def bucket(self) -> str:
        return f"storage-{self.org_prefix}-{self.project}-metaflow-{self.environment}"

    @property
    def repository(self) -> str:
        return f"artifact-{self.org_prefix}-{self.project}-metaflow-{self.environment}"

    def service_account(self, role: Role) -> str:
        return f"mf-{self.environment}-{role}"

    def check(self, checks: Checks) -> None:
        of_project = Checks()
        names.check(of_project, "project", self.project, PROJECT)
        checks.problems += of_project.problems
        names.check(checks, "org_prefix", self.org_prefix, _WORD)
        names.check(checks, "environment", self.environment, _WORD)
        for key in ("org_prefix", "project", "environment"):
            value = getattr(self, key)
            if any(word in value for word in _NOT_IN_BUCKETS):
                checks.add(
                    key,
                    wrong=f"{value!r} contains google",
                    allowed="a word without google or g00gle: it goes into a bucket's name, where Google forbids them",
                    fix=f"choose another {key}",
                )
        self._check_unambiguous(checks)
        if not of_project.problems:
            self._check_lengths(checks)

    def _check_unambiguous(self, checks: Checks) -> None:
        """`x-hub` would name its repository as `x` names its second one, and `x-logs` its bucket as `x` that for logs.

        `metaflow` parts the names' parts.
        """
        if self.environment.endswith((_HUB, _ALL, _LOGS)) or "metaflow" in self.environment:
            checks.add(
                "environment",
                wrong=f"{self.environment!r} could give names that are another environment's",
                allowed=f"no metaflow in it, and no {_HUB}, {_ALL} or {_LOGS} at its end",
                fix="choose another environment, such as staging",
            )

    def _check_lengths(self, checks: Checks) -> None:
        worst = max(self._with_environment(), key=lambda one: one.excess)
        if worst.excess > 0:
            checks.add(
                "environment",
                wrong=f"{self.environment!r} makes a {worst.of} {worst.name!r}, {len(worst.name)} characters",
                allowed=f"at most {len(self.environment) - worst.excess} characters: a {worst.of} has {worst.limit}",
                fix=f"shorten environment by {worst.excess}",
            )
            return  # the next ones hold it as well
        worst = max(self._with_org_prefix(), key=lambda one: one.excess)
        if worst.excess > 0 and not is_token(worst.name):
            both = len(self.org_prefix) + len(self.environment)
            checks.add(
                "org_prefix",
                wrong=f"{self.org_prefix!r} makes a {worst.of} {worst.name!r}, {len(worst.name)} characters",
                allowed=f"org_prefix and environment together: at most {both - worst.excess} characters with this "
                f"project: a {worst.of} has {worst.limit}",
                fix=f"shorten org_prefix, or environment, by {worst.excess}",
            )

    def _with_environment(self) -> "Iterator[_Limited]":
        yield _Limited("cluster", self.cluster, names.CLUSTER[1])
        yield _Limited("network", self.network, names.RESOURCE[1])
        yield _Limited("subnet", self.subnetwork, names.RESOURCE[1])
        database = f"{self.project}:{self.database_prefix}{_SQL_SUFFIX}"
        yield _Limited("database instance with its project", database, names.SQL_INSTANCE[1])
        for role in ROLES:
            yield _Limited("service account", self.service_account(role), names.SERVICE_ACCOUNT[1])

    def _with_org_prefix(self) -> "Iterator[_Limited]":
        yield _Limited("bucket", f"{self.bucket}{_LOGS}", names.BUCKET[1])
        yield _Limited("repository", f"{self.repository}{_HUB}", names.REPOSITORY[1])


@dataclass(frozen=True)
class _Limited:
    of: str
    name: str
    limit: int

    @property
    def excess(self) -> int:
        return len(self.name) - self.limit
