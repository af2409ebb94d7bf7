"""A choice is the same in the settings and in the library: its default, its bounds, and the rules it must keep."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

import pytest
from annotated_types import Ge, Le

from metaflow_gcp.checks import InvalidProperties
from metaflow_gcp.google import artifact_registry, storage
from metaflow_gcp.google.gke import cluster, gpu_node_pool, gpu_rules, node_pool
from metaflow_gcp.google.network import network
from metaflow_gcp.google.sql import postgres_database
from metaflow_gcp.kubernetes import limits, placement
from metaflow_gcp.metaflow import metadata_service, team
from metaflow_gcp.metaflow.argo import workflows
from stacks.settings import InvalidSettings, Settings
from stacks.settings.tables.section import Section


@dataclass(frozen=True)
class SomeCluster:
    name: str = "gke-metaflow-default"
    location: str = "us-west1"
    project: str = "acme-metaflow"


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
    "network": None,
    "node_service_account": "nodes@acme-metaflow.iam.gserviceaccount.com",
}


@dataclass(frozen=True, kw_only=True)
class Same:
    """A table of the settings, and the class of the library that takes the same choices."""

    table: str
    props: type
    given: Mapping[str, Any] = field(default_factory=dict)
    """What else the class requires."""
    make: Callable[..., object] | None = None
    """Where it is not the class itself that checks, but the properties it goes into."""
    names: Mapping[str, str] = field(default_factory=dict)
    """A key's name in the library where it has another one there."""
    of_the_platform: tuple[str, ...] = ()
    """Keys whose default is the platform's own: the library requires them, or knows a pool for another purpose."""


SAME = [
    Same(
        table="database",
        props=postgres_database.PostgresDatabaseProps,
        given={"project": "acme-metaflow", "name_prefix": "psql", "region": "us-west1", "network": None},
    ),
    Same(
        table="storage",
        props=storage.DatastoreProps,
        given={"project": "acme-metaflow", "name": "storage", "location": "us-west1"},
        of_the_platform=("location",),
    ),
    Same(
        table="registry",
        props=artifact_registry.ImageRegistryProps,
        given={"project": "acme-metaflow", "location": "us-west1", "name": "artifact"},
    ),
    Same(
        table="cluster.maintenance",
        props=cluster.MaintenanceWindow,
        make=lambda **window: cluster.GkeClusterProps(**CLUSTER, maintenance=cluster.MaintenanceWindow(**window)),
    ),
    Same(
        table="cluster",
        props=cluster.GkeClusterProps,
        given=CLUSTER,
        # Tables of their own, which the library takes as objects.
        of_the_platform=("maintenance", "auto_provisioning"),
    ),
    Same(
        table="cluster.system_pool",
        props=node_pool.NodePoolProps,
        given={**POOL, "machine_type": "e2-standard-2", "max_nodes": 3},
        of_the_platform=("machine_type", "min_nodes", "max_nodes", "disk_size_gb"),
    ),
    Same(
        table="task_pools.cpu",
        props=node_pool.NodePoolProps,
        given={**POOL, "machine_type": "e2-standard-8", "max_nodes": 10},
        of_the_platform=("machine_type", "max_nodes", "zones"),
    ),
    Same(
        table="gpu_pools.l4",
        props=gpu_node_pool.GpuNodePoolProps,
        given=GPU_POOL,
        of_the_platform=("machine_type", "max_nodes", "zones"),
    ),
    Same(
        table="gpu_pools.l4.sharing",
        props=gpu_rules.GpuSharing,
        given={"strategy": "TIME_SHARING", "max_clients": 2},
        make=lambda **sharing: gpu_node_pool.GpuNodePoolProps(**GPU_POOL, sharing=gpu_rules.GpuSharing(**sharing)),
        of_the_platform=("strategy", "max_clients"),
    ),
    Same(table="gpu_pools.l4.reservation", props=gpu_rules.Reservation),
    Same(
        table="task_pools.cpu.taints",
        props=placement.Taint,
        given={"key": "dedicated", "value": "", "effect": "NO_SCHEDULE"},
        of_the_platform=("value", "effect"),
    ),
    Same(
        table="network",
        props=network.NetworkProps,
        given={
            "project": "acme-metaflow",
            "name": "vpc",
            "subnetwork_name": "snet",
            "region": "us-west1",
            "nodes_cidr": "10.0.0.0/20",
            "pods_cidr": "10.4.0.0/14",
            "services_cidr": "10.8.0.0/20",
        },
        of_the_platform=("nodes_cidr", "pods_cidr", "services_cidr"),
    ),
    Same(
        table="metadata_service",
        props=metadata_service.MetadataServiceProps,
        given={"namespace": "metaflow", "database": None},
    ),
    Same(
        table="jobs",
        props=limits.JobsLimitsProps,
        given={"namespace": "metaflow-jobs"},
        of_the_platform=("namespace",),
    ),
    Same(
        table="argo",
        props=workflows.ArgoWorkflowsProps,
        given={"namespace": "argo", "jobs_namespace": "metaflow-jobs"},
        names={
            "workflows_chart": "chart_version",
            "keep_succeeded_seconds": "seconds_after_success",
            "keep_failed_seconds": "seconds_after_failure",
        },
    ),
    Same(
        table="access",
        props=team.TeamAccessProps,
        given={
            "project": "acme-metaflow",
            "role_id": "metaflow",
            "datastore": None,
            "registry": None,
            "database": None,
        },
    ),
]


