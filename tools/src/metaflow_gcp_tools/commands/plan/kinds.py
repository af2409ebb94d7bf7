"""The kinds of resources that a deployment consists of: their plain names, and what it means when one is destroyed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Effect = Literal["data", "interruption", "harmless"]
"""Of destroying a resource, also when another one replaces it. `data`: something is lost that no deployment brings
back. `interruption`: something stops working, at least until a deployment is over. `harmless`: nobody notices."""


@dataclass(frozen=True)
class Kind:
    one: str
    effect: Effect
    lost: str = ""
    """What is lost, or what stops working."""
    back: str = ""
    """With `data`: whether and how it can be had again."""
    many: str = ""
    """Unless it is the one with an s."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "many", self.many or f"{self.one}s")

    @property
    def takes_flows(self) -> bool:
        """Whether deployed flows go with it."""
        return _DEPLOY_FLOWS in self.back


def of(type_: str, attributes: Mapping[str, Any]) -> Kind:
    """The kind of a resource with these attributes. A type that is not known here is taken to hold data."""
    match type_:
        case "helm_release":
            return _RELEASES.get(str(attributes.get("name")), _UNKNOWN_RELEASE)
        case "google_artifact_registry_repository" if attributes.get("mode") in _REPOSITORIES_WITHOUT_IMAGES:
            return _REPOSITORY_WITHOUT_IMAGES
        case "google_sql_database" if attributes.get("deletion_policy") == "ABANDON":
            return _ABANDONED_DATABASE
    return KINDS.get(type_) or Kind(
        type_,
        "data",
        "this version of metaflow-gcp does not know what such a resource holds",
        "check yourself before you continue",
        many=type_,
    )


_DEPLOYED_FLOWS = "running workflows, deployed flows with their schedules and triggers"
_DEPLOY_FLOWS = "deploy each flow again (`argo-workflows create`); what is done stays in bucket and database"
_ENDPOINT = "nobody reaches the platform at its endpoint in the meantime; forwards go on"
_WATCHED = "nothing watches the platform in the meantime; what is deployed goes on"
_RIGHTS = "whoever has this right is without it in the meantime"


def _right(on: str, on_many: str = "") -> Kind:
    return Kind(f"right on {on}", "interruption", _RIGHTS, many=f"rights on {on_many or on}")


