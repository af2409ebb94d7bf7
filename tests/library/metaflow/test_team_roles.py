import pytest

from metaflow_gcp.metaflow.team import TeamRoles, TeamRolesProps

ANN, BOB, ROBOT = "user:ann@example.com", "group:bob@example.com", "serviceAccount:r@p.iam.gserviceaccount.com"
ANN_S = {"api_group": "rbac.authorization.k8s.io", "kind": "User", "name": "ann@example.com"}
BOB_S = {"api_group": "rbac.authorization.k8s.io", "kind": "Group", "name": "bob@example.com"}
ROBOT_S = {"api_group": "rbac.authorization.k8s.io", "kind": "User", "name": "r@p.iam.gserviceaccount.com"}


@pytest.fixture
def roles(synthesize):
    def roles(**people):
        props = TeamRolesProps(services_namespace="metaflow", jobs_namespace="metaflow-jobs", **people)
        return synthesize(lambda scope: TeamRoles(scope, "people", props))

    return roles


def test_minimal_nobody_nothing(roles):
    assert roles().resources == {}


def test_maximal(roles):
    assert roles(users=(ANN, BOB), admins=(ROBOT,)).paths == {
        "kubernetes_cluster_role_binding_v1": ["people/admins"],
        "kubernetes_role_binding_v1": ["people/forward-ports-binding", "people/run-tasks-binding"],
        "kubernetes_role_v1": ["people/forward-ports", "people/run-tasks"],
    }


def test_users_run_and_watch_tasks_in_the_jobs_namespace(roles):
    role = roles(users=(ANN,))["kubernetes_role_v1"]["people/run-tasks"]
    assert role["metadata"]["namespace"] == "metaflow-jobs"
    assert {(resource, verb) for rule in role["rule"] for resource in rule["resources"] for verb in rule["verbs"]} == {
        *(("jobs", verb) for verb in ("create", "get", "list", "watch", "patch", "delete")),
        *(("pods", verb) for verb in ("get", "list", "watch", "delete")),
        *((resource, verb) for resource in ("pods/log", "events") for verb in ("get", "list", "watch")),
    }


def test_users_deploy_flows_and_reach_argo_where_it_is(roles):
    stack = roles(users=(ANN,), argo_namespace="argo", argo_events=True, jobsets=True)
    run = stack["kubernetes_role_v1"]["people/run-tasks"]
    allowed = {resource: set(rule["verbs"]) for rule in run["rule"] for resource in rule["resources"]}
    deployed = {"workflows", "workflowtemplates", "cronworkflows", "sensors"}
    # Metaflow replaces what it deploys anew.
    assert all({"create", "update", "delete"} <= allowed[resource] for resource in deployed)
    assert {"create", "delete"} <= allowed["jobsets"]
    assert {
        path: role["metadata"]["namespace"]
        for path, role in stack["kubernetes_role_v1"].items()
        if path.startswith("people/forward")
    } == {
        "people/forward-ports": "metaflow",
        "people/forward-argo": "argo",
        "people/forward-events": "metaflow-jobs",
    }


def test_users_forward_ports_to_the_services_and_change_nothing_there(roles):
    role = roles(users=(ANN,))["kubernetes_role_v1"]["people/forward-ports"]
    assert role["metadata"]["namespace"] == "metaflow"
    assert {(resource, verb) for rule in role["rule"] for resource in rule["resources"] for verb in rule["verbs"]} == {
        ("services", "get"),
        ("services", "list"),
        ("pods", "get"),
        ("pods", "list"),
        ("pods/portforward", "create"),
        ("pods/portforward", "get"),
    }


def test_users_read_no_secrets(roles):
    for role in roles(users=(ANN,), admins=(BOB,))["kubernetes_role_v1"].values():
        for rule in role["rule"]:
            assert not {"secrets", "*", "pods/exec", "serviceaccounts/token"} & set(rule["resources"])
            assert "*" not in rule["verbs"]
            assert "*" not in rule["api_groups"]


@pytest.mark.parametrize("name", ["run-tasks", "forward-ports"])
def test_a_binding_names_users_groups_and_google_s_service_accounts_as_kubernetes_knows_them(roles, name, holds):
    stack = roles(users=(ANN, BOB, ROBOT))
    binding = stack["kubernetes_role_binding_v1"][f"people/{name}-binding"]
    assert binding["subject"] == [ANN_S, BOB_S, ROBOT_S]
    role = f"kubernetes_role_v1.<people/{name}>"
    holds(binding["role_ref"], {"kind": "Role", "name": f"${{{role}.metadata[0].name}}"})
    assert binding["metadata"]["namespace"] == stack["kubernetes_role_v1"][f"people/{name}"]["metadata"]["namespace"]


def test_admins_may_do_everything(roles, holds):
    binding = roles(admins=(BOB,)).only("kubernetes_cluster_role_binding_v1")
    holds(binding, {"role_ref": {"kind": "ClusterRole", "name": "cluster-admin"}, "subject": [BOB_S]})


def test_both_spellings_of_an_address_are_bound(roles):
    """RBAC compares names letter by letter, and either may be the one that the cluster knows."""
    ada = ("user:Ada@Example.com", "user:ada@example.com", "user:ADA@example.com")
    stack = roles(users=ada[:1], admins=ada)
    run = stack["kubernetes_role_binding_v1"]["people/run-tasks-binding"]
    assert [subject["name"] for subject in run["subject"]] == ["Ada@Example.com", "ada@example.com"]
    admins = stack.only("kubernetes_cluster_role_binding_v1")
    assert [subject["name"] for subject in admins["subject"]] == [
        "Ada@Example.com",
        "ada@example.com",
        "ADA@example.com",
    ]


def test_a_further_user_keeps_the_resources(roles):
    assert roles(users=(ANN,)).paths == roles(users=(BOB, ANN)).paths


@pytest.mark.parametrize("where", ["users", "admins"])
def test_what_is_no_member_is_refused(where, refused):
    props = {"services_namespace": "metaflow", "jobs_namespace": "metaflow-jobs"}
    refused(lambda: TeamRolesProps(**props, **{where: ("allAuthenticatedUsers",)}), f"{where}[0]", "name the people")


def test_a_workforce_pool_s_subject_is_a_user_and_its_group_a_group(roles):
    """By the whole identifier, letter by letter."""
    pool = "//iam.googleapis.com/locations/global/workforcePools/acme"
    subject, group = f"principal:{pool}/subject/Ada@example.com", f"principalSet:{pool}/group/ML"
    run = roles(users=(subject, group))["kubernetes_role_binding_v1"]["people/run-tasks-binding"]
    assert run["subject"] == [
        {"api_group": "rbac.authorization.k8s.io", "kind": "User", "name": subject},
        {"api_group": "rbac.authorization.k8s.io", "kind": "Group", "name": group},
    ]


def test_what_only_iam_knows_is_refused_here(refused):
    everybody = "principalSet://iam.googleapis.com/locations/global/workforcePools/acme/*"
    props = {"services_namespace": "metaflow", "jobs_namespace": "metaflow-jobs"}
    refused(lambda: TeamRolesProps(**props, users=(everybody,)), "users[0]", "workforcePools/POOL/group/GROUP")
