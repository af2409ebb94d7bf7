"""What a deployment of these stacks and their destruction take in a real project, for the report."""

from dataclasses import dataclass
from typing import Any

from metaflow_gcp_tools.clock import graph
from metaflow_gcp_tools.clock.expected import Expected, expected


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The time foreseen, and what it was reckoned from."""

    deploy: Expected
    destroy: Expected
    dependencies: dict[str, dict[str, dict[str, str]]]
    """Stack -> resource -> what it needs -> why: the attribute that refers to it, `depends_on`, `provider`."""


def foresee(configurations: dict[str, dict[str, Any]], states: dict[str, dict[str, Any]]) -> Clock | None:
    """From the stacks in the order of their deployment, and from their states where they were deployed.

    None where resources need each other in a circle: Terraform says so better.
    """
    graphs = {name: graph.read(each, states.get(name)) for name, each in configurations.items()}
    try:
        deploy, destroy = expected(graphs, "create"), expected(graphs, "delete")
    except ValueError:
        return None
    dependencies = {name: {node.address: node.needs for node in each.values()} for name, each in graphs.items()}
    return Clock(deploy=deploy, destroy=destroy, dependencies=dependencies)
