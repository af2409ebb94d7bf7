"""What a deployment takes: the permissions behind each resource that synth wrote, and the roles that have them.

To create, to change and to destroy. Every role below that lets create also lets read, so that reading is not asked for.
https://cloud.google.com/iam/docs/roles-permissions
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.platform import stacks


def _managed(*kinds: str) -> tuple[str, ...]:
    return tuple(f"{kind}.{verb}" for kind in kinds for verb in ("create", "delete", "update"))


PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    "google_artifact_registry_repository": _managed("artifactregistry.repositories"),
    "google_artifact_registry_repository_iam_member": ("artifactregistry.repositories.setIamPolicy",),
    "google_certificate_manager_certificate": _managed("certificatemanager.certs"),
    "google_certificate_manager_certificate_map": _managed("certificatemanager.certmaps"),
    "google_certificate_manager_certificate_map_entry": _managed("certificatemanager.certmapentries"),
    "google_compute_address": (
        "compute.addresses.createInternal",
        "compute.addresses.deleteInternal",
        "compute.addresses.use",
        "compute.subnetworks.use",
    ),
    "google_compute_backend_service": (
        *_managed("compute.backendServices"),
        "compute.backendServices.setSecurityPolicy",
        "compute.instanceGroups.use",
    ),
    "google_compute_firewall": (*_managed("compute.firewalls"), "compute.networks.updatePolicy"),
    "google_compute_forwarding_rule": (
        "compute.forwardingRules.create",
        "compute.forwardingRules.delete",
        "compute.forwardingRules.pscCreate",
        "compute.forwardingRules.pscDelete",
        "compute.networks.use",
    ),
    "google_compute_global_address": ("compute.globalAddresses.create", "compute.globalAddresses.delete"),
    "google_compute_global_forwarding_rule": (
        "compute.globalForwardingRules.create",
        "compute.globalForwardingRules.delete",
    ),
    "google_compute_health_check": _managed("compute.healthChecks"),
    "google_compute_instance_group_named_port": ("compute.instanceGroups.update",),
    "google_compute_network": _managed("compute.networks"),
    "google_compute_router": _managed("compute.routers"),
    "google_compute_router_nat": ("compute.routers.update",),
    "google_compute_security_policy": (*_managed("compute.securityPolicies"), "compute.securityPolicies.use"),
    "google_compute_ssl_policy": _managed("compute.sslPolicies"),
    "google_compute_target_http_proxy": _managed("compute.targetHttpProxies"),
    "google_compute_target_https_proxy": _managed("compute.targetHttpsProxies"),
    "google_compute_url_map": _managed("compute.urlMaps"),
    "google_compute_subnetwork": (*_managed("compute.subnetworks"), "compute.networks.updatePolicy"),
    "google_container_cluster": (
        *_managed("container.clusters"),
        # The services in it: the roles of people and pods are made by who may give them.
        "container.clusters.connect",
        "container.clusterRoles.bind",
        "container.clusterRoles.escalate",
        "container.namespaces.create",
        "iam.serviceAccounts.actAs",
    ),
    "google_container_node_pool": ("container.clusters.update", "iam.serviceAccounts.actAs"),
    "google_dns_record_set": ("dns.changes.create", *_managed("dns.resourceRecordSets")),
    "google_endpoints_service": _managed("servicemanagement.services"),
    "google_iap_web_backend_service_iam_member": ("iap.webServices.setIamPolicy",),
    # The account that pays is no project: what it takes there, its own administrators say.
    "google_billing_budget": ("serviceusage.services.use",),
    "google_monitoring_alert_policy": _managed("monitoring.alertPolicies"),
    "google_monitoring_dashboard": _managed("monitoring.dashboards"),
    "google_monitoring_notification_channel": _managed("monitoring.notificationChannels"),
    "google_pubsub_topic_iam_member": ("pubsub.topics.setIamPolicy",),
    "google_project_iam_custom_role": _managed("iam.roles"),
    "google_project_iam_member": ("resourcemanager.projects.setIamPolicy",),
    "google_project_service": ("serviceusage.services.enable", "serviceusage.services.use"),
    "google_secret_manager_secret": _managed("secretmanager.secrets"),
    "google_secret_manager_secret_iam_member": ("secretmanager.secrets.setIamPolicy",),
    "google_secret_manager_secret_version": (
        "secretmanager.versions.access",
        "secretmanager.versions.add",
        "secretmanager.versions.destroy",
    ),
    "google_service_account": _managed("iam.serviceAccounts"),
    "google_service_account_iam_member": ("iam.serviceAccounts.setIamPolicy",),
    "google_sql_database": ("cloudsql.databases.create", "cloudsql.databases.delete"),
    "google_sql_database_instance": _managed("cloudsql.instances"),
    "google_sql_user": _managed("cloudsql.users"),
    # An Owner has the rest on each bucket of the project, not on the project, where it would be missed.
    "google_storage_bucket": ("storage.buckets.create", "storage.buckets.delete"),
    "google_storage_bucket_iam_member": ("storage.buckets.create",),
    "google_storage_bucket_object": ("storage.buckets.create",),
}
"""By type of resource."""

DATA_PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    "google_compute_subnetwork": ("compute.subnetworks.get", "compute.subnetworks.use"),
}
"""By type of data source, for what is in somebody else's project."""

