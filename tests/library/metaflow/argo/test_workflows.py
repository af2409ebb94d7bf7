import pytest

from metaflow_gcp.kubernetes.placement import SYSTEM_POOL
from metaflow_gcp.kubernetes.size import Size
from metaflow_gcp.metaflow.argo.workflows import ArgoWorkflows, ArgoWorkflowsProps
from metaflow_gcp.metaflow.argo.workflows_values import Sizes

MINIMAL = {"namespace": "argo", "jobs_namespace": "metaflow-jobs"}
MAXIMAL = MINIMAL | {
    "executor_service_account": "some-executor",
    "chart_version": "0.47.5",
    "seconds_after_success": 60,
    "seconds_after_failure": 120,
    "sizes": Sizes(controller=Size(cpu="1", memory="1Gi", memory_limit="2Gi")),
    "placement": SYSTEM_POOL,
}
RESTRICTED_POD = {
    "runAsNonRoot": True,
    "runAsUser": 65534,
    "runAsGroup": 65534,
    "seccompProfile": {"type": "RuntimeDefault"},
}
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
}


@pytest.fixture
def argo(synthesize):
    def argo(properties=MINIMAL, then=lambda made: None):
        return synthesize(lambda scope: then(ArgoWorkflows(scope, "argo", ArgoWorkflowsProps(**properties))))

    return argo


def values(stack):
    return stack.release("argo-workflows")["values"]


def test_minimal_the_construct_ids_are_a_contract(argo):
    assert argo().paths == {
        "helm_release": ["argo/release"],
        "kubernetes_network_policy_v1": ["argo/release-network-policy"],
        "kubernetes_role_binding_v1": [
            f"argo/{id_}/binding"
            for id_ in ("controller-config", "controller-workflows", "executor", "server-config", "server-workflows")
        ],
        "kubernetes_role_v1": [
            f"argo/{id_}/role"
            for id_ in ("controller-config", "controller-workflows", "executor", "server-config", "server-workflows")
        ],
        "kubernetes_service_account_v1": [
            f"argo/{part}-account/account" for part in ("controller", "executor", "server")
        ],
    }


def test_maximal(argo, holds):
    holds(
        values(argo(MAXIMAL)),
        {
            "controller": {
                "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "2Gi", "cpu": None}},
                "workflowDefaults": {"spec": {"ttlStrategy": {"secondsAfterSuccess": 60, "secondsAfterFailure": 120}}},
            }
        },
    )


def test_the_chart_is_pinned(argo, holds):
    """Known defect 20 of the templates: Argo from a moving branch."""
    holds(
        argo().release("argo-workflows"),
        {
            "repository": "https://argoproj.github.io/argo-helm",
            "chart": "argo-workflows",
            "version": "0.47.5",
            "namespace": "argo",
        },
    )


def test_apply_returns_when_it_works_and_a_failed_one_leaves_nothing(argo, holds):
    """Known defect 14 of the templates: `apply` returns before anything works."""
    holds(
        argo().release("argo-workflows"),
        {"wait": True, "wait_for_jobs": True, "atomic": True, "cleanup_on_fail": True, "create_namespace": False},
    )


def test_controller_and_server_see_one_namespace(argo):
    set_ = values(argo())
    assert set_["singleNamespace"] is True, "without it --managed-namespace is ignored"
    for part in ("controller", "server"):
        assert set_[part]["extraArgs"] == ["--managed-namespace=metaflow-jobs"]
        assert set_[part]["clusterWorkflowTemplates"] == {"enabled": False}


def test_their_rights_are_ours_alone(argo):
    set_ = values(argo())
    assert set_["createAggregateRoles"] is False
    assert set_["workflow"]["rbac"] == set_["controller"]["rbac"] == set_["server"]["rbac"] == {"create": False}
    assert not [type_ for type_ in argo().resources if "cluster_role" in type_]


def test_in_their_own_namespace_they_read_one_config_map(argo):
    stack = argo()
    for part in ("controller", "server"):
        role = stack["kubernetes_role_v1"][f"argo/{part}-config/role"]
        assert role["metadata"]["namespace"] == "argo"
        [rule] = role["rule"]
        assert (rule["resources"], rule["resource_names"]) == (["configmaps"], ["workflow-controller-configmap"])
        assert set(rule["verbs"]) <= {"get", "list", "watch"}
    assert values(stack)["controller"]["configMap"] == {"name": "workflow-controller-configmap"}


