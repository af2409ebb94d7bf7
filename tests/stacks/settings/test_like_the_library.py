"""What a person chooses is declared once: the library's choices are the settings' tables."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, is_dataclass
from inspect import get_annotations
from typing import Any

import pytest
from annotated_types import Ge, Le

from metaflow_gcp.checks import InvalidProperties
from metaflow_gcp.choices import bare
from metaflow_gcp.google import artifact_registry, storage
from metaflow_gcp.google.artifact_registry_choices import RegistryChoices
from metaflow_gcp.google.gke import cluster, gpu_node_pool, gpu_rules, node_pool, pool_rules
from metaflow_gcp.google.gke.cluster_choices import ClusterChoices
from metaflow_gcp.google.gke.maintenance import MaintenanceWindow
from metaflow_gcp.google.sql import postgres_database
from metaflow_gcp.google.sql.choices import PostgresChoices
from metaflow_gcp.google.storage_choices import DatastoreChoices
from metaflow_gcp.kubernetes import limits
from metaflow_gcp.kubernetes.limits_choices import LimitsChoices
from metaflow_gcp.metaflow import metadata_service, team
from metaflow_gcp.metaflow.metadata_service_choices import MetadataServiceChoices
from metaflow_gcp.metaflow.team_choices import TeamChoices
from stacks.settings import InvalidSettings, Settings
from stacks.settings.loading import keys


@dataclass(frozen=True)
class SomeCluster:
    name: str = "gke-metaflow-default"
    location: str = "us-west1"
    project: str = "acme-metaflow"


@dataclass(frozen=True)
class SomeNetwork:
    network: str = "vpc-metaflow-default"
    subnetwork: str = "snet-metaflow-default"
    pods_range: str = "pods"
    services_range: str = "services"


SOME_DATABASE = postgres_database.ExistingDatabase(host="10.0.0.5", password="${password}", server_ca="${ca}")
POOL = {
    "cluster": SomeCluster(),
    "name": "some",
    "service_account": "nodes@acme-metaflow.iam.gserviceaccount.com",
    "zones": ("us-west1-a", "us-west1-b", "us-west1-c"),
}
GPU_POOL = {**POOL, "machine_type": "g2-standard-12", "max_nodes": 5}
CLUSTER = {
    "project": "acme-metaflow",
    "name": "gke",
    "location": "us-west1",
    "zones": ("us-west1-a",),
    "network": SomeNetwork(),
    "node_service_account": "nodes@acme-metaflow.iam.gserviceaccount.com",
}


@dataclass(frozen=True, kw_only=True)
class Same:
    """A table of the settings, and properties of the library that take the same choices."""

    table: str
    props: type
    choices: type
    """What both have."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """What else the properties require."""
    make: Callable[..., object] | None = None
    """Where it is not the class itself that checks, but the properties it goes into."""


PLATFORMS_OWN = {
    # A small team's services, which must always run.
    "SystemPool": {"machine_type", "min_nodes", "max_nodes", "disk_size_gb"},
    # The library asks for them: it does not know what tasks are like.
    "TaskPool": {"machine_type", "max_nodes"},
    "GpuPool": {"machine_type", "max_nodes"},
}
"""Tables that give keys of the library's choices another default than the library, and why."""