_ROLES = {
    "artifactregistry.": ("artifactregistry.admin", "Artifact Registry Administrator"),
    "certificatemanager.": ("certificatemanager.owner", "Certificate Manager Owner"),
    "cloudsql.": ("cloudsql.admin", "Cloud SQL Admin"),
    "compute.": ("compute.networkAdmin", "Compute Network Admin"),
    "compute.instanceGroups.update": ("compute.instanceAdmin.v1", "Compute Instance Admin (v1)"),
    "compute.securityPolicies.": ("compute.securityAdmin", "Compute Security Admin"),
    "dns.": ("dns.admin", "DNS Administrator"),
    "compute.firewalls.": ("compute.securityAdmin", "Compute Security Admin"),
    "container.": ("container.admin", "Kubernetes Engine Admin"),
    "iap.": ("iap.admin", "IAP Policy Admin"),
    "iam.roles.": ("iam.roleAdmin", "Role Administrator"),
    "iam.serviceAccounts.": ("iam.serviceAccountAdmin", "Service Account Admin"),
    "iam.serviceAccounts.actAs": ("iam.serviceAccountUser", "Service Account User"),
    "monitoring.": ("monitoring.editor", "Monitoring Editor"),
    "pubsub.": ("pubsub.admin", "Pub/Sub Admin"),
    "resourcemanager.projects.": ("resourcemanager.projectIamAdmin", "Project IAM Admin"),
    "secretmanager.": ("secretmanager.admin", "Secret Manager Admin"),
    "servicemanagement.": ("servicemanagement.admin", "Service Management Administrator"),
    "serviceusage.": ("serviceusage.serviceUsageAdmin", "Service Usage Admin"),
    "storage.": ("storage.admin", "Storage Admin"),
}


@dataclass(frozen=True, order=True)
class Role:
    """A role of Google's that has the permissions."""

    title: str
    """As the console and the README have it."""
    name: str


NETWORK_USER = Role("Compute Network User", "roles/compute.networkUser")
"""For `DATA_PERMISSIONS`: who uses a network of another project should not be its administrator."""


@dataclass(frozen=True)
class Needed:
    """What the stacks in a folder need."""

    permissions: Mapping[str, frozenset[str]]
    """By project: nearly all in the platform's own, some in that of an existing network."""
    unknown_types: tuple[str, ...]
    """Types of resources that this version knows no permissions of."""


def needed(folder: Path, project: str) -> Needed:
    """Read the stacks that synth wrote. Raises `WrongUse` when there are none."""
    found: dict[str, set[str]] = {}
    unknown: set[str] = set()
    for stack in stacks.read(folder).values():
        for resource_type, _ in _google(stack.get("resource", {})):
            if resource_type in PERMISSIONS:
                found.setdefault(project, set()).update(PERMISSIONS[resource_type])
            else:
                unknown.add(resource_type)
        for data_type, data in _google(stack.get("data", {})):
            if data_type in DATA_PERMISSIONS and data.get("project", project) != project:
                found.setdefault(data["project"], set()).update(DATA_PERMISSIONS[data_type])
    return Needed({each: frozenset(permissions) for each, permissions in found.items()}, tuple(sorted(unknown)))


def _google(blocks: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for block_type, by_id in blocks.items():
        if block_type.startswith("google_"):
            for block in by_id.values():
                yield block_type, block


def role_of(permission: str) -> Role:
    """The role of the README's list that has this permission."""
    name, title = _ROLES[max((prefix for prefix in _ROLES if permission.startswith(prefix)), key=len)]
    return Role(title, f"roles/{name}")
