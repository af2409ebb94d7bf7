"""Who may do what: a table. A role that is not in it was not thought about."""

import re
from typing import Any

import pytest

READER, WRITER, ADMIN = (f"roles/artifactregistry.{name}" for name in ("reader", "writer", "repoAdmin"))
NODES = {
    "google_project_iam_member": {"roles/container.defaultNodeServiceAccount"},
    "google_artifact_registry_repository_iam_member": {READER},
}
OF_SERVICE_ACCOUNTS = {
    "nodes/account": NODES,
    "autonodes/account": NODES,
    "tasks/account": {"google_storage_bucket_iam_member": {"roles/storage.objectUser"}},
    "metadata/account": {},
    "ui/account": {"google_storage_bucket_iam_member": {"roles/storage.objectViewer"}},
}
# What tasks may read for @secrets: those that the settings name.
SECRETS = {"minimal": set(), "existing-network": set(), "everything": {"hf-token", "wandb"}}
# Through the endpoint's sign-in; to which services is in test_endpoint.py.
GETS_THROUGH = {"google_iap_web_backend_service_iam_member": {"roles/iap.httpsResourceAccessor"}}
READ_SECRET = {"google_secret_manager_secret_iam_member": {"roles/secretmanager.secretAccessor"}}
JOBS = {"minimal": "metaflow-jobs", "existing-network": "metaflow-jobs", "everything": "ml-jobs"}
CONNECT = "${google_project_iam_custom_role.<access/connect>.name}"
OF_USERS = {
    # The second: dashboards.
    "google_project_iam_member": {CONNECT, "roles/monitoring.viewer"},
    "google_storage_bucket_iam_member": {"roles/storage.objectUser"},
    "google_artifact_registry_repository_iam_member": {READER, WRITER},
}
OF_ADMINS = {
    "google_project_iam_member": OF_USERS["google_project_iam_member"]
    | {
        "roles/container.clusterAdmin",
        "roles/cloudsql.editor",
        "roles/logging.viewer",
        "roles/monitoring.viewer",
        "roles/serviceusage.serviceUsageViewer",
    },
    "google_storage_bucket_iam_member": {"roles/storage.objectUser", "roles/storage.admin"},
    "google_artifact_registry_repository_iam_member": {READER, WRITER, ADMIN},
    "google_secret_manager_secret_iam_member": {"roles/secretmanager.secretAccessor"},
}
OF_PEOPLE = {
    "minimal": {},
    "existing-network": {},
    "everything": {
        "user:ada@example.com": OF_USERS,
        "group:ml-team@example.com": OF_USERS,
        "group:platform@example.com": OF_ADMINS,
        "serviceAccount:ci@acme-metaflow.iam.gserviceaccount.com": OF_ADMINS,
        # Sees the user interface, and nothing else.
        "group:everybody@example.com": {},
    },
}
# Google's own, which writes the bucket's usage logs where settings ask for them.
WRITES_LOGS = {
    "group:cloud-storage-analytics@google.com": {"google_storage_bucket_iam_member": {"roles/storage.objectCreator"}}
}
# Google's own, which hands alerts to a topic where settings ask for it.
PUBLISHES = {
    "serviceAccount:service-${data.google_project.<observability/channels/project>.number}"
    "@gcp-sa-monitoring-notification.iam.gserviceaccount.com": {
        "google_pubsub_topic_iam_member": {"roles/pubsub.publisher"}
    }
}
OURS = re.compile(r"\$\{google_service_account\.<(.+)>\.member\}")
# Who may act as an account is said on the account; see below.
ON_ACCOUNTS = "google_service_account_iam_member"


def grants(platform):
    """Member -> type of grant -> roles."""
    found: dict[str, Any] = {}
    for each in platform.elements:
        if each.type.endswith("_iam_member") and each.type != ON_ACCOUNTS:
            member = OURS.sub(r"\1", each.attributes["member"])
            found.setdefault(member, {}).setdefault(each.type, set()).add(each.attributes["role"])
    return found


