"""The database of Metaflow's metadata service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_google import secret_manager_secret as secret, sql_database_instance as sql
from cdktf_cdktf_provider_google.compute_address import ComputeAddress
from cdktf_cdktf_provider_google.compute_forwarding_rule import ComputeForwardingRule
from cdktf_cdktf_provider_google.secret_manager_secret_version import SecretManagerSecretVersion
from cdktf_cdktf_provider_google.sql_database import SqlDatabase
from cdktf_cdktf_provider_google.sql_user import SqlUser
from cdktf_cdktf_provider_random.id import Id
from cdktf_cdktf_provider_random.password import Password
from constructs import Construct

from metaflow_gcp import names
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.iam import grant_read_secret
from metaflow_gcp.google.network.network import Subnetwork
from metaflow_gcp.google.requirements import Requirements
from metaflow_gcp.google.sql.choices import PostgresChoices
from metaflow_gcp.labels import check_resource_labels
from metaflow_gcp.properties import Properties

_SUFFIX_BYTES = 4

_FLAGS = {
    # The trail to follow after an incident: who came and went, what waited, what failed, who changed tables, how long
    # each statement took (its duration only: texts hold people's tags and parameters).
    "log_connections": "on",
    "log_disconnections": "on",
    "log_lock_waits": "on",
    "log_checkpoints": "on",
    "log_min_error_statement": "error",
    "log_statement": "ddl",
    "log_duration": "on",
    # Ready to audit: what is audited, `pgaudit.log` says, after CREATE EXTENSION pgaudit.
    # https://cloud.google.com/sql/docs/postgres/pg-audit
    "cloudsql.enable_pgaudit": "on",
}


class Database(Protocol):
    """What a service needs to reach its database."""

    @property
    def host(self) -> str:
        """An address inside the network."""

    @property
    def port(self) -> int:
        """5432."""

    @property
    def name(self) -> str:
        """The database's name in the server."""

    @property
    def user(self) -> str:
        """Who connects."""

    @property
    def password(self) -> str:
        """The user's password: a reference that Terraform resolves, never the text."""

    @property
    def server_ca(self) -> str:
        """The certificates (PEM) that the server's own is verified against."""


@dataclass(frozen=True, kw_only=True)
class PostgresDatabaseProps(PostgresChoices, Properties):
    project: str
    """The id of the project."""
    name_prefix: str
    """The instance's name without its suffix. A deleted instance's name stays taken for a week, so that eight random
    hexadecimal digits follow. https://cloud.google.com/sql/docs/postgres/delete-instance"""
    region: str
    """The instance's region: the cluster's."""
    network: Subnetwork
    """Where the instance's address is made."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """The instance's labels: the provider's default labels do not reach a Cloud SQL instance."""
    deletion_protection: bool = True
    """Refuse to delete the instance: at plan time, in the provider, and in Cloud SQL's own API."""

    def _check(self, checks: Checks) -> None:
        # `project:name` counts. https://cloud.google.com/sql/docs/postgres/create-instance
        suffix = "-" + "0" * 2 * _SUFFIX_BYTES
        names.check(checks, "name_prefix", f"{self.name_prefix}{suffix}", names.SQL_INSTANCE)
        check_resource_labels(checks, "labels", self.labels)
        self.check(checks)


