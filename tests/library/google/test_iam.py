import pytest

from metaflow_gcp.google.gke.cluster import ExistingCluster
from metaflow_gcp.google.iam import ServiceIdentity, ServiceIdentityProps

MINIMAL = {"project": "some-project", "account_id": "mf-default-tasks", "display_name": "Metaflow's tasks"}
MAXIMAL = MINIMAL | {"project_roles": ("roles/logging.logWriter", "roles/monitoring.metricWriter")}
CLUSTER = ExistingCluster(project="some-project", name="gke-metaflow-default", location="us-west1")


@pytest.fixture
def identity(synthesize):
    def identity(properties, then=str):
        return synthesize(lambda scope: then(ServiceIdentity(scope, "tasks", ServiceIdentityProps(**properties))))

    return identity


def test_minimal_an_account_that_may_do_nothing(identity):
    stack = identity(MINIMAL)
    assert stack.resources == {"google_service_account": {"tasks/account": MINIMAL}}


def test_maximal_each_role_on_the_project_is_one_member(identity):
    assert identity(MAXIMAL)["google_project_iam_member"] == {
        f"tasks/{role.replace('/', '--')}": {
            "project": "some-project",
            "role": role,
            "member": "${google_service_account.<tasks/account>.member}",
        }
        for role in MAXIMAL["project_roles"]
    }


def test_a_further_role_leaves_the_others_alone(identity):
    roles = MAXIMAL["project_roles"]
    one = identity(MAXIMAL | {"project_roles": roles[1:]})["google_project_iam_member"]
    two = identity(MAXIMAL)["google_project_iam_member"]
    assert one.items() < two.items()


def test_there_are_no_keys(identity):
    """Known defect 8 of the templates: service account keys on disk."""
    assert "google_service_account_key" not in identity(MAXIMAL).resources


def test_a_kubernetes_account_of_one_namespace_may_act_as_it(identity):
    stack = identity(MINIMAL, lambda made: made.bind("wi", CLUSTER, namespace="metaflow-jobs", name="metaflow-tasks"))
    assert stack["google_service_account_iam_member"] == {
        "tasks/wi": {
            "service_account_id": "${google_service_account.<tasks/account>.name}",
            "role": "roles/iam.workloadIdentityUser",
            "member": "serviceAccount:some-project.svc.id.goog[metaflow-jobs/metaflow-tasks]",
        }
    }


def test_address_and_member_are_references_so_that_what_uses_them_waits(identity):
    stack = identity(MINIMAL, lambda made: {"email": made.email, "member": made.member})
    assert stack.values == {
        "email": "${google_service_account.<tasks/account>.email}",
        "member": "${google_service_account.<tasks/account>.member}",
    }


def test_it_needs_the_apis_of_accounts_tokens_and_roles():
    """Known defect 22 of the templates: the list of APIs misses iam and iamcredentials."""
    assert ServiceIdentity.requirements.apis == {
        "iam.googleapis.com",
        "iamcredentials.googleapis.com",
        "cloudresourcemanager.googleapis.com",
    }


@pytest.mark.parametrize("role", ["roles/owner", "roles/editor", "roles/viewer"])
def test_basic_roles_are_refused(role, refused):
    """Known defect 21 of the templates: workers are Editors of the project."""
    refused(
        lambda: ServiceIdentityProps(**MINIMAL | {"project_roles": (role,)}), "project_roles", "predefined and custom"
    )


@pytest.mark.parametrize(
    ("account_id", "said"), [("tasks", "6 to 30"), ("t" * 31, "at most 30"), ("Metaflow-tasks", "a letter first")]
)
def test_an_account_s_name_keeps_to_google_s_limits(account_id, said, refused):
    refused(lambda: ServiceIdentityProps(**MINIMAL | {"account_id": account_id}), "account_id", said)
