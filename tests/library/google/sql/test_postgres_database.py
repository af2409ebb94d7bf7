from dataclasses import dataclass

import pytest

from metaflow_gcp.google.sql.postgres_database import ExistingDatabase, PostgresDatabase, PostgresDatabaseProps


@dataclass(frozen=True)
class SomeNetwork:
    network: str = "some-network"
    subnetwork: str = "some-subnetwork"
    pods_range: str = "pods"
    services_range: str = "services"


MINIMAL = {
    "project": "some-project",
    "name_prefix": "psql-metaflow-default",
    "region": "us-west1",
    "network": SomeNetwork(),
}
MAXIMAL = MINIMAL | {
    "tier": "db-custom-4-15360",
    "disk_size_gb": 100,
    "high_availability": True,
    "backups_retained": 30,
    "point_in_time_recovery_days": 3,
    "maintenance_day": 1,
    "maintenance_hour": 22,
    "query_insights": False,
    "labels": {"cost-center": "42"},
    "deletion_protection": False,
}
INSTANCE = "google_sql_database_instance"


@pytest.fixture
def database(synthesize):
    def database(properties=None, then=str):
        props = PostgresDatabaseProps(**MINIMAL | (properties or {}))
        return synthesize(lambda scope: then(PostgresDatabase(scope, "database", props)))

    return database


def test_minimal(database, holds):
    stack = database()
    assert stack.paths == {
        "google_compute_address": ["database/address"],
        "google_compute_forwarding_rule": ["database/forwarding-rule"],
        "google_secret_manager_secret": ["database/secret"],
        "google_secret_manager_secret_version": ["database/secret-version"],
        "google_sql_database": ["database/database"],
        "google_sql_database_instance": ["database/instance"],
        "google_sql_user": ["database/user"],
        "random_id": ["database/suffix"],
        "random_password": ["database/password"],
    }
    holds(
        stack.only(INSTANCE),
        {
            "project": "some-project",
            "region": "us-west1",
            "database_version": "POSTGRES_16",
            "settings": {
                "tier": "db-custom-1-3840",
                "availability_type": "ZONAL",
                "disk_size": 10,
                "maintenance_window": {"day": 7, "hour": 8, "update_track": "stable"},
                "insights_config": {"query_insights_enabled": True},
            },
        },
    )


def test_maximal(database, holds):
    holds(
        database(MAXIMAL).only(INSTANCE),
        {
            "settings": {
                "tier": "db-custom-4-15360",
                "availability_type": "REGIONAL",
                "disk_size": 100,
                "maintenance_window": {"day": 1, "hour": 22},
                "insights_config": None,
                "user_labels": {"cost-center": "42"},
                "backup_configuration": {
                    "transaction_log_retention_days": 3,
                    "backup_retention_settings": {"retained_backups": 30, "retention_unit": "COUNT"},
                },
            }
        },
    )


def test_the_edition_is_said_for_the_newer_default_refuses_custom_tiers(database):
    """Known defect 17 of the templates."""
    assert database().only(INSTANCE)["settings"]["edition"] == "ENTERPRISE"


def test_a_random_suffix_follows_for_a_deleted_instance_s_name_stays_taken(database):
    stack = database()
    assert stack.only(INSTANCE)["name"] == "psql-metaflow-default-${random_id.<database/suffix>.hex}"
    assert stack.only("random_id") == {"byte_length": 4}


def test_it_has_no_public_address_and_takes_no_connection_in_the_clear(database, holds):
    holds(
        database(MAXIMAL).only(INSTANCE)["settings"]["ip_configuration"],
        {"ipv4_enabled": False, "ssl_mode": "ENCRYPTED_ONLY", "private_network": None, "authorized_networks": None},
    )


def test_it_is_reached_over_private_service_connect_which_destroys_cleanly(database, holds):
    """Known defect 16 of the templates: a peering of networks cannot be destroyed."""
    stack = database()
    holds(
        stack.only(INSTANCE)["settings"]["ip_configuration"],
        {"psc_config": [{"psc_enabled": True, "allowed_consumer_projects": ["some-project"]}]},
    )
    holds(
        stack.only("google_compute_address"),
        {"address_type": "INTERNAL", "subnetwork": "some-subnetwork", "region": "us-west1"},
    )
    holds(
        stack.only("google_compute_forwarding_rule"),
        {
            "network": "some-network",
            "ip_address": "${google_compute_address.<database/address>.self_link}",
            "target": "${google_sql_database_instance.<database/instance>.psc_service_attachment_link}",
            "load_balancing_scheme": "",  # else the provider's default, EXTERNAL, which does not go with a target
        },
    )
    assert not [type_ for type_ in stack.resources if "peering" in type_ or "service_networking" in type_]


def test_the_address_does_not_wait_for_database_and_user(database):
    """They are made beside it: the instance takes long enough as it is."""
    assert "depends_on" not in database().only("google_compute_forwarding_rule")


def test_daily_backups_and_any_second_of_the_last_days_can_be_restored(database, holds):
    holds(
        database().only(INSTANCE)["settings"]["backup_configuration"],
        {
            "enabled": True,
            "point_in_time_recovery_enabled": True,
            "transaction_log_retention_days": 7,
            "backup_retention_settings": {"retained_backups": 7},
        },
    )


