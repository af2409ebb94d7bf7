"""What the client is told in the bucket, against what there is: buckets, Services, accounts, clusters.

`METAFLOW_*` are the settings of Metaflow's client (metaflow/metaflow_config.py).
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from rehearsal.cloud.kubernetes.names import metadata
from rehearsal.cloud.model import Cloud, Object
from rehearsal.protocol.walk import first

_INSIDE = re.compile(r"https?://(?P<name>[a-z0-9-]+)\.(?P<namespace>[a-z0-9-]+)(?:\.svc\S*)?:(?P<port>\d+)")
_HOSTED = re.compile(r"(?P<location>[a-z0-9-]+)-docker\.pkg\.dev/(?P<project>[^/]+)/(?P<repository>[^/]+)")
_NAMESPACES = {"METAFLOW_KUBERNETES_NAMESPACE", "services_namespace", "jobs_namespace"}
_ACCOUNTS = ("METAFLOW_KUBERNETES_SERVICE_ACCOUNT", "METAFLOW_ARGO_EVENTS_SERVICE_ACCOUNT")
_NAMES = {
    "bucket": "google_storage_bucket",
    "project": "google_project",
    "cluster_name": "google_container_cluster",
    "database_instance": "google_sql_database_instance",
}


def findings(cloud: Cloud) -> Iterator[str]:
    for each in cloud.all("google_storage_bucket_object"):
        try:
            content = json.loads(str(each.state.get("content")))
        except ValueError:
            continue
        if isinstance(content, dict):
            for said in _of(cloud, content):
                yield f"google_storage_bucket_object {each.key.id} names {said}"


def _of(cloud: Cloud, content: dict[str, Any]) -> Iterator[str]:
    for name, value in content.items():
        if isinstance(value, str):
            yield from _of_text(cloud, value)
            if name in _NAMES and not _is_there(cloud, _NAMES[name], value):
                yield f"a {_NAMES[name]} that does not exist: {value}"
    for name in _NAMESPACES & content.keys():
        if not any(each.key.id == content[name] for each in cloud.all("kubernetes_namespace")):
            yield f"a namespace that does not exist: {content[name]}"
    yield from _of_cluster(cloud, content)
    for each in content.get("forwards") or []:
        place, service = each.get("namespace"), each.get("service")
        if not any(_is(found, place, service) for found in cloud.all("kubernetes_service")):
            yield f"a Service that does not exist: {place}/{service}"
    namespace = content.get("METAFLOW_KUBERNETES_NAMESPACE")
    for name in _ACCOUNTS:
        account = content.get(name)
        if account and not any(_is(each, namespace, account) for each in cloud.all("kubernetes_service_account")):
            yield f"a service account that does not exist: {namespace}/{account}"


def _of_cluster(cloud: Cloud, content: dict[str, Any]) -> Iterator[str]:
    clusters = [each.state for each in cloud.all("google_container_cluster")]
    endpoint = "control_plane_endpoints_config.dns_endpoint_config.endpoint"
    for name, path in (("cluster_location", "location"), ("cluster_dns_endpoint", endpoint)):
        if name in content and content[name] not in {first(each, path) for each in clusters}:
            yield f"a {name} that no cluster has: {content[name]}"


def _of_text(cloud: Cloud, value: str) -> Iterator[str]:
    if (bucket := re.match(r"gs://([^/]+)", value)) and not _is_there(cloud, "google_storage_bucket", bucket[1]):
        yield f"a bucket that does not exist: {bucket[1]}"
    if hosted := _HOSTED.match(value):
        paths = (str(each.state["id"]) for each in cloud.all("google_artifact_registry_repository", hosted["project"]))
        if (
            f"projects/{hosted['project']}/locations/{hosted['location']}/repositories/{hosted['repository']}"
            not in paths
        ):
            yield f"a repository that does not exist: {hosted[0]}"
    for found in _INSIDE.finditer(value):
        services = [each for each in cloud.all("kubernetes_service") if _is(each, found["namespace"], found["name"])]
        ports = {str(port["port"]) for each in services for port in each.state["spec"][0]["port"]}
        if found["port"] not in ports:
            yield f"a Service that does not exist, or has no such port: {found[0]}"


def _is_there(cloud: Cloud, type_: str, name: str) -> bool:
    if type_ == "google_project":
        return cloud.project_number(name) is not None
    return any(each.state["name"] == name for each in cloud.all(type_))


def _is(each: Object, namespace: Any, name: Any) -> bool:
    return (metadata(each.state).get("namespace"), metadata(each.state).get("name")) == (namespace, name)
