"""Who gets through to whom: ports of Services and of network policies, which say little of each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rehearsal.cloud.google import calls, permissions
from rehearsal.cloud.kubernetes.kinds import KINDS
from rehearsal.cloud.kubernetes.names import metadata
from rehearsal.cloud.kubernetes.network_policies import let_through, matches, ways_out
from rehearsal.cloud.kubernetes.workloads import labels, pod_of
from rehearsal.cloud.model import Cloud, Key, Object
from rehearsal.protocol.walk import find, first

_WEBHOOK = "webhook-server"
"""How controllers name the port that the API server calls."""


@dataclass(frozen=True, kw_only=True)
class Pods:
    """Those of one workload."""

    owner: str
    cluster: str
    namespace: str
    labels: dict[str, str]
    spec: dict[str, Any]

    @property
    def ports(self) -> dict[str, int]:
        found = [port for _, ports in find(self.spec, "container.port") for port in ports or []]
        return {str(port.get("name") or port["container_port"]): int(port["container_port"]) for port in found}


def findings(cloud: Cloud) -> Iterator[str]:
    everything = pods(cloud)
    for each in cloud.all("kubernetes_service"):
        yield from _of_service(each, everything)
    for each in cloud.all("kubernetes_network_policy"):
        yield from _of_policy(each, everything)
    for one in everything:
        yield from _held_back(cloud, one)
    yield from _webhooks(cloud, everything)


def pods(cloud: Cloud) -> list[Pods]:
    return [
        Pods(
            owner=f"{kind.type.removeprefix('kubernetes_')} {each.key.id}",
            cluster=each.key.scope,
            namespace=str(metadata(each.state).get("namespace")),
            labels=labels(kind, each.state),
            spec=pod_of(kind, each.state),
        )
        for kind in KINDS.values()
        for each in (cloud.all(kind.type) if kind.pods is not None else ())
    ]


def _of_service(service: Object, everything: list[Pods]) -> Iterator[str]:
    selector = first(service.state, "spec.selector") or {}
    for one in _selected(service, {"match_labels": selector}, everything) if selector else ():
        for _, ports in find(service.state, "spec.port"):
            for port in ports or []:
                target = str(port.get("target_port") or port["port"])
                if one.ports and target not in {*one.ports, *map(str, one.ports.values())}:
                    yield f"kubernetes_service {service.key.id}: {one.owner} opens no port {target}"


def _of_policy(policy: Object, everything: list[Pods]) -> Iterator[str]:
    selector = first(policy.state, "spec.pod_selector") or {}
    selected, wanted = _selected(policy, selector, everything), first(selector, "match_labels")
    if wanted and not selected:
        yield f"kubernetes_network_policy {policy.key.id} selects no pods: {wanted}"
    opened = {str(port) for one in selected for port in (*one.ports, *one.ports.values())}
    for _, ports in find(policy.state, "spec.ingress.ports"):
        for port in ports or []:
            if opened and str(port.get("port")) not in opened:
                yield f"kubernetes_network_policy {policy.key.id}: none of its pods opens port {port.get('port')}"


def _held_back(cloud: Cloud, one: Pods) -> Iterator[str]:
    """Names, and Google's APIs with the tokens for them, where pods have an account that may use any."""
    rules = ways_out(cloud, one.cluster, one.namespace, one.labels)
    if not let_through(rules, "53", "UDP"):
        yield f"{one.owner}: network policies let it out to no DNS (port 53, UDP)"
    if _calls_google(cloud, one):
        for port, what in (("443", "Google's APIs"), ("988", "the metadata server")):
            if not let_through(rules, port):
                yield f"{one.owner}: network policies let it out to {what} no more (port {port})"


def _calls_google(cloud: Cloud, one: Pods) -> bool:
    name = f"{one.namespace}/{first(one.spec, 'service_account_name') or 'default'}"
    account = cloud.get(Key("kubernetes_service_account", one.cluster, name))
    acts_as = (metadata(account.state).get("annotations") or {}).get(calls.ANNOTATION) if account else None
    return bool(acts_as and permissions.grants(cloud, str(acts_as)))


def _webhooks(cloud: Cloud, everything: list[Pods]) -> Iterator[str]:
    """GKE lets the control plane of private nodes through to 443 and 10250 only.

    https://cloud.google.com/kubernetes-engine/docs/how-to/private-clusters#add_firewall_rules
    """
    for cluster in cloud.all("google_container_cluster"):
        network = str(cluster.state.get("network") or "").rsplit("/", 1)[-1]
        rules = [
            each.state
            for each in cloud.all("google_compute_firewall")
            if str(each.state["network"]).rsplit("/", 1)[-1] == network
        ]
        opened = {port for rule in rules for _, ports in find(rule, "allow.ports") for port in ports or []}
        webhooks = [
            (one.owner, port)
            for one in everything
            for name, port in one.ports.items()
            if one.cluster == cluster.key.id and name.startswith(_WEBHOOK)
        ]
        for owner, port in webhooks if rules else ():
            if str(port) not in opened | {"443", "10250"}:
                yield f"{owner}: no firewall rule lets the control plane through to its webhook, port {port}"


def _selected(by: Object, selector: Any, everything: list[Pods]) -> list[Pods]:
    place = by.key.scope, metadata(by.state).get("namespace")
    return [one for one in everything if (one.cluster, one.namespace) == place and matches(selector, one.labels)]
