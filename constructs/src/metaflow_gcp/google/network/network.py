"""The network that nodes, pods and the database's internal address live in."""

from dataclasses import dataclass
from typing import Annotated, Protocol

from cdktf import Postcondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_google import (
    compute_firewall as firewall,
    compute_router_nat as nat,
    compute_subnetwork as subnet,
)
from cdktf_cdktf_provider_google.compute_network import ComputeNetwork
from cdktf_cdktf_provider_google.compute_router import ComputeRouter
from cdktf_cdktf_provider_google.data_google_compute_subnetwork import DataGoogleComputeSubnetwork
from constructs import Construct

from metaflow_gcp import names
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.network import cidrs
from metaflow_gcp.google.requirements import Quota, Requirements
from metaflow_gcp.properties import Properties

_APIS = frozenset({"compute.googleapis.com"})

WEBHOOK_PORT = 9443
"""Where admission webhooks answer: the default of controller-runtime, which JobSet keeps. The API server calls the
controller's pod there: a firewall between control plane and nodes must let it through, and GKE's own rule opens 443 and
10250 only. https://cloud.google.com/kubernetes-engine/docs/concepts/firewall-rules"""


class Subnetwork(Protocol):
    """What the other constructs need of a network: one subnet of it, with ranges for pods and services."""

    @property
    def network(self) -> str:
        """The VPC's self link."""

    @property
    def subnetwork(self) -> str:
        """The subnet's self link."""

    @property
    def pods_range(self) -> str:
        """The name of the secondary range that pods take their addresses from."""

    @property
    def services_range(self) -> str:
        """The name of the secondary range that Kubernetes Services take theirs from."""


@dataclass(frozen=True, kw_only=True)
class NetworkProps(Properties):
    project: str
    """The id of the project."""
    name: Annotated[str, names.RESOURCE]
    """The VPC's name. Router, NAT and firewall rules are named after it."""
    subnetwork_name: Annotated[str, names.RESOURCE]
    """The subnet's name."""
    region: str
    """The subnet's region."""
    nodes_cidr: str
    """The subnet's primary range: one address a node. Private (RFC 1918), /29 or larger."""
    pods_cidr: str
    """GKE gives every node a /24 of it, so a /14 carries 1,024 nodes. It cannot be changed later.
    https://cloud.google.com/kubernetes-engine/docs/concepts/alias-ips#defaults_limits"""
    services_cidr: str
    """One address a Kubernetes Service; a /20 holds 4,096."""
    flow_logs: bool = True
    """Sampled records of the subnet's connections, in Cloud Logging."""

    def _check(self, checks: Checks) -> None:
        cidrs.check_ranges(checks, nodes=self.nodes_cidr, pods=self.pods_cidr, services=self.services_cidr)


