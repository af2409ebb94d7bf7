"""Node pools as Terraform's resources describe them."""

from typing import Any

from metaflow_gcp_tools.commands.plan.blocks import block, blocks
from metaflow_gcp_tools.prices.node import Node, of_pool


def bounds(pool: dict[str, Any]) -> tuple[int, int]:
    """Nodes over all zones, least and most."""
    scaling = block(pool, "autoscaling")
    return int(scaling.get("total_min_node_count") or 0), int(scaling.get("total_max_node_count") or 0)


def node(pool: dict[str, Any]) -> Node:
    config = block(pool, "node_config")
    gpus = {gpu.get("type") or "": int(gpu.get("count") or 0) for gpu in blocks(config, "guest_accelerator")}
    return of_pool(config, gpus)


def machine(pool: dict[str, Any]) -> str:
    """The machine of its nodes, in words."""
    found = node(pool)
    gpus = [f"{count} x {name}" for name, count in found.gpus.items()]
    return ", ".join([found.machine_type, *gpus, *([] if found.provisioning == "on demand" else [found.provisioning])])
