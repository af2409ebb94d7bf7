"""What is paid for while no task runs, by type of resource: in words, and in units of a price list's items.

A new type of resource that costs at rest gets an entry in `PARTS`; nothing else knows of it. `resources` are what synth
wrote, or what a plan of Terraform's has before and after.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from metaflow_gcp_tools.commands.plan import pools
from metaflow_gcp_tools.commands.plan.blocks import block, blocks
from metaflow_gcp_tools.prices.book import HOURS


class Resources(Protocol):
    def of_type(self, type_: str) -> list[dict[str, Any]]: ...


@dataclass(frozen=True, kw_only=True)
class Part:
    what: str
    uses: Mapping[str, float] = field(default_factory=dict)
    """Item -> units, in a month."""
    by_use: Mapping[str, str] = field(default_factory=dict)
    """Item -> its unit: what is paid for by what lies or happens there, which nobody knows before."""
    location: str = ""
    """Where, if not in the platform's region."""


def parts(resources: Resources) -> list[Part]:
    return [part for type_, of in PARTS.items() for each in resources.of_type(type_) for part in of(each, resources)]


def _name(resource: Mapping[str, Any], key: str = "name") -> str:
    """A plan leaves out what Terraform does not know yet."""
    return str(resource.get(key) or "not known yet")


def _cluster(cluster: dict[str, Any], _: Resources) -> Iterator[Part]:
    yield Part(what=f"GKE's management fee for the cluster {_name(cluster)}", uses={"gke/cluster": HOURS})
    yield Part(what="logs (the first 50 GiB a month are free)", by_use={"logging/volume": "GiB"})


def _pool(pool: dict[str, Any], _: Resources) -> Iterator[Part]:
    if count := pools.bounds(pool)[0]:
        node = pools.node(pool)
        yield Part(
            what=f"{count} node{'s' if count > 1 else ''} of the pool {_name(pool)}: {pools.machine(pool)}, "
            f"{node.disk_gb} GB {node.disk_type}",
            uses={item: units * count * HOURS for item, units in node.uses.items()},
        )


def _database(instance: dict[str, Any], _: Resources) -> Iterator[Part]:
    settings = block(instance, "settings")
    standby = settings.get("availability_type") == "REGIONAL"
    grows = ", which grows by itself" if settings.get("disk_autoresize") else ""
    tier, disk, size = _name(settings, "tier"), settings.get("disk_type") or "PD_SSD", settings.get("disk_size") or 10
    of_each = {f"sql/{disk}": int(size)} | {item: units * HOURS for item, units in _tier(tier).items()}
    yield Part(
        what=f"Cloud SQL {tier} with {size} GB {disk}{grows}" + (", and a standby of the same size" if standby else ""),
        uses={item: units * (2 if standby else 1) for item, units in of_each.items()},
    )
    backups = block(block(settings, "backup_configuration"), "backup_retention_settings").get("retained_backups")
    if backups:
        # The first is a copy of what lies on the disk, the others are what has changed since.
        yield Part(
            what=f"{backups} database backups (estimate: the size of the initial disk)",
            uses={"sql/backup": int(size)},
        )


def _tier(tier: str) -> dict[str, float]:
    """Item -> units, in an hour."""
    if custom := re.fullmatch(r"db-custom-(\d+)-(\d+)", tier):
        return {"sql/vcpu": int(custom[1]), "sql/memory": int(custom[2]) / 1024}
    return {f"sql/{tier}": 1}


def _release(release: dict[str, Any], _: Resources) -> Iterator[Part]:
    """The event bus: its volumes are made by Kubernetes, as the values of the chart say."""
    for values in release.get("values") or ():
        # Of other charts they may be YAML, or a reference.
        if values and values.startswith("{") and (bus := json.loads(values).get("eventBus")):
            count, size = int(bus["replicas"]), bus["volumeSize"]
            yield Part(
                what=f"{count} disk{'s' if count > 1 else ''} of {size} for the event bus",
                uses={f"disk/{_CLASSES.get(bus['storageClass'], bus['storageClass'])}": count * int(size.rstrip("Gi"))},
            )


_CLASSES = {"standard-rwo": "pd-balanced", "premium-rwo": "pd-ssd", "standard": "pd-standard"}
"""GKE's own: https://cloud.google.com/kubernetes-engine/docs/concepts/persistent-volumes#storageclasses"""


def _nat(_: dict[str, Any], resources: Resources) -> Iterator[Part]:
    count = sum(pools.bounds(pool)[0] for pool in resources.of_type("google_container_node_pool"))
    yield Part(
        what=f"Cloud NAT gateway with its address, used by {count} node{'' if count == 1 else 's'}",
        uses={"nat/node": count * HOURS, "nat/address": HOURS},
        by_use={"nat/data": "GiB processed"},
    )


def _forwarding_rule(rule: dict[str, Any], _: Resources) -> Iterator[Part]:
    # An endpoint of Private Service Connect has no scheme of load balancing.
    if rule.get("load_balancing_scheme"):
        yield Part(what=f"forwarding rule {_name(rule)}", uses={"lb/forwarding-rule": HOURS})
    else:
        yield Part(what="Private Service Connect endpoint for the database", uses={"psc/endpoint": HOURS})


def _global_forwarding_rule(rule: dict[str, Any], resources: Resources) -> Iterator[Part]:
    # The first five have one price together: https://cloud.google.com/load-balancing/pricing
    rules = resources.of_type("google_compute_global_forwarding_rule")
    if rule is rules[0]:
        yield Part(what="load balancer (up to five forwarding rules)", uses={"lb/forwarding-rule": HOURS})


def _secret_version(_: dict[str, Any], __: Resources) -> Iterator[Part]:
    yield Part(what="secret version in Secret Manager", uses={"secret/version": 1})


def _bucket(bucket: dict[str, Any], _: Resources) -> Iterator[Part]:
    seconds = int(block(bucket, "soft_delete_policy").get("retention_duration_seconds") or 0)
    kept = f"; deleted objects are kept for {seconds // 86400} more days" if seconds else ""
    yield Part(
        what=f"objects in the bucket {_name(bucket)}{kept}",
        by_use={"storage/standard": "GiB-month"},
        location=_place(str(bucket.get("location") or "")),
    )


def _place(location: str) -> str:
    """As the price list calls it: regions, and `us`, `europe` and `asia`."""
    place = location.lower()
    return "europe" if place == "eu" else place


def _registry(registry: dict[str, Any], _: Resources) -> Iterator[Part]:
    # A virtual one holds nothing itself.
    if registry.get("mode") != "VIRTUAL_REPOSITORY":
        yield Part(
            what=f"images in the registry {_name(registry, 'repository_id')}", by_use={"registry/storage": "GiB-month"}
        )


def _security_policy(policy: dict[str, Any], _: Resources) -> Iterator[Part]:
    rules = len(blocks(policy, "rule"))
    yield Part(
        what=f"Cloud Armor policy {_name(policy)} with {rules} rules", uses={"armor/policy": 1, "armor/rule": rules}
    )


PARTS: Mapping[str, Callable[[dict[str, Any], Resources], Iterator[Part]]] = {
    "google_container_cluster": _cluster,
    "google_container_node_pool": _pool,
    "google_sql_database_instance": _database,
    "helm_release": _release,
    "google_compute_router_nat": _nat,
    "google_compute_forwarding_rule": _forwarding_rule,
    "google_compute_global_forwarding_rule": _global_forwarding_rule,
    "google_secret_manager_secret_version": _secret_version,
    "google_storage_bucket": _bucket,
    "google_artifact_registry_repository": _registry,
    "google_compute_security_policy": _security_policy,
}