def test_the_controller_runs_workflows_in_the_jobs_namespace(argo):
    role = argo()["kubernetes_role_v1"]["argo/controller-workflows/role"]
    assert role["metadata"]["namespace"] == "metaflow-jobs"
    allowed = {resource: set(rule["verbs"]) for rule in role["rule"] for resource in rule["resources"]}
    assert allowed["pods"] == {"create", "get", "list", "watch", "patch", "delete"}
    assert allowed["workflows"] >= {"create", "watch", "update", "delete"}
    assert allowed["cronworkflows"] == {"list", "watch", "patch"}
    assert allowed["workflowtemplates"] == {"get", "list", "watch"}
    assert allowed["workflowtaskresults"] == {"list", "watch", "deletecollection"}
    assert allowed["workflowtasksets"] == {"create", "list", "watch", "patch"}
    assert allowed["serviceaccounts"] == {"get"}


def test_it_makes_nothing_for_people_that_they_may_not_make_themselves(argo):
    """Volume claims and disruption budgets, which a workflow may ask for; and it reads one Secret, by its name."""
    rules = argo()["kubernetes_role_v1"]["argo/controller-workflows/role"]["rule"]
    resources = {resource for rule in rules for resource in rule["resources"]}
    assert not resources & {"persistentvolumeclaims", "poddisruptionbudgets"}
    [secrets] = [rule for rule in rules if "secrets" in rule["resources"]]
    assert (secrets["verbs"], secrets["resource_names"]) == (["get"], ["argo-workflows-agent-ca-certificates"])


def test_the_server_does_everything_else_as_the_person_who_is_signed_in(argo):
    stack = argo()
    [rule] = stack["kubernetes_role_v1"]["argo/server-workflows/role"]["rule"]
    assert rule["verbs"] == ["list", "watch"]
    assert values(stack)["server"]["authModes"] == ["client"]


EXECUTOR = "${kubernetes_service_account_v1.<argo/executor-account/account>.metadata[0].name}"


def defaults(stack):
    return values(stack)["controller"]["workflowDefaults"]["spec"]


def test_argo_s_own_containers_report_how_tasks_went(argo, holds):
    """Without it workflows stay Running, from Argo 3.5.5 on."""
    stack = argo()
    holds(
        stack["kubernetes_role_v1"]["argo/executor/role"],
        {
            "metadata": {"namespace": "metaflow-jobs"},
            "rule": [
                {"api_groups": ["argoproj.io"], "resources": ["workflowtaskresults"], "verbs": ["create", "patch"]},
                {"api_groups": ["argoproj.io"], "resources": ["workflowtasksets"], "verbs": ["watch"]},
                {"api_groups": ["argoproj.io"], "resources": ["workflowtasksets/status"], "verbs": ["patch"]},
            ],
        },
    )
    [subject] = stack["kubernetes_role_binding_v1"]["argo/executor/binding"]["subject"]
    assert subject == {"kind": "ServiceAccount", "namespace": "metaflow-jobs", "name": EXECUTOR}


def test_they_alone_get_a_token(argo):
    """Argo 3.7 hands on `automountServiceAccountToken` only when it is false, and then wants an account for its own."""
    stack = argo()
    assert defaults(stack)["automountServiceAccountToken"] is False
    assert defaults(stack)["executor"] == {"serviceAccountName": EXECUTOR}
    account = stack["kubernetes_service_account_v1"]["argo/executor-account/account"]
    assert account["metadata"] == {"namespace": "metaflow-jobs", "name": "argo-workflow-executor"}
    assert account["automount_service_account_token"] is False


def test_their_token_is_where_argo_looks_for_it_and_not_in_terraform_s_state(argo):
    """Argo's util/secrets/secret_name.go: the account's name and `.service-account-token`."""
    stack = argo()
    assert values(stack)["extraObjects"] == [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "kubernetes.io/service-account-token",
            "metadata": {
                "namespace": "metaflow-jobs",
                "name": f"{EXECUTOR}.service-account-token",
                "annotations": {"kubernetes.io/service-account.name": EXECUTOR},
            },
        }
    ]
    assert "kubernetes_secret_v1" not in stack.resources


def test_the_executor_s_account_can_be_named(argo):
    account = argo(MAXIMAL)["kubernetes_service_account_v1"]["argo/executor-account/account"]
    assert account["metadata"]["name"] == "some-executor"


def test_nothing_is_merged_into_the_container_of_a_task(argo):
    """A limit of ours below what Metaflow requests makes Kubernetes refuse the pod."""
    assert "mainContainer" not in values(argo())


