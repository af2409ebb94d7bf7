"""What the google provider refuses at the plan: the checks among its CustomizeDiff functions.

Which types have which stands in `schemas/hooks.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rehearsal.protocol.errors import Refused
from rehearsal.protocol.values import UNKNOWN
from rehearsal.protocol.walk import first

State = dict[str, Any]

Check = Callable[[State, State, State | None], Iterator[str]]
"""What is wrong with a plan, from the planned state, the configuration and the state before."""


def _given(value: Any) -> bool:
    return value is not None and value not in ("", [], 0, False)


def _log_without_logging(planned: State, config: State, prior: State | None) -> Iterator[str]:
    if planned.get("enable_logging") is False and config.get("log_config"):
        yield "log_config cannot be defined when enable_logging is false"


def _sources(planned: State, config: State, prior: State | None) -> Iterator[str]:
    """An empty list is one, too: then Google takes 0.0.0.0/0."""
    names = ("source_tags", "source_ranges", "source_service_accounts")
    if config.get("direction") != "EGRESS" and all(config.get(name) is None for name in names):
        yield "one of source_tags, source_ranges, or source_service_accounts must be defined"


def _advertised(planned: State, config: State, prior: State | None) -> Iterator[str]:
    for bgp in config.get("bgp") or []:
        for name in ("advertised_groups", "advertised_ip_ranges"):
            if bgp.get("advertise_mode") in (None, "DEFAULT") and _given(bgp.get(name)):
                yield f"Error in bgp: {name} cannot be specified when using advertise_mode DEFAULT"


def _drained(planned: State, config: State, prior: State | None) -> Iterator[str]:
    if prior is None and config.get("drain_nat_ips") not in (None, [], UNKNOWN):
        yield f"New RouterNat cannot have drain_nat_ips, got values {config['drain_nat_ips']}"


def _node_version(planned: State, config: State, prior: State | None) -> Iterator[str]:
    if prior is None and _given(config.get("node_version")) and config.get("remove_default_node_pool") is True:
        yield "node_version can only be specified if remove_default_node_pool is not true"


def _surge(planned: State, config: State, prior: State | None) -> Iterator[str]:
    place = "cluster_autoscaling.auto_provisioning_defaults.upgrade_settings"
    settings = first(config, place) or []
    for each in settings if isinstance(settings, list) else []:
        others = any(_given(each.get(name)) for name in ("max_surge", "max_unavailable"))
        if each.get("strategy") not in (None, "SURGE", UNKNOWN) and others:
            yield "Surge upgrade settings max_surge/max_unavailable can only be used when strategy is set to SURGE"


def _recovery(planned: State, config: State, prior: State | None) -> Iterator[str]:
    version = config.get("database_version")
    wanted = first(config, "settings.backup_configuration.point_in_time_recovery_enabled")
    if wanted is True and isinstance(version, str) and not version.startswith(("POSTGRES", "SQLSERVER")):
        yield "point_in_time_recovery_enabled is only available for the following [POSTGRES SQLSERVER]."


CHECKS: dict[str, list[Check]] = {
    "google_compute_firewall": [_log_without_logging, _sources],
    "google_compute_router": [_advertised],
    "google_compute_router_nat": [_drained],
    "google_container_cluster": [_node_version, _surge],
    "google_sql_database_instance": [_recovery],
}


def check(type_: str, planned: State, config: State, prior: State | None) -> None:
    """Refuses a plan that the provider refuses."""
    for each in CHECKS.get(type_, []):
        for wrong in each(planned, config, prior):
            raise Refused(wrong)
