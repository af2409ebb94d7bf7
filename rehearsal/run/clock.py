"""What a deployment of these stacks and their destruction take in a real project, for the report."""

from dataclasses import dataclass
from typing import Any

from metaflow_gcp_tools.clock import graph
from metaflow_gcp_tools.clock.expected import Expected, expected

MORE_TURNS = 20
"""Terraform's -parallelism with which `make deploy` runs."""


@dataclass(frozen=True, kw_only=True)
class Wider:
    """The same with more operations at a time."""

    parallelism: int
    deploy: int
    """Seconds."""
    destroy: int
    """Seconds."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The time foreseen, and what it was reckoned from."""

    deploy: Expected
    destroy: Expected
    wider: Wider
    dependencies: dict[str, dict[str, dict[str, str]]]
    """Stack -> resource -> what it needs -> why: the attribute that refers to it, `depends_on`, `provider`."""


def foresee(configurations: dict[str, dict[str, Any]], states: dict[str, dict[str, Any]]) -> Clock | None:
    """From the stacks in the order of their deployment, and from their states where they were deployed.

    None where resources need each other in a circle: Terraform says so better.
    """
    graphs = {name: graph.read(each, states.get(name)) for name, each in configurations.items()}
    try:
        deploy, destroy = expected(graphs, "create"), expected(graphs, "delete")
        wider = Wider(
            parallelism=MORE_TURNS,
            deploy=expected(graphs, "create", parallelism=MORE_TURNS).seconds,
            destroy=expected(graphs, "delete", parallelism=MORE_TURNS).seconds,
        )
    except ValueError:
        return None
    dependencies = {name: {node.address: node.needs for node in each.values()} for name, each in graphs.items()}
    return Clock(deploy=deploy, destroy=destroy, wider=wider, dependencies=dependencies)
