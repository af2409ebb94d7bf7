"""A service of Metaflow's that keeps its data in the database: the metadata service, and the UI."""

from dataclasses import dataclass
from typing import Any

from cdktf import ITerraformDependable
from constructs import Construct

from metaflow_gcp import externals
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.sql.postgres_database import Database
from metaflow_gcp.kubernetes import images
from metaflow_gcp.kubernetes.account import KubernetesAccount, KubernetesAccountProps
from metaflow_gcp.kubernetes.placement import ANYWHERE, Placement
from metaflow_gcp.metaflow.database_client import DatabaseClient, DatabaseClientProps
from metaflow_gcp.metaflow.service.props import WebServiceProps
from metaflow_gcp.metaflow.service.service import WebService
from metaflow_gcp.names import KubernetesName
from metaflow_gcp.properties import Properties

PYTHON = "/opt/latest/bin/python3"
"""The interpreter of Metaflow's service image that has the service installed."""


@dataclass(frozen=True, kw_only=True)
class DatabaseServiceProps(Properties):
    """What such services are wired to."""

    namespace: KubernetesName
    """The namespace, which must exist."""
    database: Database
    """A `PostgresDatabase`, or an `ExistingDatabase`."""
    image: str = externals.image("metadata-service")
    """Metaflow's service image with its version; it holds the UI, too."""
    name: KubernetesName
    """The Service's name, and that of everything else here."""
    placement: Placement = ANYWHERE
    """The nodes that it runs on. Default: any."""

    def _check(self, checks: Checks) -> None:
        images.check_pinned(checks, "image", self.image)


class DatabaseService(Construct):
    """An account, a way to the database, and a web service."""

    def __init__(
        self, scope: Construct, id_: str, props: DatabaseServiceProps, acts_as: str | None, **server: Any
    ) -> None:
        """`acts_as`: the address of the pods' Google account. `server`: further properties of the `WebService`."""
        super().__init__(scope, id_)
        account = KubernetesAccount(
            self,
            "account",
            KubernetesAccountProps(namespace=props.namespace, name=props.name, google_service_account=acts_as),
        )
        database = DatabaseClient(
            self,
            "database",
            DatabaseClientProps(namespace=props.namespace, name=f"{props.name}-database", database=props.database),
        )
        self._service = WebService(
            self,
            "service",
            WebServiceProps(
                namespace=props.namespace,
                name=props.name,
                image=props.image,
                service_account=account.name,
                placement=props.placement,
                **database.of_service,
                **server,
            ),
        )

    @property
    def name(self) -> str:
        """The Service's name, for port forwards."""
        return self._service.name

    @property
    def pods(self) -> dict[str, str]:
        """The labels of its pods."""
        return self._service.pods

    @property
    def deployment(self) -> ITerraformDependable:
        """What needs it to answer waits for this."""
        return self._service.deployment
