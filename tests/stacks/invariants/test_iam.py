"""Who may do what: a table. A role that is not in it was not thought about."""

import re

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
}
OF_USERS = {
    "google_project_iam_member": {"${google_project_iam_custom_role.<access/connect>.name}"},
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
    },
}
OURS = re.compile(r"\$\{google_service_account\.<(.+)>\.member\}")
# Who may act as an account is said on the account; see below.
ON_ACCOUNTS = "google_service_account_iam_member"


def grants(platform):
    """Member -> type of grant -> roles."""
    found = {}
    for each in platform.elements:
        if each.type.endswith("_iam_member") and each.type != ON_ACCOUNTS:
            member = OURS.sub(r"\1", each.attributes["member"])
            found.setdefault(member, {}).setdefault(each.type, set()).add(each.attributes["role"])
    return found


def test_everybody_has_the_roles_of_the_table_and_no_others(platform):
    """Known defects 9 and 21 of the templates: nodes without roles for logs and images, workers that are Editors."""
    expected = {**OF_SERVICE_ACCOUNTS, **OF_PEOPLE[platform.settings]}
    assert grants(platform) == {member: roles for member, roles in expected.items() if roles}


def test_every_service_account_is_in_the_table(platform):
    assert {each.path for each in platform.of_type("google_service_account")} == set(OF_SERVICE_ACCOUNTS)


def test_only_the_kubernetes_accounts_of_the_platform_may_act_as_a_service_account(platform):
    pool = "${google_container_cluster.<cluster/cluster>.workload_identity_config[0].workload_pool}"
    found = {
        each.attributes["service_account_id"]: (each.attributes["role"], each.attributes["member"])
        for each in platform.of_type(ON_ACCOUNTS)
    }
    user = "roles/iam.workloadIdentityUser"
    assert found == {
        "${google_service_account.<tasks/account>.name}": (
            user,
            f"serviceAccount:{pool}[metaflow-jobs/metaflow-tasks]",
        ),
        "${google_service_account.<metadata/account>.name}": (
            user,
            f"serviceAccount:{pool}[metaflow/metadata-service]",
        ),
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
