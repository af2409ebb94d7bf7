"""Cloud SQL: instances and their users."""

import re
from collections.abc import Iterator
from pathlib import Path

from rehearsal.cloud import invent
from rehearsal.cloud.google import naming
from rehearsal.cloud.google.kind import Kind, State
from rehearsal.cloud.google.references import PART, USES
from rehearsal.cloud.google.request import Request
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.walk import find, first

INSTANCE = "google_sql_database_instance"


def instance(request: Request) -> State:
    region, name = str(request.get("region", "")), str(request.get("name", ""))
    public = request.get("settings.ip_configuration.ipv4_enabled", True)
    private = request.get("settings.ip_configuration.private_network")
    psc = request.get("settings.ip_configuration.psc_config.psc_enabled", False)
    outside = invent.address(*request.seed("public"), network="34.64.0.0/12") if public else ""
    inside = invent.address(*request.seed("private"), network="10.64.0.0/16") if private else ""
    addresses = [("PRIMARY", outside), ("PRIVATE", inside)]
    account = f"p{request.number}-{request.digest('sa', length=6)}"
    tenant, name_ = f"{request.digest('tenant', length=12)}p-tp", f"a-{request.digest('psc', length=12)}"
    attachment = f"projects/{tenant}/regions/{region}/serviceAttachments/{name_}-psc-service-attachment"
    return {
        "connection_name": f"{request.project}:{region}:{name}",
        "self_link": f"https://sqladmin.googleapis.com/sql/v1beta4/{request.key.id}",
        "service_account_email_address": f"{account}@gcp-sa-cloud-sql.iam.gserviceaccount.com",
        "first_ip_address": outside or inside,
        "public_ip_address": outside,
        "private_ip_address": inside,
        "ip_address": [{"ip_address": each, "type": kind, "time_to_retire": ""} for kind, each in addresses if each],
        "psc_service_attachment_link": attachment if psc else "",
        "dns_name": f"{request.digest('dns', length=12)}.{request.digest('zone', length=11)}.{region}.sql.goog.",
        "maintenance_version": f"{request.get('database_version', 'POSTGRES_16')}.R20250909.01_17",
        "instance_type": "CLOUD_SQL_INSTANCE",
        "server_ca_cert": [
            {
                "cert": (Path(__file__).parent.parent / "server-ca.pem").read_text(),
                "common_name": "C=US,O=Google\\, Inc,CN=Google Cloud SQL Server CA rehearsal",
                "create_time": invent.timestamp(*request.seed("ca")),
                "expiration_time": "2125-01-01T00:00:00.000Z",
                "sha1_fingerprint": request.digest("ca", length=40),
            }
        ],
        "settings": [
            {
                "version": 1,
                "availability_type": "ZONAL",
                "disk_size": 10,
                "disk_type": "PD_SSD",
                "edition": edition(request),
                "connector_enforcement": "NOT_REQUIRED",
                "activation_policy": "ALWAYS",
                "user_labels": {},
                "backup_configuration": [{"enabled": False, "start_time": "", "transaction_log_retention_days": 7}],
                "ip_configuration": [
                    {
                        "ipv4_enabled": True,
                        "ssl_mode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED",
                        "server_ca_mode": "GOOGLE_MANAGED_INTERNAL_CA",
                    }
                ],
                "location_preference": [{"zone": f"{region}-a", "secondary_zone": "", "follow_gae_application": ""}],
            }
        ],
    }


def edition(request: Request) -> str:
    """Postgres 16 and later are ENTERPRISE_PLUS unless the settings say otherwise."""
    asked = request.get("settings.edition")
    if asked:
        return str(asked)
    version = re.fullmatch(r"POSTGRES_(\d+)", str(request.get("database_version", "")))
    return "ENTERPRISE_PLUS" if version and int(version[1]) >= 16 else "ENTERPRISE"


def edition_fits_tier(request: Request) -> None:
    tier = str(request.get("settings.tier", ""))
    plus = tier.startswith(("db-perf-optimized-", "db-c4a-"))
    if tier and plus != (edition(request) == "ENTERPRISE_PLUS"):
        raise request.refuse(
            f"googleapi: Error 400: Invalid request: Invalid Tier ({tier}) for ({edition(request)}) Edition. Use a "
            "predefined Tier like "
            f"{'db-custom-2-8192' if plus else 'db-perf-optimized-N-2'} instead., invalidRequest",
            path=("settings", 0, "tier"),
        )


def tier_exists(request: Request) -> None:
    """https://cloud.google.com/sql/docs/postgres/create-instance#machine-types: so much memory for so many vCPUs."""
    tier = str(request.get("settings.tier", ""))
    custom = re.fullmatch(r"db-custom-(\d+)-(\d+)", tier)
    known = custom or tier in ("", "db-f1-micro", "db-g1-small") or tier.startswith(("db-perf-optimized-", "db-c4a-"))
    # MySQL's older types are named n1.
    known = known or tier.startswith("db-n1-")
    wrong = None if known else "there is no such tier"
    if custom:
        vcpus, mb = int(custom[1]), int(custom[2])
        if vcpus != 1 and vcpus % 2:
            wrong = "the number of vCPUs must be 1 or even"
        elif mb % 256 or mb < 3840:
            wrong = "memory must be a multiple of 256 MB, and at least 3840 MB"
        elif not 0.9 * 1024 * vcpus <= mb <= 6.5 * 1024 * vcpus:
            wrong = "memory must be 0.9 to 6.5 GB for each vCPU"
    if wrong:
        raise request.refuse(
            f"googleapi: Error 400: Invalid request: Invalid Tier ({tier}): {wrong}., invalidRequest",
            path=("settings", 0, "tier"),
        )


