"""All settings of a deployment."""

from dataclasses import replace
from typing import Any, Self

from pydantic import Field, ModelWrapValidatorHandler, model_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from metaflow_gcp import names
from metaflow_gcp.checks import Checks, Problem
from metaflow_gcp.google.artifact_registry_choices import RegistryChoices
from metaflow_gcp.google.sql import tiers
from metaflow_gcp.google.sql.choices import PostgresChoices
from metaflow_gcp.labels import check_resource_labels
from metaflow_gcp.metaflow import client_settings, connections
from metaflow_gcp.metaflow.metadata_service_choices import MetadataServiceChoices
from stacks.settings import place, regions
from stacks.settings.loading import recovery, sources
from stacks.settings.loading.errors import InvalidSettings
from stacks.settings.naming import Naming
from stacks.settings.tables.access import Access
from stacks.settings.tables.argo import Argo
from stacks.settings.tables.backend import Backend
from stacks.settings.tables.cluster import Cluster
from stacks.settings.tables.endpoint import Endpoint
from stacks.settings.tables.images import Images
from stacks.settings.tables.jobs import Jobs
from stacks.settings.tables.jobset import JobSet
from stacks.settings.tables.network import Network
from stacks.settings.tables.observability import Observability
from stacks.settings.tables.pools import SYSTEM, GpuPool, Pool, TaskPool
from stacks.settings.tables.storage import Storage

_LABELS_OF_OTHERS = 16
"""What GKE, Terraform and the platform add to a resource's labels."""
_LEAST_VCPUS = 2
"""Of a node that GKE adds by itself: the smallest E2."""


