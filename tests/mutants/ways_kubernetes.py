"""Faults that Kubernetes finds: in pods, what selects them, what they need, and who may do what."""

import random
from collections.abc import Iterator
from typing import Any

from tests.mutants.platform import DROPPED, Element, Mutant, Platform, argument, at

DEPLOYMENT, SERVICE, POLICY = "kubernetes_deployment_v1", "kubernetes_service_v1", "kubernetes_network_policy_v1"
POD = ("spec", "template", "spec")


def _containers(platform: Platform) -> Iterator[tuple[Element, tuple[Any, ...], Any]]:
    for element in platform.elements(DEPLOYMENT):
        for kind in ("container", "init_container"):
            for index, container in enumerate(at(platform.of(element), *POD).get(kind, [])):
                yield element, (*POD, kind, index), container


def selector_that_does_not_match(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    name = "app.kubernetes.io/name"
    for element in platform.elements(DEPLOYMENT):
        yield argument(element, ("spec", "selector", "match_labels", name), "another")
        yield argument(element, ("spec", "template", "metadata", "labels", name), "another")
    for element in platform.elements(SERVICE):
        yield argument(element, ("spec", "selector", name), "another")
    for element in platform.elements("kubernetes_pod_disruption_budget_v1"):
        yield argument(element, ("spec", "selector", "match_labels", name), "another")
    for element in platform.elements(POLICY):
        selector = at(platform.of(element), "spec", "pod_selector")
        for label in selector.get("match_labels", {}):
            yield argument(element, ("spec", "pod_selector", "match_labels", label), "another")


def port_that_nobody_opens(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements(SERVICE):
        yield argument(element, ("spec", "port", 0, "target_port"), "https")
        yield argument(element, ("spec", "port", 0, "target_port"), 9999)
    for element, path, container in _containers(platform):
        for probe in ("startup_probe", "readiness_probe", "liveness_probe"):
            if probe in container:
                yield argument(element, (*path, probe, "http_get", "port"), chance.choice(("https", 9999)))
        for index, variable in enumerate(container.get("env", [])):
            if variable["name"].endswith("METADATA_PORT"):
                yield argument(element, (*path, "env", index, "value"), "9999")


def image_that_does_not_exist(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element, path, container in _containers(platform):
        image = container["image"]
        base = image.rpartition(":")[0]
        if "outerbounds" not in image:  # The settings' own: what versions there are of it is not known.
            yield argument(element, (*path, "image"), f"{base}:v9.9.9")
            yield argument(element, (*path, "image"), base)


def key_that_is_missing(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements("kubernetes_secret_v1", "kubernetes_config_map_v1"):
        for key, value in platform.of(element)["data"].items():

            def change(mutated: Platform, element: Element = element, key: str = key, value: Any = value) -> None:
                mutated.of(element)["data"] = {f"{key}2": value}

            yield Mutant(where=f"{element.where}: {key} written {key}2", change=change)
    for element, path, container in _containers(platform):
        for index, variable in enumerate(container.get("env", [])):
            if "value_from" in variable:
                yield argument(element, (*path, "env", index, "value_from", "secret_key_ref", "key"), "passwort")


def namespace_that_is_another(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    """Of an object that others expect elsewhere; or of all."""
    for element in platform.elements():
        metadata = platform.of(element).get("metadata")
        if isinstance(metadata, dict) and "namespace" in metadata:
            yield argument(element, ("metadata", "namespace"), chance.choice(("default", "metaflow-job")))
        elif element.type == "helm_release":
            yield argument(element, ("namespace",), "argo-events")


def requests_larger_than_any_node(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element, path, _ in _containers(platform):
        for resource, amount in (("cpu", "64"), ("memory", "512Gi"), ("memory", "300Mi000")):
            yield argument(element, (*path, "resources", "requests", resource), amount)
        yield argument(element, (*path, "resources", "limits", "memory"), "1Mi")


def place_where_it_may_not_run(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements(DEPLOYMENT):
        yield argument(element, (*POD, "toleration"), DROPPED)
        yield argument(element, (*POD, "toleration", 0, "value"), "false")
        yield argument(element, (*POD, "node_selector", "metaflow-gcp/pool"), "systems")
    for element in platform.elements("google_container_node_pool"):
        config = at(platform.of(element), "node_config")
        if "metaflow-gcp/pool" in config.get("labels", {}):
            yield argument(element, ("node_config", "labels"), DROPPED)
            extra = {"key": "dedicated", "value": "nobody", "effect": "NO_SCHEDULE"}
            yield argument(element, ("node_config", "taint"), [*config["taint"], extra])


def what_pod_security_refuses(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element, path, _ in _containers(platform):
        yield argument(element, (*path, "security_context", "privileged"), True)
        yield argument(element, (*path, "security_context", "capabilities", "add"), ["SYS_ADMIN"])
    for element in platform.elements(DEPLOYMENT):
        for name in ("host_network", "host_pid"):
            yield argument(element, (*POD, name), True)
        volume = {"name": "node", "host_path": {"path": "/"}}
        yield argument(element, (*POD, "volume"), [*at(platform.of(element), *POD, "volume"), volume])
    for element in platform.elements("kubernetes_namespace_v1"):
        labels = at(platform.of(element), "metadata", "labels")
        if labels["pod-security.kubernetes.io/enforce"] == "baseline" and "jobs" not in element.name:
            yield argument(element, ("metadata", "labels", "pod-security.kubernetes.io/enforce"), "restricted")


def volume_that_is_not_there(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element, path, container in _containers(platform):
        for index, _ in enumerate(container.get("volume_mount", [])):
            yield argument(element, (*path, "volume_mount", index, "name"), "another")
    for element in platform.elements("kubernetes_storage_class_v1"):
        yield argument(element, ("parameters", "type"), "pd-ssd")


def network_policy_without_its_port(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements(POLICY):
        spec = platform.of(element)["spec"]
        for direction in ("ingress", "egress"):
            for index, rule in enumerate(spec.get(direction, [])):
                for number, port in enumerate(rule.get("ports", [])):
                    if port["port"] in ("80", "988") or (port["port"], port["protocol"]) == ("53", "TCP"):
                        continue  # Two ways to the same end.
                    yield argument(element, ("spec", direction, index, "ports", number, "port"), "9999")


def quota_below_what_runs(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements("kubernetes_resource_quota_v1"):
        for name in at(platform.of(element), "spec", "hard"):
            if name in ("pods", "requests.cpu", "requests.memory"):
                yield argument(element, ("spec", "hard", name), "0")
    for element in platform.elements("kubernetes_limit_range_v1"):
        for index, limit in enumerate(at(platform.of(element), "spec", "limit")):
            for name in limit.get("max", {}):
                if name in ("cpu", "memory"):
                    yield argument(element, ("spec", "limit", index, "max", name), "1m")


def database_that_is_not_reached(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    """The address, the name, the user, the port or the certificate of the database are others."""
    others = {
        "MF_METADATA_DB_HOST": "10.0.0.99",
        "MF_METADATA_DB_PORT": "3306",
        "MF_METADATA_DB_NAME": "postgresql",
        "MF_METADATA_DB_USER": "root",
        "MF_METADATA_DB_SSL_ROOT_CERT_PATH": "/etc/database/ca.pem",
        "MF_METADATA_DB_SSL_MODE": "disable",
    }
    for element, path, container in _containers(platform):
        for index, variable in enumerate(container.get("env", [])):
            if variable["name"] in others:
                where = (*path, "env", index, "value")
                yield argument(element, where, others[variable["name"]], said=f"{variable['name']} another")


WAYS = {
    "selector that does not match": selector_that_does_not_match,
    "port that nobody opens": port_that_nobody_opens,
    "image that does not exist": image_that_does_not_exist,
    "key of a Secret or ConfigMap missing": key_that_is_missing,
    "another namespace": namespace_that_is_another,
    "requests that no node can meet": requests_larger_than_any_node,
    "taint without toleration, label of no node": place_where_it_may_not_run,
    "what Pod Security refuses": what_pod_security_refuses,
    "volume that is not there": volume_that_is_not_there,
    "network policy without its port": network_policy_without_its_port,
    "ResourceQuota or LimitRange below what runs": quota_below_what_runs,
    "database that is not reached": database_that_is_not_reached,
}
