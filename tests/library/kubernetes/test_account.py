import pytest

from metaflow_gcp.kubernetes.account import KubernetesAccount, KubernetesAccountProps

ACCOUNT = {"namespace": "metaflow-jobs", "name": "metaflow-tasks"}


@pytest.fixture
def account(synthesize):
    def account(**properties):
        props = KubernetesAccountProps(**ACCOUNT | properties)
        return synthesize(lambda scope: {"name": KubernetesAccount(scope, "tasks", props).name})

    return account


def test_a_minimal_kubernetes_account_acts_as_nobody_and_gets_no_token(account):
    assert account()["kubernetes_service_account_v1"] == {
        "tasks/account": {"metadata": ACCOUNT, "automount_service_account_token": False}
    }


def test_a_maximal_kubernetes_account_names_the_google_account(account):
    stack = account(google_service_account="a@some-project.iam.gserviceaccount.com", automount_token=True)
    assert stack.only("kubernetes_service_account_v1") == {
        "metadata": ACCOUNT
        | {"annotations": {"iam.gke.io/gcp-service-account": "a@some-project.iam.gserviceaccount.com"}},
        "automount_service_account_token": True,
    }


def test_the_account_s_name_is_a_reference_so_that_pods_wait_for_it(account):
    """Known defect 7 of the templates: a binding names an account that does not exist."""
    assert account().values == {"name": "${kubernetes_service_account_v1.<tasks/account>.metadata[0].name}"}


@pytest.mark.parametrize("where", ["namespace", "name"])
def test_kubernetes_names_keep_to_their_limits(where, refused):
    refused(lambda: KubernetesAccountProps(**ACCOUNT | {where: "Tasks_"}), where, "up to 63")
    refused(lambda: KubernetesAccountProps(**ACCOUNT | {where: "t" * 64}), where, "at most 63")
