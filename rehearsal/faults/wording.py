"""What the real providers say when something breaks.

The cloud's own words, and the provider's around them: google 6.50.0, kubernetes 2.38.0 (k8s.io/apimachinery's
pkg/api/errors/errors.go), helm 3.1.1. A type whose messages Magic Modules does not generate has its own here.
"""

import re
from typing import Any

from rehearsal.faults.fault import Fault, Operation
from rehearsal.faults.outcomes import outcome

Message = tuple[str, str]
"""Summary and detail."""

UNAVAILABLE = "googleapi: Error 503: The service is currently unavailable., backendError"
EXPIRED = (
    "googleapi: Error 401: Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie "
    "or other valid authentication credential. See "
    "https://developers.google.com/identity/sign-in/web/devconsole-project., authError"
)
NOT_ANSWERED = f"error while retrieving operation: {UNAVAILABLE}"

_SERVICES = ("artifact_registry", "compute", "container", "secret_manager", "sql", "storage", "service", "project")
_INSTANCE = "google_sql_database_instance"
_USER = "google_sql_user"
_REQUEST = {
    # services/<service>/resource_*.go; {name} is the object's own name.
    "google_container_cluster": {"create": "{error}", "delete": "Error deleting Cluster: {error}"},
    "google_container_node_pool": {
        "create": "error creating NodePool: {error}",
        "delete": "Error deleting NodePool: {error}",
    },
    _INSTANCE: {
        "create": "Error, failed to create instance {name}: {error}",
        "update": "Error, failed to update instance settings for : {error}",
        "delete": "Error, failed to delete instance {name}: {error}",
    },
    _USER: {
        "create": "Error, failed to insert user {name} into instance {instance}: {error}",
        "update": "Error, failed to updateuser {name} into user {instance}: {error}",
        "delete": "Error, failed to deleteuser {name} in instance {instance}: {error}",
    },
    "google_service_account": {
        "create": "Error creating service account: {error}",
        "update": "Error updating service account: {error}",
        "delete": "Error deleting service account: {error}",
    },
    "google_project_iam_custom_role": {
        "create": "Error creating the custom project role projects/{project}/roles/{name}: {error}",
        "update": "Error updating the custom project role {name}: {error}",
        "delete": "Error deleting the custom project role {name}: {error}",
    },
    "google_project_service": {
        "create": "Error when reading or editing Project Service {project}/{name}: Request `Enable Project Services "
        "{project}: map[{name}:{{}}]` returned error: failed to enable services: failed on request preconditions: "
        "{error}",
        "delete": "Error when reading or editing Project Service {project}/{name}: Error disabling service {name} for "
        "project {project}: {error}",
    },
    "google_storage_bucket": {"create": "{error}", "update": "{error}", "delete": "{error}"},
    "google_storage_bucket_object": {
        "create": "Error uploading object {name}: {error}",
        "update": "Error updating object {name}: {error}",
        "delete": "Error deleting contents of object {name}: {error}",
    },
}
_WAIT = {
    "google_container_cluster": {
        "create": "Error waiting for creating GKE cluster: {error}",
        "update": "Error waiting for updating GKE cluster: {error}",
        "delete": "Error waiting for deleting GKE cluster: {error}",
    },
    "google_container_node_pool": {
        "create": "Error waiting for creating GKE NodePool: {error}",
        "update": "Error waiting for updating GKE node pool: {error}",
        "delete": "Error waiting for deleting GKE NodePool: {error}",
    },
    _INSTANCE: {
        "create": "Error waiting for Create Instance: {error}",
        "update": "Error waiting for Update Instance: {error}",
        "delete": "Error, failed to delete instance {name}: Error waiting for Delete Instance: {error}",
    },
    _USER: {
        "create": "Error, failure waiting for insertion of {name} into {instance}: Error waiting for Insert User: "
        "{error}",
        "update": "Error, failure waiting for update of {name} in {instance}: Error waiting for Insert User: {error}",
        "delete": "Error, failed to deleteuser {name} in instance {instance}: Error waiting for Delete User: {error}",
    },
}
_WAITED_FOR = (
    "google_compute_",
    "google_artifact_registry_repository",
    "google_sql_database",
    "google_container_",
    _USER,
)
"""Types whose Create waits for an operation."""

_KUBERNETES_UPDATE = {
    "config_map": "Config Map",
    "role_binding": "RoleBinding",
    "cluster_role_binding": "ClusterRoleBinding",
}
_KUBERNETES_CREATE = ("deployment", "stateful_set", "daemon_set", "job", "limit_range", "resource_quota")
"""The kinds whose Create says `Failed to create`; the others hand the API server's words on."""