SAME = [
    Same(
        table="database",
        props=postgres_database.PostgresDatabaseProps,
        choices=PostgresChoices,
        given={"project": "acme-metaflow", "name_prefix": "psql", "region": "us-west1", "network": SomeNetwork()},
    ),
    Same(
        table="storage",
        props=storage.DatastoreProps,
        choices=DatastoreChoices,
        given={"project": "acme-metaflow", "name": "storage", "location": "us-west1"},
    ),
    Same(
        table="registry",
        props=artifact_registry.ImageRegistryProps,
        choices=RegistryChoices,
        given={"project": "acme-metaflow", "location": "us-west1", "name": "artifact"},
    ),
    Same(
        table="cluster.maintenance",
        props=MaintenanceWindow,
        choices=MaintenanceWindow,
        make=lambda **window: cluster.GkeClusterProps(**CLUSTER, maintenance=MaintenanceWindow(**window)),
    ),
    Same(table="cluster", props=cluster.GkeClusterProps, choices=ClusterChoices, given=CLUSTER),
    Same(
        table="cluster.system_pool",
        props=node_pool.NodePoolProps,
        choices=pool_rules.PoolChoices,
        given={**POOL, "machine_type": "e2-standard-2", "max_nodes": 3},
    ),
    Same(
        table="task_pools.cpu",
        props=node_pool.NodePoolProps,
        choices=pool_rules.NodePoolChoices,
        given={**POOL, "machine_type": "e2-standard-8", "max_nodes": 10},
    ),
    Same(
        table="gpu_pools.l4",
        props=gpu_node_pool.GpuNodePoolProps,
        choices=gpu_rules.GpuNodePoolChoices,
        given=GPU_POOL,
    ),
    Same(
        table="gpu_pools.l4.sharing",
        props=gpu_rules.GpuSharing,
        choices=gpu_rules.GpuSharing,
        make=lambda **sharing: gpu_node_pool.GpuNodePoolProps(**GPU_POOL, sharing=gpu_rules.GpuSharing(**sharing)),
    ),
    Same(
        table="metadata_service",
        props=metadata_service.MetadataServiceProps,
        choices=MetadataServiceChoices,
        given={"namespace": "metaflow", "database": SOME_DATABASE},
    ),
    Same(
        table="jobs",
        props=limits.JobsLimitsProps,
        choices=LimitsChoices,
        given={"namespace": "metaflow-jobs"},
    ),
    Same(
        table="access",
        props=team.TeamRolesProps,
        choices=TeamChoices,
        given={"services_namespace": "metaflow", "jobs_namespace": "metaflow-jobs"},
    ),
]


def table_at(path: str) -> Any:
    found: Any = Settings
    for step in path.split("."):
        if hint := keys.keys_of(found).get(step):  # else the name of a map's entry
            found, _ = keys.table_in(hint)
    return found


def numbers() -> Iterator[tuple[Same, str, int]]:
    """At each end of each number's range, and one beyond it; where there is no end, far away."""
    for same in SAME:
        for key, hint in keys.keys_of(table_at(same.table)).items():
            _, metadata = bare(hint)
            if key not in keys.keys_of(same.choices) or not any(isinstance(each, (Ge, Le)) for each in metadata):
                continue
            for bound in metadata:
                least, most = getattr(bound, "ge", None), getattr(bound, "le", None)
                if least is not None:
                    yield from ((same, key, number) for number in (least, least - 1))
                if most is not None:
                    yield from ((same, key, number) for number in (most, most + 1))
            if not any(isinstance(bound, Le) for bound in metadata):
                yield same, key, 10**9


@pytest.mark.parametrize("same", SAME, ids=lambda same: same.table)
def test_both_have_the_same_choices(same):
    assert issubclass(table_at(same.table), same.choices)
    assert issubclass(same.props, same.choices)


def test_defaults_that_are_the_platform_s_own_are_listed():
    found = {}
    for table in keys.tables(Settings):
        above = {key for kind in table.__mro__[1:] if is_dataclass(kind) for key in keys.keys_of(kind)}
        if own := above & set(get_annotations(table)):
            found[table.__name__] = own
    assert found == PLATFORMS_OWN


@pytest.mark.parametrize(
    ("same", "key", "value"),
    [pytest.param(*case, id=f"{case[0].table}.{case[1]}={case[2]}") for case in numbers()],
)
def test_settings_and_library_refuse_the_same_numbers(load, same, key, value):
    table = f"[{same.table}]\n{key} = {value}"
    ours = _refused(lambda: load(table))
    theirs = _refused(lambda: (same.make or same.props)(**{**same.given, key: value}))
    refused = f"{same.table}.{key}" in ours
    if any(where.split(".")[-1] == key for where in theirs):
        assert refused, f"the library refuses it: {theirs}"
    elif key not in PLATFORMS_OWN.get(table_at(same.table).__name__, ()):  # where the platform is stricter
        assert not refused, ours


def _refused(build: Callable[[], object]) -> list[str]:
    try:
        build()
    except (InvalidProperties, InvalidSettings) as error:
        return [problem.where for problem in error.problems]
    return []
