"""The JobSet controller: starts the pods of `@parallel` together, with names that find each other."""

from dataclasses import dataclass

from cdktf import ITerraformDependable
from constructs import Construct

from metaflow_gcp import externals
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.network.network import WEBHOOK_PORT
from metaflow_gcp.kubernetes import images
from metaflow_gcp.kubernetes.helm import charts, release as helm_release, values as helm_values
from metaflow_gcp.kubernetes.helm.values import Values
from metaflow_gcp.kubernetes.placement import ANYWHERE, Placement
from metaflow_gcp.kubernetes.role import grant
from metaflow_gcp.kubernetes.size import Size
from metaflow_gcp.metaflow.argo import jobset_rights
from metaflow_gcp.names import KubernetesName
from metaflow_gcp.properties import Properties


@dataclass(frozen=True, kw_only=True)
class JobSetControllerProps(Properties):
    namespace: KubernetesName
    """Where the controller runs. It must exist, and its pods may be held to the profile `restricted`."""
    jobs_namespace: KubernetesName
    """Where tasks run, and so the pods of a JobSet."""
    executor_service_account: KubernetesName | None = None
    """The account in `jobs_namespace` that makes the JobSet of a deployed flow's `@parallel` step:
    `ArgoWorkflows.executor_service_account`. Default: none, people make JobSets as themselves."""
    chart_version: str = charts.JOBSET.newest
    """One of `kubernetes.helm.charts.JOBSET`."""
    image_repository: str = externals.name("jobset").rpartition(":")[0]
    """The controller's image, without a tag: that follows the chart. (The chart's own default is a moving branch.)"""
    size: Size = Size(cpu="25m", memory="64Mi", memory_limit="512Mi")
    """What the controller asks for. It watches the whole cluster's jobs, pods and services."""
    placement: Placement = ANYWHERE
    """The nodes that it runs on. Default: any."""

    def _check(self, checks: Checks) -> None:
        charts.JOBSET.check(checks, "chart_version", self.chart_version)
        images.check_pinned(checks, "image_repository", f"{self.image_repository}:v0")


class JobSetController(Construct):
    """The pinned chart. It has no setting for one namespace: its cluster role reaches jobs, pods and services of all.

    Its pods' webhook takes part in making the pods of JobSets only. Helm never removes what stands in a chart's folder
    `crds/`: the definition of JobSets outlives the release.
    """

    def __init__(self, scope: Construct, id_: str, props: JobSetControllerProps) -> None:
        super().__init__(scope, id_)
        if props.executor_service_account is not None:
            grant(
                self,
                "executor",
                namespace=props.jobs_namespace,
                name="jobset-executor",
                rights=jobset_rights.EXECUTOR,
                account=(props.jobs_namespace, props.executor_service_account),
            )
        self._release = helm_release.install(
            self,
            "release",
            chart=charts.JOBSET,
            version=props.chart_version,
            namespace=props.namespace,
            values=_values(props),
            # The API server calls it, from an address that no selector can name. It answers over TLS only.
            open_ports=[WEBHOOK_PORT],
        )

    @property
    def release(self) -> ITerraformDependable:
        """What needs JobSets waits for this."""
        return self._release


def _values(props: JobSetControllerProps) -> Values:
    return {
        "image": {
            "repository": props.image_repository,
            "tag": charts.JOBSET.versions[props.chart_version],
            "pullPolicy": helm_values.PULL_POLICY,
        },
        "controller": {
            **helm_values.placed(props.placement),
            "resources": props.size.values,
            "podSecurityContext": helm_values.pod_security(),
            "securityContext": helm_values.container_security(),
        },
    }
