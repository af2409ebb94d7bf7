"""What is wrong with a pod by itself, and what keeps its containers from running once it has a node."""

from collections.abc import Iterator
from typing import Any

from rehearsal.cloud.kubernetes.events import Event
from rehearsal.cloud.quantities import amount
from rehearsal.protocol.walk import first

_PROBES = {"startup_probe": "Startup", "readiness_probe": "Readiness", "liveness_probe": "Liveness"}


def containers(pod: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """`initContainers[0]` and so on, in the order in which they run, and what is written of them."""
    for kind, written in (("init_container", "initContainers"), ("container", "containers")):
        for index, each in enumerate(pod.get(kind) or []):
            yield f"{written}[{index}]", each


def invalid(pod: Any) -> Iterator[str]:
    """What the API server refuses: Kubernetes 1.34, pkg/apis/core/validation/validation.go."""
    volumes = {str(each.get("name")) for each in pod.get("volume") or []}
    names: set[str] = set()
    for where, each in containers(pod):
        if each["name"] in names:
            yield f"{where}.name: Duplicate value: {each['name']!r}"
        names.add(each["name"])
        for index, mount in enumerate(each.get("volume_mount") or []):
            if mount["name"] not in volumes:
                yield f"{where}.volumeMounts[{index}].name: Not found: {mount['name']!r}"
        yield from _resources(where, each)


def _resources(where: str, container: dict[str, Any]) -> Iterator[str]:
    limits = first(container, "resources.limits") or {}
    for sort, given in (("limits", limits), ("requests", first(container, "resources.requests") or {})):
        for name, text in given.items():
            value, limit = amount(str(text)), amount(str(limits.get(name, "")))
            here = f"{where}.resources.{sort}.{name}: Invalid value: {text!r}"
            if value is None:
                yield f"{here}: quantities must match the regular expression"
            elif limit is not None and value > limit:
                yield f"{here}: must be less than or equal to {name} limit of {limits[name]}"


def events(pod: Any) -> Iterator[Event]:
    """What the kubelet says of probes whose port nobody opens."""
    for _, each in containers(pod):
        named = {
            str(port.get("name")): str(port["container_port"]) for port in each.get("port") or [] if port.get("name")
        }
        opened = {str(port["container_port"]) for port in each.get("port") or []}
        for probe, said in _PROBES.items():
            for handler in ("http_get", "tcp_socket"):
                port = first(each, f"{probe}.{handler}.port")
                if port is None or port == "":
                    continue
                if not str(port).isdigit() and str(port) not in named:
                    yield Event(reason="Unhealthy", message=f"{said} probe errored: couldn't find port: {port}")
                elif str(port).isdigit() and opened and str(port) not in opened:
                    yield Event(
                        reason="Unhealthy",
                        message=f"{said} probe failed: dial tcp: connect: connection refused: container {each['name']} "
                        f"opens {', '.join(sorted(opened))}, not {port}",
                    )
