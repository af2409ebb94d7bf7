"""What one stack hands to the next: explicit outputs with fixed names, read back by the same class."""

from dataclasses import dataclass, field, fields
from typing import Self

from cdktf import TerraformOutput, TerraformRemoteState, TerraformStack


@dataclass(frozen=True, kw_only=True)
class InfraOutputs:
    """From infra to services. A field's name is the output's name."""

    cluster_name: str
    cluster_location: str
    cluster_dns_endpoint: str
    database_host: str
    database_name: str
    database_user: str
    database_password_secret: str
    database_server_ca: str = field(metadata={"sensitive": True})  # not secret, but the provider marks it so
    bucket: str
    image_prefix: str
    image_prefix_of_all: str
    image_prefix_of_docker_hub: str
    tasks_service_account: str
    metadata_service_account: str
    ui_service_account: str

    def publish(self, stack: TerraformStack) -> None:
        for each in fields(self):
            TerraformOutput(
                stack,
                each.name,
                value=getattr(self, each.name),
                sensitive=each.metadata.get("sensitive", False),
                static_id=True,
            )

    @classmethod
    def read(cls, state: TerraformRemoteState) -> Self:
        return cls(**{each.name: state.get_string(each.name) for each in fields(cls)})