def settings_fit(request: Request) -> None:
    """https://cloud.google.com/sql/docs/postgres/instance-settings and .../backup-recovery/pitr."""
    size = request.get("settings.disk_size")
    if isinstance(size, int) and size < 10:
        raise request.refuse(
            f"googleapi: Error 400: Invalid request: Invalid disk size {size}: at least 10 GB., invalidRequest"
        )
    days = request.get("settings.backup_configuration.transaction_log_retention_days")
    most = 35 if edition(request) == "ENTERPRISE_PLUS" else 7
    if isinstance(days, int) and not 1 <= days <= most:
        raise request.refuse(
            "googleapi: Error 400: Invalid request: transactionLogRetentionDays must be between 1 and "
            f"{most}, not {days}., invalidRequest"
        )
    version = re.fullmatch(r"POSTGRES_(\d+)", str(request.get("database_version", "")))
    if version and int(version[1]) > 18:
        raise request.refuse(
            f"googleapi: Error 400: Invalid request: Invalid database version {version[0]}., invalidRequest"
        )
    for _, flag in find(request.state, "settings.database_flags.name"):
        if version and flag not in FLAGS and "." not in str(flag):
            request.cloud.note(f"{request.key.id}: whether Postgres has a flag {flag} is not known here")


FLAGS = frozenset(
    (
        *("autovacuum", "max_connections", "work_mem", "shared_buffers", "random_page_cost", "statement_timeout"),
        *("log_checkpoints", "log_connections", "log_disconnections", "log_duration", "log_lock_waits"),
        *(
            "log_min_duration_statement",
            "log_min_error_statement",
            "log_min_messages",
            "log_statement",
            "log_temp_files",
        ),
    )
)
"""https://cloud.google.com/sql/docs/postgres/flags: those that platforms set; extensions' have a dot in their names."""


def private_network_is_peered(request: Request) -> None:
    """An address in the network takes Private Services Access first."""
    network = str(request.get("settings.ip_configuration.private_network", ""))
    if not network:
        return
    peered = [str(each.state["network"]) for each in request.cloud.all("google_service_networking_connection")]
    if network.rsplit("/", 1)[-1] not in {each.rsplit("/", 1)[-1] for each in peered}:
        raise request.refuse(
            "googleapi: Error 400: Invalid request: Incorrect Service Networking config for instance: "
            f"{request.project}:{request.get('name')}:SERVICE_NETWORKING_NOT_ENABLED., invalid",
            path=("settings", 0, "ip_configuration", 0, "private_network"),
        )


def reachable(request: Request) -> None:
    """An instance has at least one way in."""
    ip = "settings.ip_configuration"
    others = [request.get(f"{ip}.{name}") for name in ("psc_config.psc_enabled", "private_network")]
    if request.get(f"{ip}.ipv4_enabled", True) is False and not any(others):
        raise request.refuse(
            "googleapi: Error 400: Invalid request: At least one of Public IP or Private IP or PSC connectivity "
            "must be enabled for Cloud SQL instance., invalid"
        )


def deletion_protection(request: Request) -> None:
    if request.get("deletion_protection", False):
        raise Refused(
            "Error, failed to delete instance because deletion_protection is set to true. Set it to false to "
            "proceed with instance deletion"
        )
    if request.get("settings.deletion_protection_enabled", False):
        raise Refused(
            f"Error, failed to delete instance {request.get('name')}: googleapi: Error 400: The instance is protected. "
            "Please disable the deletion protection and try again: deletionProtectionEnabled must be false first., "
            "deletionProtectionEnabled"
        )


def owns_objects(request: Request) -> None:
    """A Postgres user that owns objects cannot be dropped."""
    name = str(request.get("instance", "")).rsplit("/", 1)[-1]
    instances = (each.state for each in request.cloud.all(INSTANCE, request.project))
    of_postgres = any(
        each["name"] == name and str(each["database_version"]).startswith("POSTGRES") for each in instances
    )
    if request.get("deletion_policy", "") == "ABANDON" or not of_postgres:
        return
    request.cloud.note(
        f"{request.key.id}: dropping a Postgres user that owns objects fails on the real cloud: deletion_policy = "
        '"ABANDON" leaves it to the instance'
    )


def _recovery(planned: State, config: State, prior: State | None) -> Iterator[str]:
    version = config.get("database_version")
    wanted = first(config, "settings.backup_configuration.point_in_time_recovery_enabled")
    if wanted is True and isinstance(version, str) and not version.startswith(("POSTGRES", "SQLSERVER")):
        yield "point_in_time_recovery_enabled is only available for the following [POSTGRES SQLSERVER]."


KINDS = [
    Kind(
        type=INSTANCE,
        path="projects/{{project}}/instances/{{name}}",
        id="{{name}}",
        reserved="the name was used by an instance that was deleted less than a week ago",
        references={
            "settings.ip_configuration.private_network": ("google_compute_network", USES),
            "master_instance_name": (INSTANCE, USES),
        },
        plan_rules=(_recovery,),
        facts=instance,
        rules=(naming.check, tier_exists, edition_fits_tier, settings_fit, private_network_is_peered, reachable),
        deletion_rules=(deletion_protection,),
    ),
    Kind(type="google_sql_database", references={"instance": (INSTANCE, PART)}),
    Kind(
        type="google_sql_user",
        path="projects/{{project}}/instances/{{instance}}/users/{{name}}",
        id="{{name}}//{{instance}}",
        references={"instance": (INSTANCE, PART)},
        rules=(owns_objects,),
    ),
    Kind(type="google_sql_ssl_cert", references={"instance": (INSTANCE, PART)}),
]
