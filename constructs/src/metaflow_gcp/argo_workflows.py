"""Argo Workflows: runs deployed flows, on schedules and on events."""

from dataclasses import dataclass, field

from cdktf import ITerraformDependable
from constructs import Construct

from metaflow_gcp import argo_workflows_values, helm_release, names, pinned_charts
from metaflow_gcp.argo_workflows_values import MAX_KEPT_SECONDS, Sizes
from metaflow_gcp.checks import Checks
from metaflow_gcp.namespace_role import NamespaceRole, NamespaceRoleProps, Rule, rule
from metaflow_gcp.placement import ANYWHERE, Placement
from metaflow_gcp.service_identity import KubernetesAccount, KubernetesAccountProps

_CONFIG = "workflow-controller-configmap"
_DAY = 24 * 60 * 60


@dataclass(frozen=True, kw_only=True)
class ArgoWorkflowsProps:
    namespace: str
    """Where controller and server run. It must exist, and its pods may be held to the profile `restricted`."""
    jobs_namespace: str
    """The one namespace whose workflows are run: the tasks'. It must exist."""
    tasks_service_account: str
    """The account in `jobs_namespace` that Metaflow's tasks run as."""
    chart_version: str = pinned_charts.ARGO_WORKFLOWS.newest
    """One of `pinned_charts.ARGO_WORKFLOWS`."""
    seconds_after_success: int = 7 * _DAY
    """How long a workflow that succeeded stays for people to look at, 0 to a year. Metaflow keeps its own record of
    the run and its logs. https://argo-workflows.readthedocs.io/en/latest/fields/#ttlstrategy"""
    seconds_after_failure: int = 14 * _DAY
    """The same for one that failed. Its failed pods stay as long."""
    sizes: Sizes = field(default_factory=Sizes)
    """What controller, server and the helper beside each task ask for."""
    placement: Placement = ANYWHERE
    """The nodes that controller and server run on. Default: any."""

    def __post_init__(self) -> None:
        checks = Checks()
        names.check(checks, "namespace", self.namespace, names.KUBERNETES)
        names.check(checks, "jobs_namespace", self.jobs_namespace, names.KUBERNETES)
        names.check(checks, "tasks_service_account", self.tasks_service_account, names.KUBERNETES)
        pinned_charts.ARGO_WORKFLOWS.check(checks, "chart_version", self.chart_version)
        checks.between("seconds_after_success", self.seconds_after_success, 0, MAX_KEPT_SECONDS, "seconds")
        checks.between("seconds_after_failure", self.seconds_after_failure, 0, MAX_KEPT_SECONDS, "seconds")
        checks.raise_if_any("ArgoWorkflows")


class ArgoWorkflows(Construct):
    """The pinned chart, limited to the jobs' namespace, and the rights that it and the tasks need there.

    Destroying it removes its custom resource definitions, and with them every workflow and every deployed flow's
    template: nothing is left behind. Deploy the flows again afterwards.
    """

    def __init__(self, scope: Construct, id_: str, props: ArgoWorkflowsProps) -> None:
        super().__init__(scope, id_)
        # The chart would give the rights either in its own namespace, where no workflow runs, or in the whole cluster.
        controller = self._add_account("controller", props, "workflow-controller")
        server = self._add_account("server", props, "argo-server")
        rights = [
            self._allow("controller-config", props.namespace, controller, _read_config("list", "watch")),
            self._allow("controller-workflows", props.jobs_namespace, controller, CONTROLLER_RULES),
            self._allow("server-config", props.namespace, server, _read_config()),
            self._allow("server-workflows", props.jobs_namespace, server, SERVER_RULES),
        ]
        NamespaceRole(
            self,
            "tasks",
            NamespaceRoleProps(
                namespace=props.jobs_namespace,
                name="argo-workflow-task",
                rules=TASK_RULES,
                account_namespace=props.jobs_namespace,
                account=props.tasks_service_account,
            ),
        )
        self._release = helm_release.install(
            self,
            "release",
            chart=pinned_charts.ARGO_WORKFLOWS,
            version=props.chart_version,
            namespace=props.namespace,
            values=argo_workflows_values.values(
                jobs_namespace=props.jobs_namespace,
                config_map=_CONFIG,
                controller_account=controller.name,
                server_account=server.name,
                tasks_account=props.tasks_service_account,
                seconds_after_success=props.seconds_after_success,
                seconds_after_failure=props.seconds_after_failure,
                sizes=props.sizes,
                placement=props.placement,
            ),
            depends_on=rights,
        )
        self.server_namespace = props.namespace
        """Where the server's Service is, for port forwards."""
        self.server_service = argo_workflows_values.SERVER_SERVICE
        """The name of the server's Service."""
        self.server_port = argo_workflows_values.SERVER_PORT
        """The port of the server's Service."""

    @property
    def release(self) -> ITerraformDependable:
        """What needs workflows to run waits for this."""
        return self._release

    def _add_account(self, id_: str, props: ArgoWorkflowsProps, name: str) -> KubernetesAccount:
        return KubernetesAccount(
            self,
            f"{id_}-account",
            KubernetesAccountProps(namespace=props.namespace, name=name, automount_token=True),
        )

    def _allow(
        self, id_: str, namespace: str, account: KubernetesAccount, rules: tuple[Rule, ...]
    ) -> ITerraformDependable:
        made = NamespaceRole(
            self,
            id_,
            NamespaceRoleProps(
                namespace=namespace,
                name=f"argo-{id_}",
                rules=rules,
                account_namespace=account.namespace,
                account=account.name,
            ),
        )
        return made.binding


def _read_config(*verbs: str) -> tuple[Rule, ...]:
    return (rule("", ["configmaps"], ["get", *verbs], [_CONFIG]),)


_ARGO = "argoproj.io"

CONTROLLER_RULES = (
    rule("", ["pods"], ["create", "get", "list", "watch", "update", "patch", "delete"]),
    # How it stops a container.
    rule("", ["pods/exec"], ["create"]),
    # Semaphores, and parameters read from config maps.
    rule("", ["configmaps"], ["get", "list", "watch"]),
    rule("", ["persistentvolumeclaims", "persistentvolumeclaims/finalizers"], ["create", "get", "update", "delete"]),
    rule("", ["events"], ["create", "patch"]),
    rule("", ["serviceaccounts"], ["get", "list"]),
    rule("policy", ["poddisruptionbudgets"], ["create", "get", "delete"]),
    rule(
        _ARGO,
        [
            "workflows",
            "workflows/finalizers",
            "workflowtasksets",
            "workflowtasksets/finalizers",
            "workflowtasksets/status",
            "workflowartifactgctasks",
        ],
        ["create", "get", "list", "watch", "update", "patch", "delete"],
    ),
    rule(_ARGO, ["workflowtemplates", "workflowtemplates/finalizers"], ["get", "list", "watch"]),
    rule(_ARGO, ["workflowtaskresults", "workflowtaskresults/finalizers"], ["list", "watch", "deletecollection"]),
    rule(_ARGO, ["cronworkflows", "cronworkflows/finalizers"], ["get", "list", "watch", "update", "patch", "delete"]),
)
"""No Secrets: Metaflow's workflows use no HTTP templates and no artifacts of Argo's."""

SERVER_RULES = (rule(_ARGO, ["workflows", "workflowtemplates"], ["get", "list", "watch"]),)
"""What it keeps in memory. Everything else it does as the person who is signed in."""

TASK_RULES = (rule(_ARGO, ["workflowtaskresults"], ["create", "patch"]),)
"""From Argo 3.5.5 on the helper beside each task reports that way; without it workflows stay Running."""