def section(table: str) -> type[Section]:
    found: Any = Settings
    for step in table.split("."):
        if step in found.model_fields:
            found = found.model_fields[step].annotation
        # An entry of a map or of a list; what may be left out.
        arguments = [part for part in getattr(found, "__args__", ()) if part not in {str, type(None), Ellipsis}]
        found = arguments[-1] if arguments else found
    return found


def shared() -> Iterator[tuple[Same, str, str]]:
    """Every key that both have: with the pair, its name in the settings, and its name in the library."""
    for same in SAME:
        theirs = {each.name for each in fields(same.props)}
        for key in section(same.table).model_fields:
            name = same.names.get(key, key)
            if name in theirs:
                yield same, key, name


def numbers() -> Iterator[tuple[Same, str, str, int]]:
    """At each end of each number's range, and one beyond it; where there is no end, far away."""
    for same, key, name in shared():
        bounds = section(same.table).model_fields[key].metadata
        if not any(isinstance(bound, (Ge, Le)) for bound in bounds):
            continue
        for bound in bounds:
            least, most = getattr(bound, "ge", None), getattr(bound, "le", None)
            if least is not None:
                yield from ((same, key, name, number) for number in (least, least - 1))
            if most is not None:
                yield from ((same, key, name, number) for number in (most, most + 1))
        if not any(isinstance(bound, Le) for bound in bounds):
            yield same, key, name, 10**9


@pytest.mark.parametrize(
    ("same", "key", "name"), [pytest.param(*case, id=f"{case[0].table}.{case[1]}") for case in shared()]
)
def test_the_default_is_the_librarys(same, key, name):
    [theirs] = [each for each in fields(same.props) if each.name == name]
    default = theirs.default_factory() if theirs.default_factory is not MISSING else theirs.default
    ours = section(same.table).model_fields[key]
    if key in same.of_the_platform:
        assert default is MISSING or default != ours.get_default(call_default_factory=True), "no difference: not named"
    elif default is MISSING:
        assert ours.is_required()
    else:
        assert ours.get_default(call_default_factory=True) == default


@pytest.mark.parametrize(
    ("same", "key", "name", "value"),
    [pytest.param(*case, id=f"{case[0].table}.{case[1]}={case[3]}") for case in numbers()],
)
def test_settings_and_library_refuse_the_same_numbers(load, same, key, name, value):
    table = f"[{same.table}]\n{key} = {value}"
    ours = _refused(lambda: load(table))
    theirs = _refused(lambda: (same.make or same.props)(**{**same.given, name: value}))
    refused = f"{same.table}.{key}" in ours
    if any(where.split(".")[-1] == name for where in theirs):
        assert refused, f"the library refuses it: {theirs}"
    elif key not in same.of_the_platform:  # Where the platform is stricter: its own pool has a node at least.
        assert not refused, ours


def _refused(build: Callable[[], object]) -> list[str]:
    try:
        build()
    except (InvalidProperties, InvalidSettings) as error:
        return [problem.where for problem in error.problems]
    return []
