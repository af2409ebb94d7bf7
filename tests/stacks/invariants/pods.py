"""Every pod that a platform starts: those of our own objects, of controllers' custom objects, and of others' charts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rehearsal.cloud import charts
from tests.stacks.invariants.objects import Manifest, Release

# Named ports that no value names: what the chart's templates and the controller's source say.
# https://github.com/argoproj/argo-events/blob/v1.9.10/pkg/reconciler/eventbus/installer/jetstream.go
OF_A_BUS = {"client": 4222, "cluster": 6222, "monitor": 8222, "metrics": 7777}
OF_A_SOURCE = {"metrics": 7777}
"""pkg/reconciler/eventsource/resource.go"""
ARGO_SERVER = 2746
JOBSET_WEBHOOK = 9443


@dataclass(frozen=True)
class Pod:
    owner: str
    """What it comes from: kind and name, or the release and its part."""
    namespace: str
    labels: dict[str, str]
    spec: dict[str, Any]
    """As Kubernetes' PodSpec has it."""
    replicas: int = 1
    at_rest: bool = True
    """Whether it runs while nobody runs a flow."""

    @property
    def containers(self) -> list[dict[str, Any]]:
        return [*self.spec["containers"], *self.spec.get("initContainers", [])]

    @property
    def ports(self) -> dict[str, int]:
        return {port["name"]: port["containerPort"] for each in self.containers for port in each.get("ports", [])}


def of(objects: list[Manifest], releases: list[Release]) -> list[Pod]:
    """All of them."""
    found = [_of_object(each, releases) for each in objects if each["kind"] in ("Deployment", "Job")]
    found += [_of_bus(each, releases) for each in objects if each["kind"] == "EventBus"]
    found += [_of_source(each, releases) for each in objects if each["kind"] == "EventSource"]
    return found + [pod for release in releases if not release.is_local for pod in _of_release(release)]


def parts(release: Release) -> dict[str, dict[str, Any]]:
    """The parts of a chart that run: whatever it gives a number of replicas, unless it is switched off."""
    return {
        name: values
        for name, values in release.values.items()
        if isinstance(values, dict) and "replicas" in values and values.get("enabled", True)
    }


def made_by_charts(releases: list[Release]) -> Iterator[Manifest]:
    """Objects of others' charts that something of ours names, as the charts make them of their values."""
    for release in (each for each in releases if not each.is_local):
        values, name = release.values, release.name
        if name == "argo-workflows":
            config, server = values["controller"]["configMap"], values["server"]
            if config["create"]:
                yield _object(release, "ConfigMap", config["name"], data={})
            port = {"name": "web", "port": server["servicePort"], "targetPort": server["serviceTargetPort"]}
            selector = _labels(release, server["name"])
            yield _object(release, "Service", f"{name}-{server['name']}", spec={"ports": [port], "selector": selector})
        if name == "jobset":
            yield _object(release, "ServiceAccount", "jobset-controller")
            port = {"name": "webhook", "port": 443, "targetPort": JOBSET_WEBHOOK}
            selector = _labels(release, "controller")
            yield _object(release, "Service", "jobset-webhook-service", spec={"ports": [port], "selector": selector})


def _object(release: Release, kind: str, name: str, **content: Any) -> Manifest:
    return {"kind": kind, "metadata": {"namespace": release.namespace, "name": name}, **content}


def _of_object(manifest: Manifest, releases: list[Release]) -> Pod:
    spec, template = manifest["spec"], manifest["spec"]["template"]
    return Pod(
        owner=f"{manifest['kind']} {manifest['metadata']['name']}",
        namespace=manifest["metadata"]["namespace"],
        labels=template["metadata"]["labels"],
        spec=template["spec"],
        replicas=spec.get("replicas", 1),
        at_rest=manifest["kind"] == "Deployment",
    )


