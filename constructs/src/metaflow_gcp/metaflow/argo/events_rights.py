"""What each account of Argo Events may do. Needs no Node.

Files are those of https://github.com/argoproj/argo-events/tree/v1.9.10. The controller reads what it watches from its
cache: it lists and watches where its source says Get.
"""

from metaflow_gcp.kubernetes.rights import right

_ARGO = "argoproj.io"
_OWN = ("eventbus", "eventsources", "sensors")

CONTROLLER = (
    right(
        _ARGO,
        " ".join(_OWN),
        "list watch update",
        "what it is there for; `update` sets and removes its finalizer (pkg/reconciler/sensor/controller.go)",
    ),
    right(
        _ARGO,
        " ".join(f"{kind}/status" for kind in _OWN),
        "update",
        "says how they are (pkg/reconciler/sensor/controller.go)",
    ),
    right(
        _ARGO,
        " ".join(f"{kind}/finalizers" for kind in _OWN),
        "update",
        """what it makes belongs to them, so that it goes with them; used where the cluster has the admission plugin
        OwnerReferencesPermissionEnforcement""",
        unseen="update",
    ),
    right(
        "apps",
        "deployments",
        "create list watch update",
        "a Deployment for each event source and sensor (pkg/reconciler/sensor/resource.go)",
        unseen="update",
    ),
    right(
        "apps",
        "statefulsets",
        "create list watch update",
        "the bus (pkg/reconciler/eventbus/installer/jetstream.go)",
        unseen="update",
    ),
    right(
        "",
        "configmaps services",
        "create list watch update",
        "the bus's configuration and address (pkg/reconciler/eventbus/installer/jetstream.go)",
        unseen="update",
    ),
    right(
        "",
        "persistentvolumeclaims",
        "list watch delete",
        "removes the bus's disks with the bus (pkg/reconciler/eventbus/installer/jetstream.go)",
        unseen="list watch delete",
    ),
    right(
        "",
        "secrets",
        "create list delete",
        """the bus's keys and passwords, which it makes anew when they are damaged
        (pkg/reconciler/eventbus/installer/jetstream.go)""",
        unseen="delete",
    ),
)

SENSOR = (
    right(
        _ARGO,
        "workflows",
        "create",
        """a Workflow that names its template (pkg/sensors/triggers/standard-k8s/standard-k8s.go); the template is read
        by the workflow controller""",
    ),
)