def test_protection_is_said_to_terraform_to_the_provider_and_to_the_api(database, holds):
    for on in (True, False):
        holds(
            database({"deletion_protection": on}).only(INSTANCE),
            {
                "deletion_protection": on,
                "settings": {"deletion_protection_enabled": on},
                "lifecycle": {"prevent_destroy": True if on else None},
            },
        )


def test_a_disk_that_grew_by_itself_is_not_shrunk_which_would_replace_the_instance(database, holds):
    instance = database(MAXIMAL).only(INSTANCE)
    holds(instance["settings"], {"disk_autoresize": True})
    assert instance["lifecycle"]["ignore_changes"] == ["settings[0].disk_size"]


def test_a_user_who_owns_tables_and_a_database_in_use_go_with_the_instance(database):
    stack = database()
    assert stack.only("google_sql_user")["deletion_policy"] == "ABANDON"
    assert stack.only("google_sql_database")["deletion_policy"] == "ABANDON"


def test_the_password_is_generated_of_letters_and_digits_for_the_migration_puts_it_into_a_url(database, holds):
    """Known defect 8 of the templates: the password `metaflow`."""
    stack = database()
    holds(stack.only("random_password"), {"length": 32, "special": False})
    assert stack.only("google_sql_user")["password"] == "${random_password.<database/password>.result}"


def test_the_password_is_kept_in_secret_manager_where_the_database_is(database, holds):
    stack = database()
    holds(
        stack.only("google_secret_manager_secret"),
        {
            "secret_id": "psql-metaflow-default-password",
            "replication": {"user_managed": {"replicas": [{"location": "us-west1"}]}, "auto": None},
        },
    )
    assert stack.only("google_secret_manager_secret_version") == {
        "secret": "${google_secret_manager_secret.<database/secret>.id}",
        "secret_data": "${random_password.<database/password>.result}",
    }


def test_who_connects_and_who_waits_leaves_a_trail(database):
    flags = database().only(INSTANCE)["settings"]["database_flags"]
    switches = ("log_connections", "log_disconnections", "log_lock_waits", "log_checkpoints", "log_duration")
    assert {each["name"]: each["value"] for each in flags} == dict.fromkeys(switches, "on") | {
        # Tables' changes and failed statements with their text, no others: texts hold people's tags and parameters.
        "log_statement": "ddl",
        "log_min_error_statement": "error",
        "cloudsql.enable_pgaudit": "on",
    }


def test_statistics_of_queries_hold_no_addresses_of_clients(database, holds):
    insights = database().only(INSTANCE)["settings"]["insights_config"]
    holds(insights, {"record_client_address": False, "record_application_tags": False})


def test_reading_the_password_is_granted_on_this_secret_alone(database):
    stack = database(then=lambda made: made.grant_read_password("admins", "user:a@example.com"))
    assert stack["google_secret_manager_secret_iam_member"] == {
        "database/admins": {
            "project": "${google_secret_manager_secret.<database/secret>.project}",
            "secret_id": "${google_secret_manager_secret.<database/secret>.secret_id}",
            "role": "roles/secretmanager.secretAccessor",
            "member": "user:a@example.com",
        }
    }


def test_what_a_service_needs_is_a_reference_never_a_text(database):
    def needed(made):
        keys = ("host", "name", "user", "password", "password_secret", "server_ca", "instance_name")
        return {key: getattr(made, key) for key in keys}

    assert database(then=needed).values == {
        "host": "${google_compute_address.<database/address>.address}",
        "name": "${google_sql_database.<database/database>.name}",
        "user": "${google_sql_user.<database/user>.name}",
        "password": "${google_secret_manager_secret_version.<database/secret-version>.secret_data}",
        "password_secret": "${google_secret_manager_secret.<database/secret>.secret_id}",
        "server_ca": "${google_sql_database_instance.<database/instance>.server_ca_cert[0].cert}",
        "instance_name": "${google_sql_database_instance.<database/instance>.name}",
    }


def test_an_existing_database_has_the_same_face():
    existing = ExistingDatabase(host="10.0.0.5", password="${var.p}", server_ca="${var.ca}")
    assert (existing.name, existing.user, existing.port) == ("metaflow", "metaflow", 5432)


def test_it_needs_the_apis_of_database_secret_and_address():
    assert PostgresDatabase.requirements.apis == {
        "sqladmin.googleapis.com",
        "secretmanager.googleapis.com",
        "compute.googleapis.com",
    }


@pytest.mark.parametrize(
    ("properties", "where", "said"),
    [
        ({"name_prefix": "Psql"}, "name_prefix", "98 characters"),
        ({"name_prefix": "p" * 90}, "name_prefix", "at most 98"),
        ({"tier": "db-perf-optimized-N-2"}, "tier", "ENTERPRISE_PLUS"),
        ({"disk_size_gb": 9}, "disk_size_gb", "10 to 65536 GB"),
        ({"backups_retained": 366}, "backups_retained", "1 to 365"),
        ({"backups_retained": 6}, "backups_retained", "7 or more"),
        ({"point_in_time_recovery_days": 8}, "point_in_time_recovery_days", "1 to 7 days"),
        ({"maintenance_day": 0}, "maintenance_day", "1 to 7"),
        ({"maintenance_hour": 24}, "maintenance_hour", "0 to 23"),
        ({"labels": {"Team": "x"}}, "labels.Team", "a letter first"),
    ],
)
def test_what_is_wrong_is_refused(properties, where, said, refused):
    refused(lambda: PostgresDatabaseProps(**MINIMAL | properties), where, said)