KINDS: Mapping[str, Kind] = {
    "google_certificate_manager_certificate": Kind(
        "certificate", "interruption", f"{_ENDPOINT}; a new certificate takes up to an hour"
    ),
    "google_certificate_manager_certificate_map": Kind("certificate map", "interruption", _ENDPOINT),
    "google_certificate_manager_certificate_map_entry": Kind(
        "entry of a certificate map", "interruption", _ENDPOINT, many="entries of certificate maps"
    ),
    "google_compute_backend_service": Kind(
        "service behind the endpoint", "interruption", _ENDPOINT, many="services behind the endpoint"
    ),
    "google_compute_global_address": Kind(
        "address of the endpoint",
        "interruption",
        "the endpoint gets another address: records that you made yourself must follow",
        many="addresses of the endpoint",
    ),
    "google_compute_global_forwarding_rule": Kind(
        "port of the endpoint", "interruption", _ENDPOINT, many="ports of the endpoint"
    ),
    "google_compute_health_check": Kind("health check", "interruption", _ENDPOINT),
    "google_compute_instance_group_named_port": Kind(
        "named port of the nodes", "interruption", _ENDPOINT, many="named ports of the nodes"
    ),
    "google_compute_security_policy": Kind(
        "Cloud Armor policy",
        "interruption",
        "nothing limits requests to the endpoint in the meantime",
        many="Cloud Armor policies",
    ),
    "google_compute_ssl_policy": Kind("TLS policy", "interruption", _ENDPOINT, many="TLS policies"),
    "google_compute_target_http_proxy": Kind("HTTP proxy", "interruption", _ENDPOINT, many="HTTP proxies"),
    "google_compute_target_https_proxy": Kind("HTTPS proxy", "interruption", _ENDPOINT, many="HTTPS proxies"),
    "google_compute_url_map": Kind("route of the endpoint", "interruption", _ENDPOINT, many="routes of the endpoint"),
    "google_dns_record_set": Kind("DNS record", "interruption", _ENDPOINT),
    "google_endpoints_service": Kind(
        "name of the endpoint",
        "interruption",
        "the endpoint gets another name: `metaflow-gcp configure` tells everybody theirs",
        many="names of the endpoint",
    ),
    "google_iap_web_backend_service_iam_member": _right(
        "a service behind the endpoint", "services behind the endpoint"
    ),
    "google_billing_budget": Kind("budget", "interruption", "nobody hears what the project costs in the meantime"),
    "google_monitoring_alert_policy": Kind("alert policy", "interruption", _WATCHED, many="alert policies"),
    "google_monitoring_dashboard": Kind("dashboard", "interruption", "it gets another address in the console"),
    "google_monitoring_notification_channel": Kind(
        "notification channel", "interruption", "whom it reaches hears of no alert in the meantime"
    ),
    "google_pubsub_topic_iam_member": _right("a topic", "topics"),
    "google_artifact_registry_repository": Kind(
        "image registry",
        "data",
        "all images that the team has pushed",
        "not restorable: copy them first (`gcrane cp -r`), or build and push them again",
        many="image registries",
    ),
    "google_artifact_registry_repository_iam_member": _right("an image registry", "image registries"),
    "google_compute_address": Kind(
        "address",
        "interruption",
        "the database is not reachable until the services have the new address",
        many="addresses",
    ),
    "google_compute_firewall": Kind(
        "firewall rule", "interruption", "connections that the rule allows fail in the meantime"
    ),
    "google_compute_forwarding_rule": Kind(
        "endpoint of the database",
        "interruption",
        "the metadata service has no database in the meantime: runs cannot record",
        many="endpoints of the database",
    ),
    "google_compute_network": Kind(
        "network", "interruption", "nothing in it is reachable; what depends on it is listed for itself"
    ),
    "google_compute_router": Kind(
        "router", "interruption", "nodes have no way out: no images, no packages are fetched"
    ),
    "google_compute_router_nat": Kind(
        "NAT gateway", "interruption", "nodes have no way out: no images, no packages are fetched"
    ),
    "google_compute_subnetwork": Kind(
        "subnet", "interruption", "nothing in it is reachable; what depends on it is listed for itself"
    ),
    "google_container_cluster": Kind(
        "GKE cluster",
        "data",
        f"everything in the cluster: running tasks, {_DEPLOYED_FLOWS}, events not delivered yet",
        f"deploy `services` again, then {_DEPLOY_FLOWS}",
    ),
    "google_container_node_pool": Kind(
        "node pool", "interruption", "tasks that run on its nodes are killed; new ones wait for the new pool"
    ),
    "google_project_iam_custom_role": Kind(
        "custom role", "interruption", "people do not reach the cluster in the meantime"
    ),
    "google_project_iam_member": _right("the project"),
    "google_project_service": Kind("enabled API", "harmless"),
    "google_secret_manager_secret": Kind(
        "secret",
        "interruption",
        "the database's password is not in Secret Manager until then; Terraform's state has it and writes it again",
    ),
    "google_secret_manager_secret_iam_member": _right("a secret", "secrets"),
    "google_secret_manager_secret_version": Kind(
        "version of a secret",
        "interruption",
        "the old password can no longer be read in Secret Manager; Terraform's state has the one in force",
        many="versions of secrets",
    ),
    "google_service_account": Kind(
        "service account",
        "interruption",
        "what acts as this account is without rights; Google can restore the account for 30 days "
        "(`gcloud iam service-accounts undelete`)",
    ),
    "google_service_account_iam_member": Kind(
        "right on a service account",
        "interruption",
        "pods cannot act as their account",
        many="rights on service accounts",
    ),
    "google_sql_database": Kind(
        "database",
        "data",
        "all recorded runs, steps and tasks",
        "from a backup, as long as the instance exists (docs/operations.md)",
    ),
    "google_sql_database_instance": Kind(
        "Cloud SQL instance",
        "data",
        "all recorded runs, steps and tasks, and the instance's backups with them",
        "export it first (`gcloud sql export sql`); afterwards only Google's support can, for four days "
        "(https://cloud.google.com/sql/docs/postgres/backup-recovery/backups)",
    ),
    "google_sql_user": Kind("database user", "interruption", "the metadata service cannot log in: runs cannot record"),
    "google_storage_bucket": Kind(
        "bucket",
        "data",
        "every artifact of every run, the logs of tasks, and the profile that people configure themselves from",
        "for the days of its soft delete (`storage.soft_delete_days`), and only while no bucket has the same name: "
        "https://cloud.google.com/storage/docs/use-soft-deleted-buckets",
    ),
    "google_storage_bucket_iam_member": _right("the bucket"),
    "google_storage_bucket_object": Kind("object in the bucket", "harmless", many="objects in the bucket"),
    "helm_release": Kind("Helm release", "interruption"),
    "kubernetes_cluster_role_binding_v1": Kind("cluster role binding", "interruption", _RIGHTS),
    "kubernetes_config_map_v1": Kind("config map", "harmless"),
    "kubernetes_deployment_v1": Kind("deployment", "interruption", "the service does not answer until its new pods do"),
    "kubernetes_limit_range_v1": Kind("limit range", "harmless"),
    "kubernetes_namespace_v1": Kind(
        "namespace",
        "data",
        f"everything in it; in the tasks' namespace that is running tasks, {_DEPLOYED_FLOWS}, events not delivered yet",
        f"deploy `services` again, then {_DEPLOY_FLOWS}",
    ),
    "kubernetes_network_policy_v1": Kind("network policy", "harmless", many="network policies"),
    "kubernetes_pod_disruption_budget_v1": Kind("disruption budget", "harmless"),
    "kubernetes_resource_quota_v1": Kind("resource quota", "harmless"),
    "kubernetes_role_binding_v1": Kind("role binding", "interruption", _RIGHTS),
    "kubernetes_role_v1": Kind("role", "interruption", "whoever is bound to it is without its rights in the meantime"),
    "kubernetes_secret_v1": Kind("Kubernetes secret", "interruption", "pods that read it do not start in the meantime"),
    "kubernetes_service_account_v1": Kind(
        "Kubernetes account", "interruption", "pods that run as it do not start in the meantime"
    ),
    "kubernetes_service_v1": Kind(
        "Kubernetes service", "interruption", "it is not reachable under its name in the meantime"
    ),
    # Disks that are there stay, and keep what it said.
    "kubernetes_storage_class_v1": Kind("storage class", "harmless", many="storage classes"),
    "random_id": Kind(
        "random suffix",
        "interruption",
        "what carries it in its name is replaced, and listed for itself",
        many="random suffixes",
    ),
    "random_password": Kind(
        "generated password",
        "interruption",
        "the old password ends: the services log in again with the new one after `services` is deployed",
    ),
    # What goes with it, `protection` tells.
    "terraform_data": Kind("guard against destroying", "harmless", many="guards against destroying"),
}
"""By the type of Terraform's providers. Every type that the stacks use is here: a test sees to it."""


