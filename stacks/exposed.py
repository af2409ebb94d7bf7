"""What is behind the endpoint, and for whom."""

from constructs import Construct

from metaflow_gcp.google.endpoint.backend import ExposedService
from metaflow_gcp.google.endpoint.endpoint import FRONT_ENDS
from metaflow_gcp.kubernetes.node_port import NodePort, NodePortProps
from metaflow_gcp.metaflow import ports
from metaflow_gcp.metaflow.argo.workflows import ArgoWorkflows
from metaflow_gcp.metaflow.metadata_service import MetadataService
from metaflow_gcp.metaflow.platform_description import Address
from metaflow_gcp.metaflow.ui import MetaflowUi
from stacks.cluster_names import METADATA_ACCOUNT, UI_ACCOUNT
from stacks.contracts import EndpointOutputs
from stacks.settings import Settings

_AN_HOUR = 3600


def exposed(settings: Settings) -> tuple[ExposedService, ...]:
    """Viewers see the user interface, which only reads. The others are for those who run flows."""
    team = settings.access.users + settings.access.admins
    ui = ExposedService(
        name="ui",
        node_port=ports.UI_ON_NODES,
        health_path="/ping",
        members=team + settings.access.viewers,
        # Its pages hear of news over a WebSocket.
        timeout_seconds=_AN_HOUR,
    )
    metadata = ExposedService(
        name="metadata",
        label="metadata",
        node_port=ports.METADATA_SERVICE_ON_NODES,
        health_path="/ping",
        members=team,
        # A list of 100,000 runs takes its time.
        timeout_seconds=120,
    )
    argo = ExposedService(
        name="argo",
        label="argo",
        node_port=ports.ARGO_SERVER_ON_NODES,
        health_path="/",
        members=team,
        # Its pages follow workflows and logs in one long answer.
        timeout_seconds=_AN_HOUR,
    )
    return (ui, metadata, argo) if settings.argo.enabled else (ui, metadata)


def let_front_ends_in(
    scope: Construct, namespace: str, services: tuple[MetaflowUi, MetadataService], argo: ArgoWorkflows | None
) -> None:
    """Google's load balancer may connect as well, with Identity-Aware Proxy in front of it."""
    ui, metadata = services
    ways = [
        (UI_ACCOUNT, namespace, ui.pods, ports.UI, ports.UI_ON_NODES),
        (METADATA_ACCOUNT, namespace, metadata.pods, ports.METADATA_SERVICE, ports.METADATA_SERVICE_ON_NODES),
    ]
    if argo:
        port, on_nodes = argo.server_port, ports.ARGO_SERVER_ON_NODES
        ways.append((argo.server_service, argo.server_namespace, argo.server_pods, port, on_nodes))
    for name, where, pods, port, on_nodes in ways:
        NodePort(
            scope,
            f"endpoint-{name}",
            NodePortProps(
                namespace=where, name=f"{name}-endpoint", pods=pods, port=port, node_port=on_nodes, sources=FRONT_ENDS
            ),
        )


def address(settings: Settings, outputs: EndpointOutputs) -> Address:
    """Where people and programs find it."""
    hosts = {"ui": outputs.endpoint_ui, "metadata": outputs.endpoint_metadata}
    if outputs.endpoint_argo:
        hosts["argo"] = outputs.endpoint_argo
    by_hand = settings.endpoint.domain is not None and settings.endpoint.dns_zone is None
    return Address(ip=outputs.endpoint_address, hosts=hosts, records_by_hand=by_hand)
