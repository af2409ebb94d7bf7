"""What Kubernetes admits where tasks run: more than roles can say."""

from dataclasses import dataclass
from pathlib import Path

from cdktf import ITerraformDependable
from constructs import Construct

from metaflow_gcp import externals
from metaflow_gcp.checks import Checks
from metaflow_gcp.kubernetes import images
from metaflow_gcp.kubernetes.helm import release as helm_release
from metaflow_gcp.kubernetes.helm.values import Values
from metaflow_gcp.kubernetes.placement import ANYWHERE, Placement
from metaflow_gcp.names import KubernetesName
from metaflow_gcp.properties import Properties

_CHART = Path(__file__).parent / "charts" / "metaflow-admission"
"""The kubernetes provider 2.38 has no resource for these policies but `kubernetes_manifest`, which has to reach the
cluster to plan."""


@dataclass(frozen=True, kw_only=True)
class JobsAdmissionProps(Properties):
    namespace: KubernetesName
    """Where the controllers of Argo and JobSet run, and the release is kept. It must exist."""
    jobs_namespace: KubernetesName
    """Where tasks run. The policies hold there."""
    tasks_service_account: KubernetesName
    """The one account of `jobs_namespace`, besides `default`, that tasks run as."""
    executor_service_account: KubernetesName | None = None
    """`ArgoWorkflows.executor_service_account`: Argo's own containers alone hold its token. Default: no workflows."""
    executor_image: str = externals.name("argo-executor")
    """`ArgoWorkflows.executor_image`: how Argo's own containers are told from a task's."""
    sensor_service_account: KubernetesName | None = None
    """`ArgoEvents.service_account`, what sensors run as. Default: no sensors."""
    events_priority_class: KubernetesName | None = None
    """`ArgoEvents.priority_class`, which tasks may not take: `JobsLimits` does not count its pods. Default: none."""
    jobsets: bool = False
    """Whether there is a JobSet controller in `namespace`: it is bound to `jobs_namespace`."""
    platform_nodes: Placement = ANYWHERE
    """The nodes of the platform's own services. Tasks may not tolerate their taints."""

    def _check(self, checks: Checks) -> None:
        images.check_pinned(checks, "executor_image", self.executor_image)


class JobsAdmission(Construct):
    """Policies for what is made in the tasks' namespace, evaluated by the API server itself.

    A role says who may make a pod, and nothing of the pod. Without these policies whoever runs a task may run it as
    any account of the namespace, mount the event bus's passwords, take the webhook's place, or have a controller do it.
    """

    def __init__(self, scope: Construct, id_: str, props: JobsAdmissionProps) -> None:
        super().__init__(scope, id_)
        self._release = helm_release.install_own(
            self, "policies", folder=_CHART, namespace=props.namespace, values=_values(props), depends_on=[]
        )

    @property
    def release(self) -> ITerraformDependable:
        """What is to be held by the policies from its start waits for this."""
        return self._release


def _values(props: JobsAdmissionProps) -> Values:
    values: dict[str, Values | str | list[str]] = {
        "controllersNamespace": props.namespace,
        "jobs": {"namespace": props.jobs_namespace, "account": props.tasks_service_account},
        "platformTaints": sorted({taint.key for taint in props.platform_nodes.taints}),
    }
    if props.executor_service_account is not None:
        values["workflows"] = {
            "executorAccount": props.executor_service_account,
            "executorImage": props.executor_image,
        }
    if props.sensor_service_account is not None:
        values["events"] = {"sensorAccount": props.sensor_service_account}
    if props.events_priority_class is not None:
        values["platformPriorityClasses"] = [props.events_priority_class]
    if props.jobsets:
        # As JobSet's chart names it.
        values["jobset"] = {"controllerAccount": "jobset-controller"}
    return values
