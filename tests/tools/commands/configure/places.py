"""What a teammate finds: a platform's profile and description, and a kubeconfig of other clusters."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROFILE = {
    "METAFLOW_DEFAULT_DATASTORE": "gs",
    "METAFLOW_DATASTORE_SYSROOT_GS": "gs://storage-acme-acme-metaflow-metaflow-default/metaflow",
    "METAFLOW_SERVICE_URL": "http://127.0.0.1:8080/",
    "METAFLOW_KUBERNETES_NAMESPACE": "metaflow-jobs",
    "METAFLOW_ARGO_EVENTS_EVENT": "metaflow-event",
}

DESCRIPTION: dict[str, Any] = {
    "kind": "PlatformDescription",
    "version": 1,
    "project": "acme-metaflow",
    "environment": "default",
    "bucket": "storage-acme-acme-metaflow-metaflow-default",
    "cluster_name": "gke-metaflow-default",
    "cluster_location": "us-west1",
    "cluster_dns_endpoint": "gke-0.us-west1.gke.goog",
    "images": "us-west1-docker.pkg.dev/x/y",
    "services_namespace": "metaflow",
    "jobs_namespace": "metaflow-jobs",
    "forwards": [
        {"name": "metadata-service", "namespace": "metaflow", "service": "metadata-service", "port": 8080},
        {"name": "argo-server", "namespace": "argo", "service": "argo-workflows-server", "port": 2746},
        {"name": "events", "namespace": "metaflow-jobs", "service": "events", "port": 12000},
    ],
}

CONTEXT = "gke_acme-metaflow_us-west1_gke-metaflow-default"


def write(folder: Path, profile: Mapping[str, object] | None = None, **description: object) -> Path:
    """As somebody copied it from the bucket by hand."""
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(PROFILE if profile is None else profile, indent=2) + "\n")
    (folder / "description.json").write_text(json.dumps(DESCRIPTION | description, indent=2) + "\n")
    return folder


KUBECONFIG = """\
# Mine; do not touch.
apiVersion: v1
clusters:
- cluster:   # the old one
    certificate-authority-data: LS0tLS1CRUdJTg==
    server: https://10.0.0.1
  name: old   # since 2019

# What I may do there:
contexts:
- context: {cluster: old, namespace: "team a", user: me}
  name: old
current-context: old
kind: Config
preferences:
  colors: true
users:
- name: me
  user:
    token: 'secret-of-mine'
# The end.
"""
