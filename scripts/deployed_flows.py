"""Which flows are deployed to Argo Workflows: whoever removes them should know their names."""

import json
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.auth.transport.requests import Request
from kubernetes.client import ApiClient, Configuration, CustomObjectsApi

from metaflow_gcp_tools.clients import google_credentials, kubernetes as kubernetes_api
from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.problems import CommandFailed

_METAFLOWS = "app.kubernetes.io/part-of=metaflow"
"""The label of all that Metaflow deploys (`_base_kubernetes_labels` in its plugins/argo/argo_workflows.py)."""


def told(services: Path) -> Iterator[str]:
    """Lines for people; `services` is the folder of the stack, which Terraform has initialized."""
    try:
        platform = _platform(services)
        with kubernetes_api.asking(platform.cluster_name):
            found = named(_client(platform), platform.jobs_namespace)
    except CommandFailed as failed:
        yield f"Which flows are deployed is not known: {failed.what}"
        return
    yield "Deployed flows, which their owners must deploy again:" if found else "No flows are deployed."
    yield from (f"  {each}" for each in found)


def named(client: Any, namespace: str) -> list[str]:
    """Each deployed flow: its name, the template's, whose it is, and what starts it."""
    templates = CustomObjectsApi(client).list_namespaced_custom_object(
        "argoproj.io",
        "v1alpha1",
        namespace,
        "workflowtemplates",
        label_selector=_METAFLOWS,
        _request_timeout=kubernetes_api.TIMEOUT,
    )["items"]
    return sorted(_line(each["metadata"]) for each in templates)


def _line(metadata: dict[str, Any]) -> str:
    said = metadata.get("annotations") or {}
    about = [
        metadata["name"],
        f"of {said['metaflow/owner']}" if "metaflow/owner" in said else "",
        "on a schedule" if "metaflow/cron" in said else "",
        "started by events" if "metaflow/sensor_name" in said else "",
    ]
    return f"{said.get('metaflow/flow_name', 'a flow')} ({', '.join(filter(None, about))})"


def _platform(services: Path) -> Platform:
    ended = subprocess.run(["terraform", "output", "-json"], cwd=services, capture_output=True, text=True, check=False)
    try:
        return Platform.parse(json.loads(ended.stdout)["platform_description"]["value"], "the state of services")
    except (ValueError, KeyError):
        raise CommandFailed.of(
            what="the state of the stack `services` does not say where the cluster is", next_step=""
        ) from None


def _client(platform: Platform) -> ApiClient:
    """With Terraform's own credentials: whoever deploys need not have a kubeconfig."""
    credentials = google_credentials.find().credentials
    if not credentials.valid:
        credentials.refresh(Request())
    configuration = Configuration(host=f"https://{platform.cluster_dns_endpoint}")
    # This machine's authorities, that of a company's proxy among them; the client's own list lacks it.
    configuration.ssl_ca_cert = ssl.get_default_verify_paths().cafile
    configuration.api_key = {"authorization": f"Bearer {credentials.token}"}
    return ApiClient(configuration)
