"""Who may be granted what."""

import pytest

from rehearsal.protocol.errors import Refused


@pytest.mark.parametrize("member", ["a@b.c", "robot:x", "serviceAccount"])
def test_a_member_of_no_known_sort(google, member):
    with pytest.raises(Refused, match="Invalid member"):
        google.create("google_project_iam_member", project="acme", role="roles/viewer", member=member)


def test_a_role_that_is_no_role(google):
    with pytest.raises(Refused, match="Role viewer is not supported"):
        google.create("google_project_iam_member", project="acme", role="viewer", member="user:a@b.c")


def test_workload_identity_needs_the_projects_first_cluster(google, request):
    google.create("google_service_account", account_id="runner")
    binding = {
        "service_account_id": "projects/acme/serviceAccounts/runner@acme.iam.gserviceaccount.com",
        "role": "roles/iam.workloadIdentityUser",
        "member": "serviceAccount:acme.svc.id.goog[jobs/runner]",
    }
    with pytest.raises(Refused, match=r"Identity Pool does not exist \(acme\.svc\.id\.goog\)"):
        google.create("google_service_account_iam_member", **binding)
    request.getfixturevalue("cluster")
    assert google.create("google_service_account_iam_member", **binding)["member"] == binding["member"]


@pytest.mark.parametrize("member", ["user:Bob.B@Example.com", "principal://iam.googleapis.com/A/b", "allUsers"])
def test_google_keeps_members_in_lower_case_and_the_provider_does_not_mind(google, member):
    grant = {"project": "acme", "role": "roles/viewer", "member": member}
    state = google.read("google_project_iam_member", google.create("google_project_iam_member", **grant))
    assert state["member"] == (member.lower() if member.startswith("user:") else member)
    assert google.plan("google_project_iam_member", state, **grant)["member"] == state["member"]
    google.delete("google_project_iam_member", state)
    assert google.provider.cloud.all("google_project_iam_member") == []
