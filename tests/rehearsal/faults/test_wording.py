import pytest

from rehearsal.faults.fault import Fault
from rehearsal.faults.timeouts import minutes
from rehearsal.faults.wording import message

POOL = {"name": "gpu", "project": "acme", "location": "us-west1", "node_locations": ["us-west1-a"]}
SECRET = {"metadata": [{"namespace": "jobs", "name": "s"}]}


@pytest.mark.parametrize(
    ("type_", "operation", "values", "kind", "says"),
    [
        (
            "google_compute_router_nat",
            "update",
            {"name": "n"},
            "unavailable",
            'Error updating RouterNat "n":',
        ),
        (
            "google_artifact_registry_repository",
            "delete",
            {},
            "unavailable",
            "reading or editing Repository:",
        ),
        ("google_compute_network", "create", {}, "quota", "Quota 'NETWORKS' exceeded.  Limit: 5.0 globally."),
        ("google_container_node_pool", "create", POOL, "quota", "Insufficient regional quota to satisfy request"),
        ("google_container_node_pool", "create", POOL, "stockout", "'projects/acme/zones/us-west1-a' does not have"),
        ("google_project_iam_member", "create", {"project": "acme"}, "expired", "Error 401: Request had invalid auth"),
        ("kubernetes_secret_v1", "create", SECRET, "unavailable", "unable to handle the request (post secrets)"),
        ("kubernetes_config_map_v1", "update", SECRET, "expired", "Failed to update Config Map: Unauthorized"),
        ("kubernetes_deployment_v1", "create", SECRET, "slow", "Waiting for rollout to finish"),
        ("helm_release", "delete", {"name": "a"}, "unavailable", "Error uninstalling release"),
    ],
)
def test_the_providers_own_words(type_, operation, values, kind, says):
    fault = Fault(address=f"{type_}.x", operation=operation, kind=kind, value="99")
    assert says in " ".join(message(fault, type_, operation, values, 20))


def test_the_configuration_s_timeout_goes_before_the_providers():
    assert minutes("google_container_cluster", "create", {}) == 40
    assert minutes("google_compute_address", "delete", {}) == 20
    assert minutes("google_compute_address", "create", {"timeouts": {"create": "1h30m"}}) == 90
    assert minutes("helm_release", "create", {"timeout": 900}) == 15