class Network(Construct):
    """A VPC with one subnet for a VPC-native cluster: nodes without external addresses, and NAT for their way out."""

    def __init__(self, scope: Construct, id_: str, props: NetworkProps) -> None:
        super().__init__(scope, id_)
        network = ComputeNetwork(
            self,
            "vpc",
            project=props.project,
            name=props.name,
            # Automatic mode makes a subnet in every region, with ranges that meet other networks'.
            auto_create_subnetworks=False,
            routing_mode="REGIONAL",
        )
        subnetwork = subnet.ComputeSubnetwork(
            self,
            "subnetwork",
            project=props.project,
            name=props.subnetwork_name,
            region=props.region,
            network=network.self_link,
            ip_cidr_range=props.nodes_cidr,
            # Nodes have no external address: this is how they reach Google's APIs and registries.
            private_ip_google_access=True,
            secondary_ip_range=[
                subnet.ComputeSubnetworkSecondaryIpRange(range_name="pods", ip_cidr_range=props.pods_cidr),
                subnet.ComputeSubnetworkSecondaryIpRange(range_name="services", ip_cidr_range=props.services_cidr),
            ],
            log_config=subnet.ComputeSubnetworkLogConfig(
                # Half of the default sample (0.5) and ten-minute aggregates: enough to see who talked to whom.
                aggregation_interval="INTERVAL_10_MIN",
                flow_sampling=0.25,
                metadata="INCLUDE_ALL_METADATA",
            )
            if props.flow_logs
            else None,
        )
        self._add_way_out(props, network, subnetwork)
        self._add_firewall(props, network)
        self._network = network
        self._subnetwork = subnetwork

    @property
    def network(self) -> str:
        return self._network.self_link

    @property
    def subnetwork(self) -> str:
        return self._subnetwork.self_link

    @property
    def pods_range(self) -> str:
        return "pods"

    @property
    def services_range(self) -> str:
        return "services"

    @property
    def requirements(self) -> Requirements:
        return Requirements(
            apis=_APIS,
            # NAT's external address.
            quotas=(Quota(metric="IN_USE_ADDRESSES", region=self._subnetwork.region_input, at_start=1, at_maximum=1),),
        )

    def _add_way_out(self, props: NetworkProps, network: ComputeNetwork, subnetwork: subnet.ComputeSubnetwork) -> None:
        router = ComputeRouter(
            self,
            "router",
            project=props.project,
            name=f"{props.name}-router",
            region=props.region,
            network=network.self_link,
        )
        nat.ComputeRouterNat(
            self,
            "nat",
            project=props.project,
            name=f"{props.name}-nat",
            region=props.region,
            router=router.name,
            nat_ip_allocate_option="AUTO_ONLY",
            source_subnetwork_ip_ranges_to_nat="LIST_OF_SUBNETWORKS",
            subnetwork=[
                nat.ComputeRouterNatSubnetwork(name=subnetwork.self_link, source_ip_ranges_to_nat=["ALL_IP_RANGES"])
            ],
            # A foreach of many tasks that install packages opens far more than the fixed 64 ports a node; endpoint-
            # independent mapping cannot be had together with it.
            enable_dynamic_port_allocation=True,
            enable_endpoint_independent_mapping=False,
            min_ports_per_vm=64,
            max_ports_per_vm=8192,
            log_config=nat.ComputeRouterNatLogConfig(enable=True, filter="ERRORS_ONLY"),
        )

    def _add_firewall(self, props: NetworkProps, network: ComputeNetwork) -> None:
        firewall.ComputeFirewall(
            self,
            "deny-ingress",
            project=props.project,
            name=f"{props.name}-deny-ingress",
            network=network.self_link,
            direction="INGRESS",
            # Just above the implied rule, which denies the same but leaves no trace. GKE's own rules (nodes, pods,
            # control plane) have priority 900 to 1000 and come first.
            priority=65534,
            source_ranges=["0.0.0.0/0"],
            deny=[firewall.ComputeFirewallDeny(protocol="all")],
            log_config=firewall.ComputeFirewallLogConfig(metadata="EXCLUDE_ALL_METADATA"),
        )
        firewall.ComputeFirewall(
            self,
            "webhooks",
            project=props.project,
            name=f"{props.name}-webhooks",
            network=network.self_link,
            direction="INGRESS",
            # The control plane asks controllers about new objects. Its address lies in the subnet, or it comes by way
            # of an agent among the pods; GKE's own rule lets it reach 443 and 10250 only.
            # https://cloud.google.com/kubernetes-engine/docs/concepts/firewall-rules
            source_ranges=[props.nodes_cidr, props.pods_cidr],
            allow=[firewall.ComputeFirewallAllow(protocol="tcp", ports=[str(WEBHOOK_PORT)])],
        )


@dataclass(frozen=True, kw_only=True)
class ExistingNetworkProps:
    project: str
    """The project that holds the network (the host project of a Shared VPC)."""
    region: str
    """The subnet's region."""
    network: str
    """The VPC's name."""
    subnetwork: str
    """The subnet's name."""
    pods_range: str
    """The name of the subnet's secondary range for pods."""
    services_range: str
    """The name of the subnet's secondary range for Services."""


class ExistingNetwork(Construct):
    """A network that is there already. The plan fails when it lacks the ranges or private access to Google's APIs."""

    requirements = Requirements(apis=_APIS)

    def __init__(self, scope: Construct, id_: str, props: ExistingNetworkProps) -> None:
        super().__init__(scope, id_)
        self._subnetwork = DataGoogleComputeSubnetwork(
            self,
            "subnetwork",
            project=props.project,
            region=props.region,
            name=props.subnetwork,
            lifecycle=TerraformResourceLifecycle(
                postcondition=[
                    Postcondition(
                        condition='${contains(self.secondary_ip_range[*].range_name, "' + name + '")}',
                        error_message=f"Subnet {props.subnetwork} has no secondary range {name}.",
                    )
                    for name in (props.pods_range, props.services_range)
                ]
                + [
                    Postcondition(
                        condition='${endswith(self.network, "/' + props.network + '")}',
                        error_message=f"Subnet {props.subnetwork} is not in the network {props.network}.",
                    ),
                    Postcondition(
                        condition="${self.private_ip_google_access}",
                        error_message=f"Subnet {props.subnetwork} needs private_ip_google_access: nodes have no "
                        "external address and reach Google's APIs through it.",
                    ),
                ]
            ),
        )
        self.pods_range = props.pods_range
        self.services_range = props.services_range

    @property
    def network(self) -> str:
        return self._subnetwork.network

    @property
    def subnetwork(self) -> str:
        return self._subnetwork.self_link