def message(fault: Fault, type_: str, operation: Operation, values: dict[str, Any], minutes: int) -> Message:
    """What the provider says; `minutes` is its timeout."""
    if type_.startswith("google_"):
        return _google(fault, type_, operation, values, minutes), ""
    if type_.startswith("helm_"):
        return _helm(fault, operation, values)
    return _kubernetes(fault, type_, operation, values, minutes), ""


def waits(type_: str) -> bool:
    """Whether the provider waits for an operation of the cloud."""
    return type_.startswith(_WAITED_FOR) and not type_.endswith(("_iam_member", "_iam_binding", "_iam_policy"))


def _google(fault: Fault, type_: str, operation: Operation, values: dict[str, Any], minutes: int) -> str:
    fill = {"name": _name(values), "instance": values.get("instance"), "project": values.get("project")}
    if fault.kind == "stockout":
        # services/container/resource_container_node_pool.go: the pool is there, in the state ERROR.
        return f'NodePool {fill["name"]} was created in the error state "ERROR"\n{_stockout(values)}'
    error = {
        "unavailable": UNAVAILABLE,
        "expired": EXPIRED,
        "quota": _quota(type_, values),
        "slow": f"timeout while waiting for state to become '{_done(type_)}' (last state: '{_running(type_)}', "
        f"timeout: {_duration(minutes)})",
    }[fault.kind]
    if fault.when == "before" and fault.kind != "slow":
        return _request(type_, operation, values).format(error=error, **fill)
    if waits(type_):
        lost = error if fault.kind == "slow" else NOT_ANSWERED
        return _wait(type_, operation).format(error=lost, **fill)
    if operation != "create" or fault.kind == "slow" or outcome(type_, values) != "forgotten":
        return _request(type_, operation, values).format(error=UNAVAILABLE, **fill)
    # The connection breaks, the provider asks again, and the object is there: transport/error_retry_predicates.go.
    conflict = f"googleapi: Error 409: Requested entity already exists ({fill['name']})., alreadyExists"
    return _request(type_, operation, values).format(error=conflict, **fill)


def _request(type_: str, operation: Operation, values: dict[str, Any]) -> str:
    own = _REQUEST.get(type_, {}).get(operation)
    if own:
        return own
    if type_.endswith(("_iam_member", "_iam_binding", "_iam_policy")):
        verb = "retrieving" if operation == "read" else "setting"
        on = type_.rsplit("_iam_", 1)[0].removeprefix("google_").replace("_", " ")
        where = str(values.get("project") or values.get("bucket") or values.get("service_account_id") or "").replace(
            "{", ""
        )
        inner = f'Error {verb} IAM policy for {on} "{where}": {{error}}'
        return inner if operation == "read" else f'Error applying IAM policy for {on} "{where}": {inner}'
    noun = _noun(type_)
    if operation == "create":
        return f"Error creating {noun}: {{error}}"
    if operation == "update":
        return f"Error updating {noun} {{name!r}}: {{error}}".replace("{name!r}", '"{name}"')
    return f"Error when reading or editing {noun}: {{error}}"


def _wait(type_: str, operation: Operation) -> str:
    own = _WAIT.get(type_, {}).get(operation)
    if own:
        return own
    noun = _noun(type_)
    verb = {"create": "Creating", "update": "Updating", "delete": "Deleting", "read": "Reading"}[operation]
    around = f"Error waiting to create {noun}: " if operation == "create" else ""
    return f"{around}Error waiting for {verb} {noun}: {{error}}"


def _noun(type_: str) -> str:
    """As Magic Modules calls it: google_compute_router_nat is a RouterNat."""
    rest = type_.removeprefix("google_")
    service = next((each for each in _SERVICES if rest.startswith(f"{each}_")), "")
    return "".join(word.capitalize() for word in rest.removeprefix(f"{service}_").split("_"))


def _name(values: dict[str, Any]) -> str:
    names = ("name", "account_id", "role_id", "secret_id", "repository_id", "service")
    return next((str(values[each]) for each in names if isinstance(values.get(each), str)), "")


def _done(type_: str) -> str:
    return "done: true" if type_.startswith("google_artifact") else "DONE"


def _running(type_: str) -> str:
    return "done: false" if type_.startswith("google_artifact") else "RUNNING"


def _duration(minutes: int) -> str:
    """As Go writes it."""
    return f"{minutes // 60}h{minutes % 60}m0s" if minutes >= 60 else f"{minutes}m0s"