class Settings(BaseSettings):
    """Two settings are required: `org_prefix` and `project`. Everything else has a default."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    org_prefix: str
    """Required. Short name of your organisation: a-z, 0-9 and -, a letter first. It goes into the names of the bucket,
    which must be unique in all of Google Cloud, and of the image repository. It cannot be changed later."""
    project: str
    """Required. The id (not the name or number) of a Google Cloud project with billing. It cannot be changed later.
    https://cloud.google.com/resource-manager/docs/creating-managing-projects"""
    environment: str = "default"
    """Goes into every name, so that one project can hold several platforms; each has its own state: at most 17 of a-z,
    0-9 and -. It cannot be changed later."""
    region: str = "us-west1"
    """Where everything is, such as us-west1. It cannot be changed later. https://cloud.google.com/compute/docs/regions-zones"""
    zones: tuple[str, ...] = Field(default_factory=lambda given: regions.default_zones(given["region"]))
    """The zones of `region` that pools use unless they name their own. Default: its first three, -a, -b and -c (-b, -c
    and -d in us-east1 and europe-west1). GPUs are not in every zone: gcloud compute accelerator-types list."""
    new_zones: tuple[str, ...] = ()
    """Zones, such as us-west9-a, that Google has opened since this version's list of regions and zones was made
    (stacks/settings/regions.json): they and their regions are accepted as well. Default: none."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Labels of all resources, for finding and billing: at most 48; keys and values up to 63 of a-z, 0-9, - and _.
    Default: none. https://cloud.google.com/resource-manager/docs/labels-overview#requirements"""
    deletion_protection: bool = True
    """Refuse to destroy the cluster, the database and the bucket. Set it to false, deploy, and then destroy."""
    impersonate_service_account: str | None = None
    """Deploy as this service account: the address of one that has the roles of the README. Terraform impersonates it,
    for the state in a bucket as well; whoever deploys needs the role Service Account Token Creator on it. Default:
    deploy with your own credentials."""
    backend: Backend = Backend()
    network: Network = Network()
    cluster: Cluster = Cluster()
    task_pools: dict[str, TaskPool] = Field(default_factory=lambda: {"cpu": TaskPool()})
    """Pools for tasks without GPUs, by name. A table here replaces the default, {} means none."""
    gpu_pools: dict[str, GpuPool] = Field(default_factory=lambda: {"l4": GpuPool()})
    """Pools for tasks with GPUs, by name. A table here replaces the default, {} means none."""
    database: PostgresChoices = PostgresChoices()
    storage: Storage = Storage()
    registry: RegistryChoices = RegistryChoices()
    images: Images = Images()
    access: Access = Access()
    endpoint: Endpoint = Endpoint()
    client_profile: dict[str, str] = Field(default_factory=dict)
    """Further settings of Metaflow's client for the whole team, such as METAFLOW_KUBERNETES_CPU: keys that the client
    reads and the platform does not set. Everybody who uses the platform can read them: no secrets. Default: none.
    https://docs.metaflow.org/getting-started/infrastructure"""
    metadata_service: MetadataServiceChoices = MetadataServiceChoices()
    jobs: Jobs = Jobs()
    argo: Argo = Argo()
    jobset: JobSet = JobSet()
    observability: Observability = Observability()

    @property
    def naming(self) -> Naming:
        return Naming(org_prefix=self.org_prefix, project=self.project, environment=self.environment)

    @property
    def storage_location(self) -> str:
        return self.storage.location or self.region

    @property
    def max_nodes(self) -> int:
        """The nodes that there can be at once, with one more for each pool during its upgrade."""
        auto = self.cluster.auto_provisioning
        beyond = auto.cpus // _LEAST_VCPUS if auto.enabled else 0
        return beyond + sum(pool.choices.max_nodes + 1 for pool in self.pools)

    @property
    def pools(self) -> tuple[Pool, ...]:
        """Every pool that is declared, the platform's own first."""
        return (
            Pool("cluster.system_pool", SYSTEM, self.cluster.system_pool),
            *(Pool(f"task_pools.{name}", name, pool) for name, pool in self.task_pools.items()),
            *(Pool(f"gpu_pools.{name}", name, pool) for name, pool in self.gpu_pools.items()),
        )

    def check(self, checks: Checks) -> None:
        """Add what the types do not say."""
        self.naming.check(checks)
        here = place.check(checks, region=self.region, zones=self.zones, new_zones=self.new_zones)
        check_resource_labels(checks, "labels", self.labels, reserved=_LABELS_OF_OTHERS)
        client_settings.check(checks, "client_profile", self.client_profile)
        if self.impersonate_service_account is not None:
            checks.matches(
                "impersonate_service_account",
                self.impersonate_service_account,
                r"[a-z0-9-]+@[a-z0-9.:-]+\.gserviceaccount\.com",
                "the address of a service account, such as deployer@acme-metaflow.iam.gserviceaccount.com",
            )
        with checks.within("backend") as inner:
            self.backend.check(inner)
        with checks.within("network") as inner:
            self.network.check(inner, max_nodes=self.max_nodes)
        with checks.within("cluster") as inner:
            self.cluster.check_in(inner, here, groups=self.access.groups)
        self._check_pools(checks, here)
        if self.cluster.auto_provisioning.enabled:
            self._check_sizes(checks)
        with checks.within("storage") as inner:
            self.storage.check(inner, new_zones=self.new_zones)
        for name in (
            "database",
            "registry",
            "images",
            "access",
            "metadata_service",
            "jobs",
            "argo",
            "jobset",
            "observability",
        ):
            with checks.within(name) as inner:
                getattr(self, name).check(inner)
        with checks.within("endpoint") as inner:
            self.endpoint.check_with(inner, self.access)
        if self.access.viewers and not self.endpoint.enabled:
            checks.add(
                "access.viewers",
                wrong=f"{len(self.access.viewers)} given, and there is no endpoint for them to look at",
                allowed="viewers together with endpoint.enabled = true",
                fix="set endpoint.enabled to true, or remove access.viewers",
            )
        self._check_connections(checks)

    def _check_connections(self, checks: Checks) -> None:
        """The services' pools against the database's limit: what runs out fails at the worst time."""
        most = tiers.max_connections(self.database.tier)
        needed = connections.at_most(metadata_replicas=self.metadata_service.replicas)
        needed += tiers.RESERVED_CONNECTIONS
        if most is not None and needed > most:
            checks.add(
                "database.tier",
                wrong=f"{self.database.tier!r} accepts {most} connections; the services may open {needed}",
                allowed=f"a tier that accepts {needed}: db-custom-1-3840 and larger accept 100 and more",
                fix="choose a larger database.tier, or fewer metadata_service.replicas",
            )

    def _check_pools(self, checks: Checks, here: place.Place) -> None:
        for key, pools in (("task_pools", self.task_pools), ("gpu_pools", self.gpu_pools)):
            for name, pool in pools.items():
                where = f"{key}.{name}"
                names.check(checks, where, name, names.NODE_POOL, fix=f"shorten {name!r}")
                with checks.within(where) as inner:
                    pool.check_in(inner, here)
                if name == SYSTEM:
                    checks.add(
                        where,
                        wrong=f"{name!r} is the name of the platform's own pool (cluster.system_pool)",
                        allowed="another name",
                        fix="rename the pool",
                    )
        for name in sorted(self.task_pools.keys() & self.gpu_pools.keys()):
            checks.add(
                f"gpu_pools.{name}",
                wrong=f"task_pools has a pool {name!r}, too",
                allowed="a name of its own for each pool of the cluster",
                fix="rename one of them",
            )

    def _check_sizes(self, checks: Checks) -> None:
        """Auto-provisioning's limits count every node: a pool that is left out of them would never grow."""
        wrong = {problem.where for problem in checks.problems}
        for pool in self.pools:
            if f"{pool.where}.machine_type" in wrong:
                continue
            for key, known, what in (
                ("vcpus", pool.choices.node_vcpus, "vCPUs"),
                ("memory_gb", pool.choices.node_memory_gb, "GB of memory"),
            ):
                if known is None:
                    checks.add(
                        f"{pool.where}.{key}",
                        wrong=f"none is given, and how many {what} {pool.choices.machine_type!r} has is not known "
                        "here: auto-provisioning's limits count every node",
                        allowed=f"the {what} of one node: gcloud compute machine-types describe",
                        fix=f"set {pool.where}.{key}, or set cluster.auto_provisioning.enabled to false",
                    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - drops what is no key; ours must be told
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The first wins; tables are merged key by key."""
        return (
            init_settings,
            InitSettingsSource(settings_cls, sources.from_environment()),
            InitSettingsSource(settings_cls, sources.from_file()),
        )

    @model_validator(mode="wrap")
    @classmethod
    def _find_every_problem(cls, given: Any, build: ModelWrapValidatorHandler[Self]) -> Self:
        built = recovery.build(cls, given, build)
        checks = Checks()
        built.settings.check(checks)
        problems = [*built.problems, *(found for found in checks.problems if not built.is_about_a_stand_in(found))]
        if problems:
            raise InvalidSettings(sources.described(), map(_with_origin, problems))
        return built.settings


def _with_origin(problem: Problem) -> Problem:
    variable = sources.variable_for(problem.where)
    return replace(problem, wrong=f"{problem.wrong} (from {variable})") if variable else problem


def load_settings() -> Settings:
    """The settings of this deployment. Raises `InvalidSettings` with everything that is wrong."""
    return Settings()