def _of_bus(manifest: Manifest, releases: list[Release]) -> Pod:
    jetstream = manifest["spec"]["jetstream"]
    versions = [
        version
        for release in releases
        if release.name == "argo-events"
        for version in release.values["configs"]["jetstream"]["versions"]
        if version["version"] == jetstream["version"]
    ]
    images = versions[0] if versions else {}
    containers = [
        {"name": "main", "image": images.get("natsImage", "")} | jetstream["containerTemplate"],
        {"name": "metrics", "image": images.get("metricsExporterImage", "")} | jetstream["metricsContainerTemplate"],
        {"name": "reloader", "image": images.get("configReloaderImage", "")} | jetstream["reloaderContainerTemplate"],
    ]
    containers[0]["ports"] = [{"name": name, "containerPort": port} for name, port in OF_A_BUS.items()]
    return _of_controller(manifest, jetstream, jetstream["metadata"]["labels"], containers, jetstream["replicas"])


def _of_source(manifest: Manifest, releases: list[Release]) -> Pod:
    spec, template = manifest["spec"], manifest["spec"]["template"]
    image = next((_image(each, {}) for each in releases if each.name == "argo-events"), "")
    container = {"name": "main", "image": image} | template["container"]
    container["ports"] = [
        {"name": name, "containerPort": port}
        for name, port in (
            *((name, int(webhook["port"])) for name, webhook in spec["webhook"].items()),
            *OF_A_SOURCE.items(),
        )
    ]
    return _of_controller(manifest, template, template["metadata"]["labels"], [container], spec["replicas"])


def _of_controller(manifest: Manifest, about: dict[str, Any], labels: Any, containers: Any, replicas: int) -> Pod:
    name = manifest["metadata"]["name"]
    given = {key: value.format(name=name) for key, value in charts.makes()[manifest["kind"]]["labels"].items()}
    kept = ("serviceAccountName", "securityContext", "nodeSelector", "tolerations")
    return Pod(
        owner=f"{manifest['kind']} {name}",
        namespace=manifest["metadata"]["namespace"],
        labels=labels | given,
        # Argo Events makes pods without a token unless they ask for one; their account has none.
        spec={"automountServiceAccountToken": False}
        | {key: about[key] for key in kept if key in about}
        | {"containers": containers},
        replicas=replicas,
    )


def _of_release(release: Release) -> Iterator[Pod]:
    for name, part in parts(release).items():
        account = part.get("serviceAccount", {"name": f"{release.name}-{name}", "create": False})
        ports = {}
        if (release.name, name) == ("argo-workflows", "server"):
            ports = {"web": ARGO_SERVER}
        if (metrics := part.get("metricsConfig", {})).get("enabled"):
            ports = {metrics["portName"]: metrics["port"]}
        if release.name == "jobset":
            ports = {"webhook": JOBSET_WEBHOOK}
        yield Pod(
            owner=f"release {release.name}: {name}",
            namespace=release.namespace,
            labels=_labels(release, part.get("name", name)),
            spec={
                "serviceAccountName": account["name"],
                # They talk to the Kubernetes API: that is what they are.
                "automountServiceAccountToken": True,
                "securityContext": part.get("podSecurityContext") or release.values["global"]["securityContext"],
                "nodeSelector": part["nodeSelector"],
                "tolerations": part["tolerations"],
                "containers": [
                    {
                        "name": name,
                        "image": _image(release, part.get("image", {})),
                        "securityContext": part.get("containerSecurityContext") or part["securityContext"],
                        "resources": part["resources"],
                        "ports": [{"name": key, "containerPort": port} for key, port in ports.items()],
                    }
                ],
            },
            replicas=part["replicas"],
        )


def _labels(release: Release, part: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/instance": release.name,
        "app.kubernetes.io/name": f"{release.name}-{part}",
    }


def _image(release: Release, own: dict[str, str]) -> str:
    """As the charts put it together: the part's own, else what stands for all parts, else the chart's version."""
    values = release.values
    everywhere = values.get("global", {}).get("image") or values.get("image", {})
    repository = own.get("repository") or everywhere["repository"]
    registry = f"{own['registry']}/" if own.get("registry") else ""
    tag = own.get("tag") or everywhere.get("tag") or values.get("images", {}).get("tag") or release.chart.app_version
    return f"{registry}{repository}:{tag}"
