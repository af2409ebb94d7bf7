"""What GKE's managed Prometheus is told to collect: whether it is there, and whether its collectors get through.

https://github.com/GoogleCloudPlatform/prometheus-engine/blob/v0.17.3/manifests/operator.yaml
"""

from collections.abc import Iterator

from tests.stacks.invariants import selectors
from tests.stacks.invariants.world import World, what

NAMESPACES = ("gmp-system", "gke-gmp-system")
"""Google's, in clusters of either mode."""
COLLECTOR = {"app": "managed-prometheus-collector", "app.kubernetes.io/name": "collector"}


def problems(world: World) -> Iterator[str]:
    for each in world.of_kind("PodMonitoring"):
        found = world.matching(each["metadata"]["namespace"], each["spec"]["selector"])
        if len(found) != 1:
            yield f"{what(each)}: selects {[pod.owner for pod in found]}"
            continue
        [pod] = found
        for endpoint in each["spec"]["endpoints"]:
            port = pod.ports.get(endpoint["port"])
            if port is None:
                yield f"{what(each)}: {pod.owner} has no port {endpoint['port']}"
                continue
            for namespace in NAMESPACES:
                if not selectors.lets_in(world.objects, pod, port, namespace, COLLECTOR):
                    yield f"{pod.owner}: lets in no collector of {namespace} at {port}"
