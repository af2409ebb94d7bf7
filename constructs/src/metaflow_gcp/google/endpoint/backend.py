"""One service behind the load balancer: its backends, and Identity-Aware Proxy in front of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cdktf import Fn, ITerraformDependable
from cdktf_cdktf_provider_google import compute_backend_service as lb, compute_health_check as health
from cdktf_cdktf_provider_google.compute_instance_group_named_port import ComputeInstanceGroupNamedPortA
from cdktf_cdktf_provider_google.iap_web_backend_service_iam_member import IapWebBackendServiceIamMember
from constructs import Construct

from metaflow_gcp.google import members

ACCESSOR = "roles/iap.httpsResourceAccessor"
"""Lets a request pass the proxy. https://cloud.google.com/iap/docs/managing-access#roles"""


class InstanceGroups(Protocol):
    """The nodes that a request may be sent to: a `NodePool`."""

    @property
    def instance_groups(self) -> Sequence[str]:
        """The self links of its instance groups, one for each zone."""


@dataclass(frozen=True, kw_only=True)
class ExposedService:
    """What is reached from the internet, by those who may."""

    name: str
    """Its short name: a-z only. It goes into the names of Google's resources."""
    label: str = ""
    """What its name starts with: `argo` for argo.metaflow.example.com. Default: the domain itself."""
    node_port: int
    """Where each node takes its requests: the `node_port` of a `NodePort`."""
    health_path: str
    """A page that answers 200 without any identity while the service can work: Google's health checks ask for it."""
    members: tuple[str, ...]
    """Who gets through: IAM members. They get the role on this service alone."""
    timeout_seconds: int = 60
    """How long an answer may take. A WebSocket, and a stream of events, ends with it."""


@dataclass(frozen=True, kw_only=True)
class OAuthClient:
    """An OAuth client of one's own, instead of Google's."""

    id: str
    secret: str


class Backend(Construct):
    """Requests come here by the load balancer only, and pass Identity-Aware Proxy from its first moment on."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        service: ExposedService,
        *,
        project: str,
        name: str,
        pool: InstanceGroups,
        security_policy: str,
        oauth_client: OAuthClient | None,
    ) -> None:
        super().__init__(scope, id_)
        ports = self._name_ports(project, service, pool)
        self._service = lb.ComputeBackendService(
            self,
            "service",
            project=project,
            name=name,
            load_balancing_scheme="EXTERNAL_MANAGED",
            protocol="HTTP",
            port_name=service.name,
            timeout_sec=service.timeout_seconds,
            health_checks=[self._check(project, name, service)],
            security_policy=security_policy,
            backend=[
                lb.ComputeBackendServiceBackend(group=group, balancing_mode="UTILIZATION", capacity_scaler=1)
                for group in pool.instance_groups
            ],
            # Without a client Google's own is used: for people of the organisation.
            iap=lb.ComputeBackendServiceIap(
                enabled=True,
                oauth2_client_id=oauth_client.id if oauth_client else None,
                oauth2_client_secret=oauth_client.secret if oauth_client else None,
            ),
            # Who asked for what, in Cloud Logging.
            log_config=lb.ComputeBackendServiceLogConfig(enable=True, sample_rate=1),
            # A browser that was here once never asks without TLS again.
            custom_response_headers=["Strict-Transport-Security: max-age=31536000"],
            depends_on=ports,
        )
        for id_of_member, member in members.ids(service.members):
            IapWebBackendServiceIamMember(
                self,
                f"accessor-{id_of_member}",
                project=project,
                web_backend_service=self._service.name,
                role=ACCESSOR,
                member=member,
            )

    @property
    def id(self) -> str:
        """What routes lead to."""
        return self._service.id

    def _name_ports(self, project: str, service: ExposedService, pool: InstanceGroups) -> list[ITerraformDependable]:
        """The load balancer asks each group for the port of that name."""
        return [
            ComputeInstanceGroupNamedPortA(
                self,
                f"port-{index}",
                project=project,
                # The provider takes the zone from nowhere else, and the name of a pool's group is not ours.
                zone=Fn.element(Fn.regex("zones/([^/]+)/", group), 0),
                group=group,
                name=service.name,
                port=service.node_port,
            )
            for index, group in enumerate(pool.instance_groups)
        ]

    def _check(self, project: str, name: str, service: ExposedService) -> str:
        return health.ComputeHealthCheck(
            self,
            "health",
            project=project,
            name=name,
            # Also what sends requests to the one node that the service's pod is on: the others do not answer.
            check_interval_sec=5,
            timeout_sec=5,
            healthy_threshold=1,
            unhealthy_threshold=2,
            http_health_check=health.ComputeHealthCheckHttpHealthCheck(
                port_specification="USE_SERVING_PORT", request_path=service.health_path
            ),
        ).id