def test_everybody_has_the_roles_of_the_table_and_no_others(platform):
    """Known defects 9 and 21 of the templates: nodes without roles for logs and images, workers that are Editors."""
    expected = {**OF_SERVICE_ACCOUNTS, **OF_PEOPLE[platform.settings]}
    expected |= {**WRITES_LOGS, **PUBLISHES} if platform.settings == "everything" else {}
    if SECRETS[platform.settings]:
        # People, too: `users_read_secrets`.
        people = OF_PEOPLE[platform.settings]
        for member in ("tasks/account", *(member for member, roles in people.items() if roles)):
            expected[member] = expected[member] | READ_SECRET
        for member in people:
            expected[member] = expected[member] | GETS_THROUGH
    assert grants(platform) == {member: roles for member, roles in expected.items() if roles}


def test_tasks_read_the_secrets_that_are_named_and_no_others(platform):
    """Not the database's password, either: admins alone are given that, on that secret alone."""
    read: dict[str, Any] = {}
    for each in platform.of_type("google_secret_manager_secret_iam_member"):
        member = OURS.sub(r"\1", each.attributes["member"])
        read.setdefault(member, set()).add(each.attributes["secret_id"])
    assert read.pop("tasks/account", set()) == SECRETS[platform.settings]
    people = OF_PEOPLE[platform.settings]
    password = {"${google_secret_manager_secret.<database/secret>.secret_id}"}
    # `users_read_secrets`: what tasks read, people may read for a step on their own machine.
    expected = {
        member: SECRETS[platform.settings] | (password if roles is OF_ADMINS else set())
        for member, roles in people.items()
        if roles
    }
    assert read == {member: names for member, names in expected.items() if names}


def test_the_tasks_secrets_are_of_the_platform_s_own_project(platform):
    for each in platform.of_type("google_secret_manager_secret_iam_member"):
        if each.attributes["secret_id"] in SECRETS[platform.settings]:
            assert each.attributes["project"] == platform.manifest["project"]


def test_buckets_are_granted_one_by_one_and_without_conditions(platform):
    """Known defect 12 of the templates: a condition on a name's beginning, which matches neighbours' buckets, too."""
    for each in platform.of_type("google_storage_bucket_iam_member"):
        bucket = "usage-logs" if each.attributes["member"] in WRITES_LOGS else "bucket"
        assert each.attributes["bucket"] == f"${{google_storage_bucket.<datastore/{bucket}>.name}}"
        assert "condition" not in each.attributes


def test_every_service_account_is_in_the_table(platform):
    assert {each.path for each in platform.of_type("google_service_account")} == set(OF_SERVICE_ACCOUNTS)


def test_only_the_kubernetes_accounts_of_the_platform_may_act_as_a_service_account(platform):
    pool = "${google_container_cluster.<cluster/cluster>.workload_identity_config[0].workload_pool}"
    found = {
        each.attributes["service_account_id"]: (each.attributes["role"], each.attributes["member"])
        for each in platform.of_type(ON_ACCOUNTS)
    }
    who = {
        "tasks": f"{JOBS[platform.settings]}/metaflow-tasks",
        "metadata": "metaflow/metadata-service",
        "ui": "metaflow/metaflow-ui",
    }
    assert found == {
        f"${{google_service_account.<{name}/account>.name}}": (
            "roles/iam.workloadIdentityUser",
            f"serviceAccount:{pool}[{account}]",
        )
        for name, account in who.items()
    }


