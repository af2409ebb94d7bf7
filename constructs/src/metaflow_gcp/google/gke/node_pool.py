"""A pool of nodes without GPUs: for the platform's services, or for tasks."""

from dataclasses import dataclass

from cdktf_cdktf_provider_google import container_node_pool as gke
from constructs import Construct

from metaflow_gcp.google.gke._pool import Pool, PoolProps
from metaflow_gcp.google.gke.pool_rules import NodePoolChoices


@dataclass(frozen=True, kw_only=True)
class NodePoolProps(NodePoolChoices, PoolProps):
    """Raises `InvalidProperties` with everything that is wrong; the rules are in `pool_rules`."""


class NodePool(Pool):
    """Nodes that come and go with the pods that need them."""

    def __init__(self, scope: Construct, id_: str, props: NodePoolProps) -> None:
        super().__init__(
            scope,
            id_,
            props,
            # Spot capacity is taken where there is most of it; other nodes are spread, in case a zone fails.
            location_policy="ANY" if props.spot else "BALANCED",
            auto_repair=True,
            # A new node first, then the old one goes: nothing runs on less than before.
            upgrade_settings=gke.ContainerNodePoolUpgradeSettings(max_surge=1, max_unavailable=0),
            node={
                "taint": [
                    gke.ContainerNodePoolNodeConfigTaint(key=taint.key, value=taint.value, effect=taint.effect)
                    for taint in props.taints
                ]
                or None
            },
        )
        self._props = props

    @property
    def node_selector(self) -> dict[str, str]:
        """What a pod asks for to land here: the pool's labels, and Spot if it is that."""
        return {**self._props.labels, **({"cloud.google.com/gke-spot": "true"} if self._props.spot else {})}
