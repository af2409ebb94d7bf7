"""What the real provider leaves in the state where the cloud has created an object and the answer is lost.

Read from the providers' sources, google 6.50.0, kubernetes 2.38.0 and helm 3.1.1: their Create functions.
"""

from typing import Literal

Outcome = Literal["forgotten", "tainted", "adopted", "again", "noticed", "undone"]
MEANS: dict[Outcome, str] = {
    "forgotten": "is not in the state: the next run meets it and fails, until it is imported",
    "tainted": "is in the state as tainted: the next run replaces it, unless it is protected",
    "adopted": "is not in the state: the next run finds it and takes it over",
    "again": "is not in the state: the next run makes another one, and the first stays",
    "noticed": "is in the state: the provider looks for it itself, and the run goes on",
    "undone": "is gone: the provider removes it before it gives up, and the next run makes it again",
}

OF_TYPE: dict[str, tuple[Outcome, str]] = {
    # The id is set before the wait, and kept where a GET finds the cluster.
    "google_container_cluster": ("tainted", "services/container/resource_container_cluster.go"),
    # "Check if resource was created but apply timed out": a GET after the wait has failed.
    "google_container_node_pool": ("noticed", "services/container/resource_container_node_pool.go"),
    # The id is set before the wait, and kept.
    "google_sql_user": ("tainted", "services/sql/resource_sql_user.go"),
    # Asks first which services are enabled.
    "google_project_service": ("adopted", "services/resourcemanager/resource_google_project_service.go"),
    # An upload replaces what is there.
    "google_storage_bucket_object": ("adopted", "services/storage/resource_storage_bucket_object.go"),
    # Google numbers versions: every request adds one.
    "google_secret_manager_secret_version": (
        "again",
        "services/secretmanager/resource_secret_manager_secret_version.go",
    ),
    # The id is set before the wait for the rollout, and kept.
    "kubernetes_deployment_v1": ("tainted", "resource_kubernetes_deployment_v1.go"),
    "kubernetes_stateful_set_v1": ("tainted", "resource_kubernetes_stateful_set_v1.go"),
    "kubernetes_daemon_set_v1": ("tainted", "resource_kubernetes_daemon_set_v1.go"),
    "kubernetes_job_v1": ("tainted", "resource_kubernetes_job_v1.go"),
    "kubernetes_deployment": ("tainted", "resource_kubernetes_deployment_v1.go"),
    "kubernetes_stateful_set": ("tainted", "resource_kubernetes_stateful_set_v1.go"),
    "kubernetes_daemon_set": ("tainted", "resource_kubernetes_daemon_set_v1.go"),
    "kubernetes_job": ("tainted", "resource_kubernetes_job_v1.go"),
}
_GRANTS = ("_iam_member", "_iam_binding", "_iam_policy")


def outcome(type_: str, config: dict[str, object]) -> Outcome:
    """What becomes of an object of that type.

    The default is what Magic Modules generates: `d.SetId("")` where the wait fails ("The resource didn't actually
    create"); and where nothing waits, the id is set from the answer.
    """
    if type_.startswith("google_") and type_.endswith(_GRANTS):
        return "adopted"  # tpgiamresource/iam.go reads the policy, changes it and writes it: idempotent.
    if type_ == "helm_release":
        # helm/resource_helm_release.go: Create returns without setting the state; with `atomic`, Helm has uninstalled.
        return "undone" if config.get("atomic") else "forgotten"
    return OF_TYPE.get(type_, ("forgotten", ""))[0]


SAVES_PLAN_UNREAD = {"google_sql_user": ("password",)}
"""Attributes that are in the state as planned where an update fails, and that no read corrects.

Where an Update returns an error, the plugin SDK saves the planned values (helper/schema/resource_data.go, State) unless
the resource says `d.Partial(true)`. A later read puts right what the API tells; a password it does not
(services/sql/resource_sql_user.go)."""