def _release(effect: Effect, lost: str = "", back: str = "") -> Kind:
    return Kind("Helm release", effect, lost, back)


_RELEASES: Mapping[str, Kind] = {
    # The charts of Argo remove the definitions of their resources, and Kubernetes with these every resource of theirs.
    "argo-workflows": _release(
        "data",
        "running workflows, deployed flows and their schedules: they go with their definitions in the cluster",
        _DEPLOY_FLOWS,
    ),
    "argo-events": _release(
        "data",
        "the triggers of deployed flows, and events not delivered yet: they go with their definitions in the cluster",
        _DEPLOY_FLOWS,
    ),
    "metaflow-events": _release(
        "data",
        "the triggers of deployed flows, and the event bus's disk with the events not delivered yet",
        f"not the events, send them again; {_DEPLOY_FLOWS}",
    ),
    "metaflow-admission": _release(
        "interruption", "Kubernetes admits what it refuses in the jobs' namespace in the meantime"
    ),
    "metaflow-metrics": _release("interruption", "nothing collects Argo's metrics in the meantime"),
    "jobset": _release("interruption", "@parallel steps do not start in the meantime"),
}

_UNKNOWN_RELEASE = _release(
    "data", "this version of metaflow-gcp does not know what such a release holds", "check yourself before you continue"
)

_REPOSITORIES_WITHOUT_IMAGES = ("REMOTE_REPOSITORY", "VIRTUAL_REPOSITORY")

_REPOSITORY_WITHOUT_IMAGES = Kind(
    "image registry that keeps copies or only refers",
    "interruption",
    "images cannot be pulled through it in the meantime",
    many="image registries that keep copies or only refer",
)

_ABANDONED_DATABASE = Kind(
    "database", "interruption", "Terraform forgets it; it stays in its instance, with all recorded runs"
)
