"""What a deployment creates, and what grows with the tasks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.clock import graph
from metaflow_gcp_tools.clock.expected import expected
from metaflow_gcp_tools.commands.plan import kinds, pools, protection
from metaflow_gcp_tools.platform import stacks as written


@dataclass(frozen=True, kw_only=True)
class Created:
    """Resources of one type in one stack."""

    stack: str
    type: str
    name: str
    """In plain words."""
    count: int


@dataclass(frozen=True, kw_only=True)
class Scales:
    """What grows and shrinks by itself."""

    what: str
    unit: str
    at_least: int
    at_most: int


@dataclass(frozen=True, kw_only=True)
class Takes:
    """Seconds that it takes in a real project, from documented durations and estimates."""

    deploy: int
    destroy: int


@dataclass(frozen=True)
class Stacks:
    """The JSON that Terraform gets, by stack."""

    configurations: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, folder: Path) -> "Stacks":
        """Raise `WrongUse` when synth has not written the folder."""
        return cls(written.read(folder))

    def of_type(self, type_: str) -> list[dict[str, Any]]:
        return [
            resource
            for configuration in self.configurations.values()
            for resource in configuration.get("resource", {}).get(type_, {}).values()
        ]


def creates(stacks: Stacks) -> list[Created]:
    """Resources by kind and stack: what stands in Google Cloud and in the cluster, and random values.

    The same number as the rehearsal's and the bench's. Not counted is what is only looked up (data sources), and
    Terraform's own guard in each stack.
    """
    found = []
    for stack, configuration in stacks.configurations.items():
        for type_, resources in configuration.get("resource", {}).items():
            if type_ == protection.GUARD:
                continue
            kind = kinds.KINDS.get(type_) or kinds.of(type_, {})
            count = len(resources)
            found.append(Created(stack=stack, type=type_, name=kind.one if count == 1 else kind.many, count=count))
    return found


def takes(stacks: Stacks) -> Takes | None:
    """None where resources need each other in a circle: Terraform refuses them."""
    graphs = {stack: graph.read(configuration) for stack, configuration in stacks.configurations.items()}
    try:
        return Takes(deploy=expected(graphs, "create").seconds, destroy=expected(graphs, "delete").seconds)
    except ValueError:
        return None


def scales(stacks: Stacks) -> list[Scales]:
    """Node pools, and what GKE may add to them by auto-provisioning."""
    of_pools = [
        Scales(
            what=f"pool {pool['name']}: {pools.machine(pool)}",
            unit="nodes",
            at_least=pools.bounds(pool)[0],
            at_most=pools.bounds(pool)[1],
        )
        for pool in stacks.of_type("google_container_node_pool")
    ]
    together = [
        Scales(
            what="auto-provisioned nodes and all pools together",
            unit=_UNITS.get(limit["resource_type"], f"GPUs {limit['resource_type']}"),
            at_least=int(limit.get("minimum", 0)),
            at_most=int(limit["maximum"]),
        )
        for cluster in stacks.of_type("google_container_cluster")
        for limit in cluster.get("cluster_autoscaling", {}).get("resource_limits", ())
    ]
    return of_pools + together


_UNITS = {"cpu": "CPUs", "memory": "GB of memory"}
