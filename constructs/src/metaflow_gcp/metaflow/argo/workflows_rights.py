"""What each account of Argo Workflows may do. Needs no Node.

Files are those of https://github.com/argoproj/argo-workflows/tree/v3.7.11. Less than the chart's own roles grant:
Metaflow's workflows claim no volumes, ask for no disruption budgets and keep no artifacts of Argo's. A workflow of
somebody's own that does is refused by Kubernetes; with those rights the controller would make them for whoever may
make workflows, and may not make them himself.
"""

from metaflow_gcp.kubernetes.rights import right

CONFIG_MAP = "workflow-controller-configmap"
"""The controller's configuration, in its own namespace."""

AGENT_CERTIFICATES = "argo-workflows-agent-ca-certificates"
"""The Secret that the controller asks for before it starts an agent; it gives up when it may not ask."""

_ARGO = "argoproj.io"

CONTROLLER_CONFIG = (right("", "configmaps", "get watch", "its configuration (config/controller.go)", (CONFIG_MAP,)),)

CONTROLLER = (
    right(
        "",
        "pods",
        "create get list watch patch delete",
        """a pod for each task (workflow/controller/workflowpod.go); `get` when one is there already; `patch` marks it
        as done, `delete` clears it away (workflow/controller/pod/queue.go)""",
        unseen="get",
    ),
    right("", "pods/exec", "create", "ends a task that is to stop, with a signal (workflow/signal/signal.go)"),
    right(
        "",
        "configmaps",
        "get list watch",
        """parameters and semaphores (workflow/controller/controller.go), and whether there is a repository for
        artifacts (workflow/artifactrepositories/artifactrepositories.go)""",
    ),
    right(
        "",
        "events",
        "create patch",
        "what people see with `kubectl describe` (workflow/events/event_recorder_manager.go)",
    ),
    right("", "serviceaccounts", "get", "where the executor's token is (workflow/controller/operator.go)"),
    right(
        _ARGO,
        "workflows",
        "create get list watch update patch delete",
        """`create` by the clock (workflow/cron/operator.go); `update` how it goes, `get` to try that again
        (workflow/controller/operator.go); `delete` after their time (workflow/gccontroller/gc_controller.go); `patch`
        ends the former run of a schedule that says `Replace` (workflow/util/util.go)""",
        unseen="get patch",
    ),
    right(
        _ARGO,
        "workflowtasksets",
        "create list watch patch",
        """what its agent is to do: notifications and exit hooks are templates of the type `http`, which one pod of the
        workflow sends (workflow/controller/taskset.go)""",
        unseen="create patch",
    ),
    right(
        _ARGO,
        "workflowtasksets/status",
        "patch",
        "takes what is done out of it (workflow/controller/taskset.go)",
        unseen="patch",
    ),
    right(
        "",
        "secrets",
        "get",
        "whether the agent is to trust further certificates (workflow/controller/agent.go)",
        (AGENT_CERTIFICATES,),
        unseen="get",
    ),
    right(
        _ARGO,
        "workflowartifactgctasks",
        "list watch",
        "it watches them from its start, and waits for ever without (workflow/controller/controller.go)",
    ),
    right(
        _ARGO,
        "workflowtemplates",
        "get list watch",
        """deployed flows (workflow/controller/controller.go); `get` before it starts one, to see whether it is valid:
        without it every workflow of a deployed flow ends with "invalid spec" (workflow/controller/operator.go)""",
    ),
    right(
        _ARGO,
        "workflowtaskresults",
        "list watch deletecollection",
        """how tasks went (workflow/controller/taskresult.go); removed with their workflow
        (workflow/controller/operator.go)""",
    ),
    right(_ARGO, "cronworkflows", "list watch patch", "schedules, and when they ran last (workflow/cron/operator.go)"),
    right(
        _ARGO,
        "workflows/finalizers cronworkflows/finalizers",
        "update",
        """pods belong to their workflow, workflows to their schedule, so that they go together; used where the cluster
        has the admission plugin OwnerReferencesPermissionEnforcement""",
        unseen="update",
    ),
)
"""Of Secrets one by its name, which need not be there."""

SERVER_CONFIG = (right("", "configmaps", "get", "its configuration (config/controller.go)", (CONFIG_MAP,)),)

SERVER = (
    right(
        _ARGO,
        "workflows workflowtemplates",
        "list watch",
        """what it keeps in memory (server/apiserver/argoserver.go). Everything else it does as the person who is signed
        in""",
    ),
)

SERVER_SHOWS = (
    right(
        _ARGO,
        "workflows workflowtemplates cronworkflows workfloweventbindings",
        "get list watch",
        "what its pages show to who gives no token: then it asks as itself (server/auth/gatekeeper.go, getClients)",
    ),
    right("", "pods pods/log events", "get list watch", "how tasks go, and what they say"),
)

EXECUTOR = (
    right(
        _ARGO,
        "workflowtaskresults",
        "create patch",
        """`init` and `wait` report how a task went (workflow/executor/taskresult.go); without it workflows stay
        Running""",
    ),
    right(
        _ARGO,
        "workflowtasksets",
        "watch",
        "the agent, which runs as the same account, learns what to send (workflow/executor/agent.go)",
        unseen="watch",
    ),
    right(
        _ARGO,
        "workflowtasksets/status",
        "patch",
        "and says how that went (workflow/executor/agent.go)",
        unseen="patch",
    ),
)
