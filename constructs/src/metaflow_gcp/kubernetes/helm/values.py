"""The parts of a chart's values that every pod of ours shares. Needs no Node."""

import json
from collections.abc import Mapping
from typing import Any

from metaflow_gcp.kubernetes.placement import Placement

Values = Mapping[str, Any]
"""A chart's values, as YAML has them."""

PULL_POLICY = "IfNotPresent"
"""Tags name one version: pulling again would only make a registry's outage ours."""

_NOBODY = 65534


def pod_security(*, volumes: bool = False) -> Values:
    """Nobody in particular, as the profile Restricted wants it; `volumes` are then given to that group."""
    security: dict[str, Any] = {
        "runAsNonRoot": True,
        # Some of the images name no user, and would run as root.
        "runAsUser": _NOBODY,
        "runAsGroup": _NOBODY,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    if volumes:
        security |= {"fsGroup": _NOBODY, "fsGroupChangePolicy": "OnRootMismatch"}
    return security


def container_security() -> Values:
    """No capability, no way to gain one, nothing to write to but volumes."""
    return {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
    }


def placed(placement: Placement) -> Values:
    """`nodeSelector` and `tolerations`, as charts name them."""
    return {
        "nodeSelector": dict(placement.labels),
        "tolerations": [taint.toleration for taint in placement.taints],
    }


def document(values: Values) -> str:
    """One document for `values` of a release: JSON is YAML, and sorted it is the same on every machine."""
    return json.dumps(values, indent=2, sort_keys=True)
