"""What a pod of Metaflow's service needs to talk to the database: password, certificates, environment."""

from dataclasses import dataclass
from typing import Any

from cdktf import Fn
from cdktf_cdktf_provider_kubernetes import config_map_v1, secret_v1
from constructs import Construct

from metaflow_gcp.google.sql.postgres_database import Database

CERTIFICATES = "/etc/database"
"""Where the certificates are mounted."""


@dataclass(frozen=True, kw_only=True)
class DatabaseClientProps:
    namespace: str
    """The pods' namespace."""
    name: str
    """The name of the Secret and of the ConfigMap."""
    database: Database


class DatabaseClient(Construct):
    """A Secret with the password, a ConfigMap with the server's certificates, and the variables that name them."""

    def __init__(self, scope: Construct, id_: str, props: DatabaseClientProps) -> None:
        super().__init__(scope, id_)
        database = props.database
        secret = secret_v1.SecretV1(
            self,
            "secret",
            metadata=secret_v1.SecretV1Metadata(namespace=props.namespace, name=props.name),
            data={"password": database.password},
            type="Opaque",
        )
        certificates = config_map_v1.ConfigMapV1(
            self,
            "certificates",
            metadata=config_map_v1.ConfigMapV1Metadata(namespace=props.namespace, name=props.name),
            data={"server-ca.pem": database.server_ca},
        )
        checksum = Fn.nonsensitive(Fn.sha256(Fn.join("", [database.password, database.server_ca])))
        self.of_service: dict[str, Any] = {
            "shared_env": {
                "MF_METADATA_DB_HOST": database.host,
                "MF_METADATA_DB_PORT": str(database.port),
                "MF_METADATA_DB_NAME": database.name,
                "MF_METADATA_DB_USER": database.user,
                # The server is known by its authority, not by its name: over Private Service Connect it is reached by
                # an address that its certificate cannot name.
                "MF_METADATA_DB_SSL_MODE": "verify-ca",
                # The servers read the first; the image's own migration program, the second.
                "MF_METADATA_DB_SSL_ROOT_CERT_PATH": f"{CERTIFICATES}/server-ca.pem",
                "MF_METADATA_DB_SSL_ROOT_CERT": f"{CERTIFICATES}/server-ca.pem",
            },
            "secret_env": {"MF_METADATA_DB_PSWD": (secret.metadata.name, "password")},
            "config_maps": {"database": (certificates.metadata.name, CERTIFICATES)},
            # A new password and new certificates start the pods anew.
            "checksums": {"database": checksum},
            "reaches": (database.port,),
        }
        """Properties of a `WebService` whose server talks to the database."""
