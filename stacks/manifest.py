"""`cdktf.out/platform.json`: what the deployment needs and how its parts are named, for the tools."""

from typing import Any

from metaflow_gcp import argo_events_values
from metaflow_gcp.client_profile import LOCAL_PORTS
from metaflow_gcp.requirements import Requirements
from stacks.infra import METADATA_ACCOUNT, SERVICES_NAMESPACE, UI_ACCOUNT
from stacks.services import CONTROLLERS_NAMESPACE
from stacks.settings import Settings

VERSION = 1
"""Raised when a key changes its meaning or goes away."""


def manifest(settings: Settings, requirements: Requirements) -> dict[str, Any]:
    pools = {**settings.task_pools, **settings.gpu_pools}
    return {
        "version": VERSION,
        "project": settings.project,
        "environment": settings.environment,
        "region": settings.region,
        "zones": sorted({*settings.zones, *(zone for pool in pools.values() for zone in pool.zones or ())}),
        "machine_types": sorted(
            {settings.cluster.system_pool.machine_type, *(pool.machine_type for pool in pools.values())}
        ),
        "apis": sorted(requirements.apis),
        "quotas": [
            {
                "metric": quota.metric,
                "region": quota.region,
                "at_start": quota.at_start,
                "at_maximum": quota.at_maximum,
            }
            for quota in sorted(requirements.quotas, key=lambda quota: (quota.metric, quota.region or ""))
        ],
        "names": {
            "cluster": settings.cluster_name,
            "bucket": settings.bucket_name,
            "repository": settings.repository_name,
        },
        "forwards": [
            {"name": name, "namespace": namespace, "service": service, "port": LOCAL_PORTS[name]}
            for name, (namespace, service) in _forwards(settings).items()
        ],
    }


def _forwards(settings: Settings) -> dict[str, tuple[str, str]]:
    """What people reach by port forward -> its namespace and its Service, which answers at the same port."""
    found = {
        "metadata-service": (SERVICES_NAMESPACE, METADATA_ACCOUNT),
        "metaflow-ui": (SERVICES_NAMESPACE, UI_ACCOUNT),
    }
    if settings.argo.enabled:
        found["argo-server"] = (CONTROLLERS_NAMESPACE, "argo-workflows-server")
        if settings.argo.events:
            found["events"] = (settings.jobs.namespace, f"{argo_events_values.EVENT_SOURCE}-eventsource-svc")
    return found