def test_both_ends_of_workload_identity_name_each_other(platform):
    """Known defects 3 and 7 of the templates: a namespace and an account that do not exist."""
    bound = {
        re.search(r"\[([a-z][^\[\]]*/[^\[\]]*)\]$", each.attributes["member"])[1]
        for each in platform.of_type(ON_ACCOUNTS)
    }
    names = {
        f"${{kubernetes_namespace_v1.<{each.path}>.metadata[0].name}}": each.attributes["metadata"]["name"]
        for each in platform.of_type("kubernetes_namespace_v1")
    }
    accounts = {
        f"{names[each.attributes['metadata']['namespace']]}/{each.attributes['metadata']['name']}"
        for each in platform.of_type("kubernetes_service_account_v1")
        if "iam.gke.io/gcp-service-account" in each.attributes["metadata"].get("annotations", {})
    }
    assert bound == accounts


def test_what_each_account_acts_as_is_the_one_that_is_bound_to_it(platform):
    """An account that names another's Google account would get no token."""
    acting = {
        each.attributes["metadata"]["name"]: each.attributes["metadata"]["annotations"][
            "iam.gke.io/gcp-service-account"
        ]
        for each in platform.of_type("kubernetes_service_account_v1")
        if "annotations" in each.attributes["metadata"]
    }
    bound = {
        re.search(r"/([\w-]+)\]$", each.attributes["member"])[1]: re.search(
            r"<(\w+)/account>", each.attributes["service_account_id"]
        )[1]
        for each in platform.of_type(ON_ACCOUNTS)
    }
    assert acting.keys() == bound.keys()
    for account, reference in acting.items():
        output = platform.stacks["infra"]["output"][re.search(r"outputs\.(\w+)", reference)[1]]["value"]
        assert output.startswith(f"${{google_service_account.{bound[account]}_account_"), account


def test_people_have_inside_the_cluster_what_access_says(platform):
    """Users what running flows takes, in the jobs' namespace and to forward ports; admins everything; nobody else."""
    bound = {
        each.path: [(subject["kind"], subject["name"]) for subject in each.attributes["subject"]]
        for each in platform.elements
        if each.type in ("kubernetes_role_binding_v1", "kubernetes_cluster_role_binding_v1")
        if each.attributes["subject"][0]["kind"] != "ServiceAccount"
    }
    people = {
        member: ("Group" if member.startswith("group:") else "User", member.partition(":")[2])
        for member in OF_PEOPLE[platform.settings]
    }
    users, admins = (
        [subject for member, subject in people.items() if OF_PEOPLE[platform.settings][member] is roles]
        for roles in (OF_USERS, OF_ADMINS)
    )
    to_users = ("run-tasks", "forward-ports", "forward-argo", "forward-events")
    expected = {f"people/{name}-binding": users for name in to_users} | {"people/admins": admins}
    assert bound == {path: subjects for path, subjects in expected.items() if subjects}


def test_nothing_takes_roles_from_others(platform):
    """Bindings and policies of IAM are authoritative: they would remove whom they do not name."""
    assert [
        each.where for each in platform.elements if re.search(r"_iam_(binding|policy|audit_config)$", each.type)
    ] == []


def test_there_are_no_basic_roles_and_no_keys(platform):
    roles = {each.attributes["role"] for each in platform.elements if "_iam_member" in each.type}
    assert not roles & {"roles/owner", "roles/editor", "roles/viewer"}
    assert platform.of_type("google_service_account_key") == []


def test_no_organisation_policy_is_overridden(platform):
    """Known defect 19 of the templates: an override that opens external addresses to everyone."""
    assert not [each.where for each in platform.elements if "org_policy" in each.type or "organization" in each.type]


@pytest.mark.parametrize("type_", ["google_container_node_pool", "google_container_cluster"])
def test_no_node_runs_as_the_default_account(platform, type_):
    """Known defect 10 of the templates."""
    for each in platform.of_type(type_):
        assert each.attributes["node_config"]["service_account"].startswith("${google_service_account.<nodes/account>")
        scaling = each.attributes.get("cluster_autoscaling", {})
        if scaling.get("enabled"):
            account = scaling["auto_provisioning_defaults"]["service_account"]
            assert account.startswith("${google_service_account.<autonodes/account>")