def test_roles_are_bound_to_accounts_that_exist(argo):
    """Known defect 7 of the templates: a role binding names a service account that does not exist."""
    stack = argo()
    for part in ("controller", "server"):
        name = f"${{kubernetes_service_account_v1.<argo/{part}-account/account>.metadata[0].name}}"
        account = stack["kubernetes_service_account_v1"][f"argo/{part}-account/account"]
        assert account["metadata"]["namespace"] == "argo"
        assert account["automount_service_account_token"] is True
        assert values(stack)[part]["serviceAccount"] == {"create": False, "name": name}
        for what in ("config", "workflows"):
            binding = stack["kubernetes_role_binding_v1"][f"argo/{part}-{what}/binding"]
            assert [(each["name"], each["namespace"]) for each in binding["subject"]] == [(name, "argo")]
            role = f"${{kubernetes_role_v1.<argo/{part}-{what}/role>.metadata[0].name}}"
            assert binding["role_ref"]["name"] == role


def test_rights_and_policy_are_there_before_the_pods(argo):
    stack = argo()
    assert set(stack.release("argo-workflows")["depends_on"]) == {
        "kubernetes_network_policy_v1.<argo/release-network-policy>",
        *(f"kubernetes_role_binding_v1.<{path}>" for path in stack["kubernetes_role_binding_v1"]),
    }


def test_no_pod_reaches_controller_or_server(argo):
    policy = argo().only("kubernetes_network_policy_v1")
    assert policy == {
        "metadata": {"namespace": "argo", "name": "argo-workflows"},
        "spec": {
            "pod_selector": {"match_labels": {"app.kubernetes.io/instance": "argo-workflows"}},
            "policy_types": ["Ingress"],
        },
    }


def test_people_reach_the_server_by_forward_only(argo):
    server = values(argo())["server"]
    assert (server["serviceType"], server["ingress"], server["secure"]) == ("ClusterIP", {"enabled": False}, False)


def test_what_a_forward_needs(argo):
    stack = argo(
        then=lambda made: {
            "namespace": made.server_namespace,
            "service": made.server_service,
            "port": made.server_port,
        }
    )
    assert stack.values == {"namespace": "argo", "service": "argo-workflows-server", "port": 2746}
    assert values(stack)["server"]["servicePort"] == 2746


def test_finished_work_goes_away_and_what_failed_stays_longer(argo):
    spec = values(argo())["controller"]["workflowDefaults"]["spec"]
    assert spec["ttlStrategy"] == {"secondsAfterSuccess": 604800, "secondsAfterFailure": 1209600}
    assert spec["podGC"] == {"strategy": "OnPodSuccess"}


def test_a_pod_that_metaflow_gives_no_account_runs_as_the_executor(argo):
    """The one that makes the JobSet of a @parallel step: as `default` it could not."""
    assert defaults(argo())["serviceAccountName"] == EXECUTOR


def test_nothing_stays_after_a_destroy(argo):
    assert values(argo())["crds"] == {"install": True, "keep": False}


@pytest.mark.parametrize("part", ["controller", "server"])
def test_pods_keep_to_the_restricted_profile(argo, part):
    set_ = values(argo())[part]
    assert (set_["podSecurityContext"], set_["securityContext"]) == (RESTRICTED_POD, RESTRICTED)


def test_the_helper_beside_tasks_has_no_capability(argo, holds):
    holds(
        values(argo())["executor"]["securityContext"],
        {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    )


@pytest.mark.parametrize("part", ["controller", "server", "executor"])
def test_every_container_asks_for_what_it_needs_and_ends_before_the_node_does(argo, part):
    """Known defect 13 of the templates: what idles asks for 4.5 CPU and 6 GiB."""
    resources = values(argo())[part]["resources"]
    assert resources["requests"].keys() == {"cpu", "memory"}
    assert resources["limits"].keys() == {"memory"}


@pytest.mark.parametrize("part", ["controller", "server"])
def test_controller_and_server_run_on_the_system_pool(argo, part):
    set_ = values(argo(MAXIMAL))[part]
    [taint] = SYSTEM_POOL.taints
    assert set_["nodeSelector"] == SYSTEM_POOL.labels
    assert set_["tolerations"] == [
        {"key": taint.key, "operator": "Equal", "value": taint.value, "effect": "NoSchedule"}
    ]


def test_images_are_not_pulled_again(argo):
    assert values(argo())["images"]["pullPolicy"] == "IfNotPresent"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"chart_version": "0.48.0"}, "0.47.5"),
        ({"chart_version": ""}, "0.47.5"),
        ({"seconds_after_success": -1}, "0 to 31536000 seconds"),
        ({"seconds_after_failure": -1}, "0 to 31536000 seconds"),
        ({"namespace": "Argo"}, "up to 63"),
        ({"jobs_namespace": "jobs_"}, "up to 63"),
        ({"executor_service_account": "e" * 64}, "at most 63"),
    ],
)
def test_refused(given, said, refused):
    [where] = given
    refused(lambda: ArgoWorkflowsProps(**MINIMAL | given), where, said)
