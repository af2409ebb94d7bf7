"""What one stack hands to the next: explicit outputs with fixed names, read back by the same class."""

from collections.abc import Collection
from dataclasses import dataclass, field, fields
from typing import Self

from cdktf import TerraformOutput, TerraformRemoteState, TerraformStack


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """A field's name is the output's name."""

    def publish(self, stack: TerraformStack) -> None:
        """What is None is no output."""
        for each in fields(self):
            if getattr(self, each.name) is not None:
                TerraformOutput(
                    stack,
                    each.name,
                    value=getattr(self, each.name),
                    sensitive=each.metadata.get("sensitive", False),
                    static_id=True,
                )

    @classmethod
    def read(cls, state: TerraformRemoteState, *, without: Collection[str] = ()) -> Self:
        """`without`: what the other stack publishes none of."""
        return cls(**{each.name: state.get_string(each.name) for each in fields(cls) if each.name not in without})


@dataclass(frozen=True, kw_only=True)
class InfraOutputs(Outputs):
    """From infra to services."""

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


@dataclass(frozen=True, kw_only=True)
class EndpointOutputs(Outputs):
    """From infra to services, where there is an endpoint: its address, and the names that lead there."""

    endpoint_address: str
    endpoint_ui: str
    endpoint_metadata: str
    endpoint_argo: str | None = None

    @property
    def ui_url(self) -> str:
        return f"https://{self.endpoint_ui}"

    @property
    def argo_url(self) -> str | None:
        return f"https://{self.endpoint_argo}" if self.endpoint_argo else None
