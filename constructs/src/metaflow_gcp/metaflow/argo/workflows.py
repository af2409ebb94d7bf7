"""Argo Workflows: runs deployed flows, on schedules and on events."""

from dataclasses import dataclass, field

from cdktf import ITerraformDependable
from constructs import Construct

from metaflow_gcp import externals
from metaflow_gcp.checks import Checks
from metaflow_gcp.choices import check_each
from metaflow_gcp.kubernetes.account import KubernetesAccount, KubernetesAccountProps
from metaflow_gcp.kubernetes.helm import charts, release as helm_release
from metaflow_gcp.kubernetes.placement import ANYWHERE, Placement
from metaflow_gcp.kubernetes.rights import Right
from metaflow_gcp.kubernetes.role import grant
from metaflow_gcp.metaflow import ports
from metaflow_gcp.metaflow.argo import workflows_rights as rights, workflows_values
from metaflow_gcp.metaflow.argo.workflows_values import KEPT_AFTER_FAILURE, KEPT_AFTER_SUCCESS, KeptSeconds, Sizes
from metaflow_gcp.names import KubernetesName
from metaflow_gcp.properties import Properties


@dataclass(frozen=True, kw_only=True)
class ArgoWorkflowsProps(Properties):
    namespace: KubernetesName
    """Where controller and server run. It must exist, and its pods may be held to the profile `restricted`."""
    jobs_namespace: KubernetesName
    """The one namespace whose workflows are run: the tasks'. It must exist."""
    executor_service_account: KubernetesName = "argo-workflow-executor"
    """The name of the account in `jobs_namespace` whose token Argo's own containers hold (`init` and `wait` beside each
    task, the one that makes a JobSet): it reports how tasks went. Tasks themselves get no token."""
    chart_version: str = charts.ARGO_WORKFLOWS.newest
    """One of `kubernetes.helm.charts.ARGO_WORKFLOWS`."""
    seconds_after_success: KeptSeconds = KEPT_AFTER_SUCCESS
    """How long a workflow that succeeded stays for people to look at, 0 to a year. Metaflow keeps its own record of
    the run and its logs. https://argo-workflows.readthedocs.io/en/latest/fields/#ttlstrategy"""
    seconds_after_failure: KeptSeconds = KEPT_AFTER_FAILURE
    """The same for one that failed. Its failed pods stay as long."""
    sizes: Sizes = field(default_factory=Sizes)
    """What controller, server and the helper beside each task ask for."""
    shown_without_token: bool = False
    """Whether who reaches the server sees everything in `jobs_namespace` without a token of their own: for a server
    with a sign-in in front of it. Default: each person gives their own token."""
    metrics: bool = False
    """Whether the controller has metrics, for a `MetricsCollection`. Default: none."""
    placement: Placement = ANYWHERE
    """The nodes that controller and server run on. Default: any."""

    def _check(self, checks: Checks) -> None:
        charts.ARGO_WORKFLOWS.check(checks, "chart_version", self.chart_version)
        check_each(checks, self)


class ArgoWorkflows(Construct):
    """The pinned chart, limited to the jobs' namespace, and the accounts and rights that it needs there.

    Destroying it removes its custom resource definitions, and with them every workflow and every deployed flow's
    template: nothing is left behind. Deploy the flows again afterwards.
    """

    def __init__(self, scope: Construct, id_: str, props: ArgoWorkflowsProps) -> None:
        super().__init__(scope, id_)
        # The chart would give the rights either in its own namespace, where no workflow runs, or in the whole cluster.
        controller = self._add_account("controller", props.namespace, "workflow-controller")
        server = self._add_account("server", props.namespace, "argo-server")
        # No token from the account itself: Argo mounts the Secret that the chart makes, into its own containers only.
        executor = self._add_account(
            "executor", props.jobs_namespace, props.executor_service_account, automount_token=False
        )
        allowed = [
            self._allow("controller-config", props.namespace, controller, rights.CONTROLLER_CONFIG),
            self._allow("controller-workflows", props.jobs_namespace, controller, rights.CONTROLLER),
            self._allow("server-config", props.namespace, server, rights.SERVER_CONFIG),
            self._allow("server-workflows", props.jobs_namespace, server, rights.SERVER),
            *(
                [self._allow("server-shows", props.jobs_namespace, server, rights.SERVER_SHOWS)]
                if props.shown_without_token
                else []
            ),
            self._allow("executor", props.jobs_namespace, executor, rights.EXECUTOR),
        ]
        self._release = helm_release.install(
            self,
            "release",
            chart=charts.ARGO_WORKFLOWS,
            version=props.chart_version,
            namespace=props.namespace,
            values=workflows_values.values(
                jobs_namespace=props.jobs_namespace,
                config_map=rights.CONFIG_MAP,
                controller_account=controller.name,
                server_account=server.name,
                executor_account=executor.name,
                seconds_after_success=props.seconds_after_success,
                seconds_after_failure=props.seconds_after_failure,
                sizes=props.sizes,
                placement=props.placement,
                shown_without_token=props.shown_without_token,
                metrics=props.metrics,
            ),
            depends_on=allowed,
        )
        self.server_namespace = props.namespace
        """Where the server's Service is, for port forwards."""
        self.server_service = workflows_values.SERVER_SERVICE
        """The name of the server's Service."""
        self.server_pods = workflows_values.SERVER_PODS
        """The labels of the server's pods."""
        self.server_port = ports.ARGO_SERVER
        """The port of the server's Service."""
        self.executor_service_account = executor.name
        """The account in `jobs_namespace` that makes what a workflow's templates of the type `resource` hold."""
        repository = externals.name("argo-executor").rpartition(":")[0]
        self.executor_image = f"{repository}:{charts.ARGO_WORKFLOWS.versions[props.chart_version]}"
        """The image of Argo's own containers, as the chart names it."""

    @property
    def release(self) -> ITerraformDependable:
        """What needs workflows to run waits for this."""
        return self._release

    def _add_account(self, id_: str, namespace: str, name: str, *, automount_token: bool = True) -> KubernetesAccount:
        return KubernetesAccount(
            self,
            f"{id_}-account",
            KubernetesAccountProps(namespace=namespace, name=name, automount_token=automount_token),
        )

    def _allow(
        self, id_: str, namespace: str, account: KubernetesAccount, granted: tuple[Right, ...]
    ) -> ITerraformDependable:
        return grant(
            self,
            id_,
            namespace=namespace,
            name=f"argo-{id_}",
            rights=granted,
            account=(account.namespace, account.name),
        )
