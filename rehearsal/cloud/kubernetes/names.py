"""What Kubernetes calls things: kinds without Terraform's version suffix, `namespace/name`."""

import re
from typing import Any

from rehearsal.cloud.model import Cloud, Key, Object

BUILT_IN_NAMESPACES = {"default", "kube-system", "kube-public", "kube-node-lease", "gmp-system", "gmp-public"}


def unversioned(type_: str) -> str:
    """`kubernetes_deployment_v1` and `kubernetes_deployment` are the same kind."""
    return re.sub(r"_v\d+((alpha|beta)\d+)?$", "", type_)


def metadata(state: dict[str, Any]) -> dict[str, Any]:
    blocks = state.get("metadata")
    return blocks[0] if isinstance(blocks, list) and blocks else {}


def path(namespace: str | None, name: str) -> str:
    return f"{namespace}/{name}" if namespace else name


def named(cloud: Cloud, cluster: Key, kind: str, namespace: str, name: str) -> Object | None:
    """An object of a namespace, by its kind and name."""
    return cloud.get(Key(f"kubernetes_{kind}", cluster.id, path(namespace, name)))


def namespace_exists(cloud: Cloud, cluster: Key, namespace: str) -> bool:
    return namespace in BUILT_IN_NAMESPACES or cloud.get(Key("kubernetes_namespace", cluster.id, namespace)) is not None
