"""How long the providers wait, in minutes: `DefaultTimeout` in their sources, google 6.50.0, kubernetes 2.38.0."""

import re
from typing import Any

from rehearsal.faults.fault import Operation

GENERATED = 20
"""What Magic Modules generates for every type."""

_OWN: dict[str, dict[Operation, int]] = {
    "google_container_cluster": {"create": 40, "read": 40, "update": 60, "delete": 40},
    "google_container_node_pool": {"create": 30, "update": 30, "delete": 30},
    "google_sql_database_instance": {"create": 90, "update": 90, "delete": 90},
    "google_sql_user": {"create": 10, "update": 10, "delete": 10},
    "google_service_account": {"create": 5},
    "google_storage_bucket": {"create": 10, "update": 4, "read": 4},
    "google_storage_bucket_object": {"create": 4, "update": 4, "delete": 4},
}
_KUBERNETES = 10
"""Deployments, stateful sets, Services; the shorter ones of other kinds wait for nothing that takes long."""
_MINUTES = {"s": 1 / 60, "m": 1, "h": 60}


def minutes(type_: str, operation: Operation, values: dict[str, Any]) -> int:
    """The timeout of a call: what the configuration says, or the provider's own."""
    block = values.get("timeouts")
    said = (block[0] if isinstance(block, list) and block else block) or {}
    text = said.get(operation) if isinstance(said, dict) else None
    if isinstance(text, str):
        return max(1, round(sum(float(n) * _MINUTES[unit] for n, unit in re.findall(r"([\d.]+)([smh])", text))))
    if type_ == "helm_release":
        # Of every wait of Helm's; the provider's own is 20 minutes and longer than ours.
        seconds = values.get("timeout")
        return max(1, round(seconds / 60)) if isinstance(seconds, int | float) else 5
    if type_.startswith("kubernetes_"):
        return _KUBERNETES
    return _OWN.get(type_, {}).get(operation, GENERATED)
