"""Faults that Google finds: in APIs, ranges, machines, databases, buckets."""

import random
import re
from collections.abc import Iterator
from typing import Any

from tests.deploys.second_plans import PROJECT, objects
from tests.mutants.platform import DROPPED, Mutant, Platform, argument, at
from tests.mutants.ways_order import dropped

POOL, CLUSTER, SQL = "google_container_node_pool", "google_container_cluster", "google_sql_database_instance"


def api_not_enabled(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    # Every project has the first one, this one those of what others have made.
    enabled = {"serviceusage.googleapis.com", *objects()["projects"][PROJECT]["apis"]}
    for element in platform.elements("google_project_service"):
        if platform.of(element)["service"] not in enabled:
            yield dropped(element, said=platform.of(element)["service"])


def member_in_another_form(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements():
        member = platform.of(element).get("member")
        if element.type.endswith("_iam_member") and isinstance(member, str):
            plain = member.replace(".member}", ".email}")
            yield argument(element, ("member",), plain if plain != member else member.partition(":")[2])


def role_that_there_is_not(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements():
        role = platform.of(element).get("role")
        if element.type.endswith("_iam_member") and isinstance(role, str) and role.startswith("roles/"):
            yield argument(element, ("role",), chance.choice((f"{role}s", role.removeprefix("roles/"))))


def ranges_overlap(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements("google_compute_subnetwork"):
        subnet = platform.of(element)
        for index in range(len(subnet["secondary_ip_range"])):
            yield argument(element, ("secondary_ip_range", index, "ip_cidr_range"), subnet["ip_cidr_range"])
        inside = subnet["secondary_ip_range"][0]["ip_cidr_range"]
        yield argument(element, ("ip_cidr_range",), re.sub(r"/\d+", "/22", inside))


def range_too_small(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements("google_compute_subnetwork"):
        subnet = platform.of(element)
        for path, size in (
            (("ip_cidr_range",), "/29"),
            (("secondary_ip_range", 0, "ip_cidr_range"), "/22"),
            (("secondary_ip_range", 1, "ip_cidr_range"), "/29"),
        ):
            yield argument(element, path, re.sub(r"/\d+", size, at(subnet, *path)))


def range_of_another_name(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements(CLUSTER):
        for name in ("cluster_secondary_range_name", "services_secondary_range_name"):
            yield argument(element, ("ip_allocation_policy", name), "others")


def machine_type_that_there_is_not(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements(POOL):
        machine = at(platform.of(element), "node_config", "machine_type")
        family, _, rest = machine.partition("-")
        if family != "z9":  # Newer than this release; the settings say so.
            for wrong in (f"{family}-standrad-8", f"{family}-{rest.rpartition('-')[0]}-7", f"{machine}0000"):
                yield argument(element, ("node_config", "machine_type"), wrong)


def accelerator_that_does_not_fit(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements(POOL):
        accelerators = at(platform.of(element), "node_config").get("guest_accelerator")
        if not accelerators or accelerators[0]["type"] == "nvidia-gb200":  # Newer than this release.
            continue
        path = ("node_config", "guest_accelerator", 0)
        yield argument(element, (*path, "count"), accelerators[0]["count"] + 2)
        yield argument(element, (*path, "type"), "nvidia-tesla-p100" if "n1-" not in str(accelerators) else "nvidia-l4")
        yield argument(element, ("node_config", "machine_type"), "e2-standard-8")


def zone_elsewhere(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements(POOL, CLUSTER):
        zones = platform.of(element).get("node_locations")
        if isinstance(zones, list) and zones:
            yield argument(element, ("node_locations", 0), "europe-west4-a")
            yield argument(element, ("node_locations", 0), f"{zones[0][:-1]}x")


def disk_that_the_machine_does_not_take(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements(POOL):
        machine = at(platform.of(element), "node_config", "machine_type")
        if not machine.startswith("z9"):
            newer = machine.startswith(("n4", "a4", "c4"))
            yield argument(element, ("node_config", "disk_type"), "pd-ssd" if newer else "hyperdisk-throughput")


def limits_below_the_pools(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements(CLUSTER):
        limits = at(platform.of(element), "cluster_autoscaling").get("resource_limits", [])
        for index, limit in enumerate(limits):
            yield argument(element, ("cluster_autoscaling", "resource_limits", index, "maximum"), 1)
            if limit["resource_type"] not in ("cpu", "memory"):
                yield argument(element, ("cluster_autoscaling", "resource_limits", index), DROPPED)


QUOTAS = (
    ("global", "GPUS_ALL_REGIONS"),
    ("global", "NETWORKS"),
    ("global", "FIREWALLS"),
    ("global", "ROUTERS"),
    ("", "CPUS"),
    ("", "SSD_TOTAL_GB"),
    ("", "INSTANCES"),
)


def quota_too_small(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    region = platform.stacks["infra"]["provider"]["google"][0]["region"]
    gpus = any(
        at(platform.of(each), "node_config").get("guest_accelerator") and platform.of(each).get("initial_node_count")
        for each in platform.elements(POOL)
    )
    existing = not list(platform.elements("google_compute_network"))
    for where, metric in QUOTAS:
        if (metric == "GPUS_ALL_REGIONS" and not gpus) or (
            where == "global" and metric != "GPUS_ALL_REGIONS" and existing
        ):
            continue
        quota = {"project": "acme-metaflow", "region": where or region, "metric": metric, "amount": 0}

        def change(mutated: Platform, quota: dict[str, Any] = quota) -> None:
            mutated.cloud = {"quotas": [quota]}

        yield Mutant(where=f"{platform.name}: no {metric} in {where or region}", change=change)


def database_that_google_does_not_make(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements(SQL):
        settings = platform.of(element)["settings"]
        for path, value in (
            (("edition",), "ENTERPRISE_PLUS"),
            (("tier",), "db-custom-3-7680"),
            (("tier",), "db-custom-2-1000"),
            (("tier",), "e2-standard-2"),
            (("ip_configuration", "psc_config"), DROPPED),
            (("ip_configuration", "psc_config", 0, "allowed_consumer_projects"), ["another-project"]),
            (("database_flags", 0, "name"), "log_connectionz"),
            (("backup_configuration", "transaction_log_retention_days"), 30),
            (("disk_size",), 5),
        ):
            yield argument(element, ("settings", *path), value)
        yield argument(element, ("database_version",), "POSTGRES_99")
        assert settings


def protection_left_on(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    """A destroy stops half-way."""
    for element in platform.elements(CLUSTER, SQL):
        yield argument(element, ("deletion_protection",), True)
        yield argument(element, ("lifecycle", "prevent_destroy"), True)
    for element in platform.elements(SQL):
        yield argument(element, ("settings", "deletion_protection_enabled"), True)
    for element in platform.elements("google_storage_bucket"):
        yield argument(element, ("force_destroy",), False)
    for element in platform.elements("google_sql_user"):
        yield argument(element, ("deletion_policy",), DROPPED)


def name_of_another_form(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements():
        if not element.type.startswith("google_") or element.type == "google_storage_bucket_object":
            continue
        for name in ("name", "repository_id", "account_id", "secret_id"):
            value = platform.of(element).get(name)
            if isinstance(value, str) and "${" not in value:
                yield argument(element, (name,), f"{value.title()} X")


WAYS = {
    "API not enabled": api_not_enabled,
    "member in another form": member_in_another_form,
    "role that there is not": role_that_there_is_not,
    "ranges overlap": ranges_overlap,
    "range too small": range_too_small,
    "range of another name": range_of_another_name,
    "machine type that there is not": machine_type_that_there_is_not,
    "accelerator that does not fit": accelerator_that_does_not_fit,
    "zone that the region does not have": zone_elsewhere,
    "disk that the machine type does not take": disk_that_the_machine_does_not_take,
    "auto-provisioning's limits below the pools": limits_below_the_pools,
    "quota too small": quota_too_small,
    "database that Google does not make": database_that_google_does_not_make,
    "protection left on at a destroy": protection_left_on,
    "name of another form": name_of_another_form,
}