def _region(values: dict[str, Any]) -> str:
    place = str(values.get("region") or values.get("location") or "global")
    return "-".join(place.split("-")[:2])


def _quota(type_: str, values: dict[str, Any]) -> str:
    """As Compute Engine and GKE word it."""
    if type_.startswith("google_container_"):
        return (
            'googleapi: Error 403: Insufficient regional quota to satisfy request: resource "CPUS": request requires '
            "'4.0' and is short '4.0'. project has a quota of '24.0' with '0.0' available. View and manage quotas at "
            f"https://console.cloud.google.com/iam-admin/quotas?usage=USED&project={values.get('project')}., forbidden"
        )
    if type_.startswith("google_compute_"):
        metric = f"{_noun(type_).upper()}S"
        where = "globally" if _region(values) == "global" else f"in region {_region(values)}"
        return f"googleapi: Error 403: Quota '{metric}' exceeded.  Limit: 5.0 {where}., quotaExceeded"
    return (
        "googleapi: Error 429: Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute' "
        "of the service., rateLimitExceeded"
    )


def _stockout(values: dict[str, Any]) -> str:
    zones = values.get("node_locations")
    zone = zones[0] if isinstance(zones, list) and zones else f"{values.get('location')}-a"
    name = _name(values)
    return (
        "Google Compute Engine: Not all instances running in IGM after 35.1s. Expected 1, running 0, transitioning 1. "
        f"Current errors: [GCE_STOCKOUT]: Instance 'gke-{name}-0' creation failed: The zone "
        f"'projects/{values.get('project')}/zones/{zone}' does not have enough resources available to fulfill the "
        "request.  '(resource type:compute)'."
    )


def _kubernetes(fault: Fault, type_: str, operation: Operation, values: dict[str, Any], minutes: int) -> str:
    kind = re.sub(r"_v\d+$", "", type_.removeprefix("kubernetes_"))
    about = values.get("metadata")
    inside = about[0] if isinstance(about, list) and about else {}
    namespace, name = inside.get("namespace"), inside.get("name")
    path = f"{namespace}/{name}" if namespace else f"{name}"
    plural = f"{kind.replace('_', '')}s"
    verb = {"create": "post", "read": "get", "update": "patch", "delete": "delete"}[operation]
    where = f"{verb} {plural} {name}" if operation != "create" else f"post {plural}"
    if fault.kind == "expired":
        error = "Unauthorized"
    elif fault.kind == "slow" or (fault.when == "after" and kind in _KUBERNETES_CREATE[:4]):
        waiting = "1 replicas wanted; 0 replicas Ready" if kind == "deployment" else "not ready"
        # A rollout whose answer is lost is one that the provider stops waiting for.
        return (
            f"Waiting for rollout to finish: {waiting}"
            if operation in ("create", "update")
            else f"timeout while waiting for {kind} {path} (timeout: {_duration(minutes)})"
        )
    elif fault.when == "after":
        error = f'{verb.capitalize()} "https://{_endpoint(namespace, plural, name, operation)}": EOF'
    else:
        error = f"the server is currently unable to handle the request ({where})"
    words = _KUBERNETES_UPDATE.get(kind, kind.replace("_", " "))
    if operation == "update":
        return f"Failed to update {words}: {error}"
    if operation == "create" and kind in _KUBERNETES_CREATE:
        return f"Failed to create {words}: {error}"
    return error


def _endpoint(namespace: str | None, plural: str, name: object, operation: Operation) -> str:
    place = f"namespaces/{namespace}/{plural}" if namespace else plural
    return f"cluster/{place}" + ("" if operation == "create" else f"/{name}")


def _helm(fault: Fault, operation: Operation, values: dict[str, Any]) -> Message:
    """helm/resource_helm_release.go; Helm's pkg/action/install.go and upgrade.go."""
    name = values.get("name")
    error = {
        "expired": "Kubernetes cluster unreachable: the server has asked for the client to provide credentials",
        "slow": "context deadline exceeded",
    }.get(fault.kind, "Kubernetes cluster unreachable: the server is currently unable to handle the request")
    if fault.when == "after":
        error = "context deadline exceeded"
    if operation == "create":
        rolled_back = values.get("atomic") and error == "context deadline exceeded"
        after = f"release {name} failed, and has been uninstalled due to atomic being set: " if rolled_back else ""
        return "installation failed", f"{after}{error}"
    if operation == "update":
        return "Error upgrading chart", f"Upgrade failed: {error}"
    if operation == "delete":
        return "Error uninstalling release", f"Unable to uninstall Helm release {name}: {error}"
    return "Error getting helm release", error