class PostgresDatabase(Construct):
    """Cloud SQL for Postgres 16 without a public address, reached over Private Service Connect.

    Private Service Connect instead of private services access: the latter peers networks, and such a peering cannot be
    destroyed cleanly (hashicorp/terraform-provider-google issues 16275, 18834, 19908).
    """

    requirements = Requirements(
        apis=frozenset({"sqladmin.googleapis.com", "secretmanager.googleapis.com", "compute.googleapis.com"})
    )

    def __init__(self, scope: Construct, id_: str, props: PostgresDatabaseProps) -> None:
        super().__init__(scope, id_)
        self._instance = self._add_instance(props)
        self._database = SqlDatabase(
            self,
            "database",
            project=props.project,
            instance=self._instance.name,
            name="metaflow",
            # It goes with its instance; dropping it first fails while a client is connected.
            deletion_policy="ABANDON",
        )
        password = Password(
            self,
            "password",
            length=32,
            # The migration puts it into a URL and escapes too little: letters and digits only.
            special=False,
        )
        self._user = SqlUser(
            self,
            "user",
            project=props.project,
            instance=self._instance.name,
            name="metaflow",
            password=password.result,
            # A user who owns tables cannot be dropped; it goes with its instance.
            deletion_policy="ABANDON",
        )
        self._password = self._add_secret(props, password)
        self._address = self._add_address(props)

    @property
    def instance_name(self) -> str:
        return self._instance.name

    @property
    def host(self) -> str:
        return self._address

    @property
    def port(self) -> int:
        return 5432

    @property
    def name(self) -> str:
        return self._database.name

    @property
    def user(self) -> str:
        return self._user.name

    @property
    def password(self) -> str:
        return self._password.secret_data

    @property
    def password_secret(self) -> str:
        """The id of the secret in Secret Manager that holds the password."""
        return self._secret.secret_id

    @property
    def server_ca(self) -> str:
        return self._instance.server_ca_cert.get(0).cert

    def grant_read_password(self, id_: str, member: str) -> None:
        """Read the password in Secret Manager."""
        grant_read_secret(self, id_, self._secret.project, self._secret.secret_id, member)

    def _add_instance(self, props: PostgresDatabaseProps) -> sql.SqlDatabaseInstance:
        suffix = Id(self, "suffix", byte_length=_SUFFIX_BYTES)
        return sql.SqlDatabaseInstance(
            self,
            "instance",
            project=props.project,
            name=f"{props.name_prefix}-{suffix.hex}",
            region=props.region,
            # 16 is the newest that Metaflow's service is tested on.
            database_version="POSTGRES_16",
            settings=sql.SqlDatabaseInstanceSettings(
                # From version 16 on the default is ENTERPRISE_PLUS, which refuses custom tiers.
                edition="ENTERPRISE",
                user_labels=dict(props.labels) or None,
                tier=props.tier,
                availability_type="REGIONAL" if props.high_availability else "ZONAL",
                disk_type="PD_SSD",
                disk_size=props.disk_size_gb,
                disk_autoresize=True,
                deletion_protection_enabled=props.deletion_protection,
                ip_configuration=sql.SqlDatabaseInstanceSettingsIpConfiguration(
                    ipv4_enabled=False,
                    # Connections in the clear are refused.
                    ssl_mode="ENCRYPTED_ONLY",
                    psc_config=[
                        sql.SqlDatabaseInstanceSettingsIpConfigurationPscConfig(
                            psc_enabled=True, allowed_consumer_projects=[props.project]
                        )
                    ],
                ),
                backup_configuration=sql.SqlDatabaseInstanceSettingsBackupConfiguration(
                    enabled=True,
                    start_time="02:00",
                    point_in_time_recovery_enabled=True,
                    transaction_log_retention_days=props.point_in_time_recovery_days,
                    backup_retention_settings=(
                        sql.SqlDatabaseInstanceSettingsBackupConfigurationBackupRetentionSettings(
                            retained_backups=props.backups_retained, retention_unit="COUNT"
                        )
                    ),
                ),
                maintenance_window=sql.SqlDatabaseInstanceSettingsMaintenanceWindow(
                    day=props.maintenance_day, hour=props.maintenance_hour, update_track="stable"
                ),
                insights_config=sql.SqlDatabaseInstanceSettingsInsightsConfig(
                    query_insights_enabled=True, record_application_tags=False, record_client_address=False
                )
                if props.query_insights
                else None,
                database_flags=[
                    sql.SqlDatabaseInstanceSettingsDatabaseFlags(name=flag, value=value)
                    for flag, value in _FLAGS.items()
                ],
            ),
            deletion_protection=props.deletion_protection,
            lifecycle=TerraformResourceLifecycle(
                # Cloud SQL enlarges the disk when it fills up; shrinking it back would replace the instance.
                ignore_changes=["settings[0].disk_size"],
                prevent_destroy=True if props.deletion_protection else None,
            ),
            timeouts=sql.SqlDatabaseInstanceTimeouts(create="60m", update="60m", delete="60m"),
        )

    def _add_secret(self, props: PostgresDatabaseProps, password: Password) -> SecretManagerSecretVersion:
        self._secret = secret.SecretManagerSecret(
            self,
            "secret",
            project=props.project,
            secret_id=f"{props.name_prefix}-password",
            replication=secret.SecretManagerSecretReplication(
                # Where the database is, and nowhere else.
                user_managed=secret.SecretManagerSecretReplicationUserManaged(
                    replicas=[secret.SecretManagerSecretReplicationUserManagedReplicas(location=props.region)]
                )
            ),
        )
        return SecretManagerSecretVersion(self, "secret-version", secret=self._secret.id, secret_data=password.result)

    def _add_address(self, props: PostgresDatabaseProps) -> str:
        """An address in the subnet that forwards to the instance's service attachment."""
        name = f"{props.name_prefix}-psc"
        address = ComputeAddress(
            self,
            "address",
            project=props.project,
            name=name,
            region=props.region,
            address_type="INTERNAL",
            subnetwork=props.network.subnetwork,
        )
        ComputeForwardingRule(
            self,
            "forwarding-rule",
            project=props.project,
            name=name,
            region=props.region,
            network=props.network.network,
            ip_address=address.self_link,
            target=self._instance.psc_service_attachment_link,
            # A rule towards a service attachment has no scheme, and says so with an empty text.
            load_balancing_scheme="",
        )
        return address.address


@dataclass(frozen=True, kw_only=True)
class ExistingDatabase(Properties):
    """A Postgres database that is there already, for constructs that take one."""

    host: str
    """An address or name that pods reach."""
    password: str = field(repr=False)
    """A reference (of a data source, a variable): what is given as text here ends up in the synthesized JSON."""
    server_ca: str
    """The certificates (PEM) that the server's own is verified against."""
    name: str = "metaflow"
    """The database's name in the server."""
    user: str = "metaflow"
    """Who connects. It must own the database's tables, for it migrates them."""
    port: int = 5432
    """The server's port."""
