"""Service accounts and custom roles."""


def test_a_service_account_is_known_before_it_is_made(google):
    planned = google.plan("google_service_account", account_id="runner")
    assert planned["email"] == "runner@acme.iam.gserviceaccount.com"
    assert planned["member"] == "serviceAccount:runner@acme.iam.gserviceaccount.com"
    state = google.create("google_service_account", account_id="runner")
    assert state["name"] == "projects/acme/serviceAccounts/runner@acme.iam.gserviceaccount.com"
    assert len(state["unique_id"]) == 21


def test_a_short_account_id(google):
    assert [
        problem.path for problem in google.provider.validate("google_service_account", {"account_id": "short"})
    ] == [("account_id",)]
    assert google.provider.validate("google_service_account", {"account_id": "longer"}) == []


def test_googles_own_accounts_exist(google):
    for member in (
        "serviceAccount:service-1@gcp-sa-pubsub.iam.gserviceaccount.com",
        "serviceAccount:1-compute@developer.gserviceaccount.com",
    ):
        google.create("google_project_iam_member", project="acme", role="roles/viewer", member=member)


def test_a_custom_role_is_undeleted(google, cloud):
    role = {"role_id": "connector", "title": "Connector", "permissions": ["container.clusters.get"]}
    google.delete("google_project_iam_custom_role", google.create("google_project_iam_custom_role", **role))
    assert [key.id for key in cloud.all_reserved()] == ["projects/acme/roles/connector"]
    google.create("google_project_iam_custom_role", **role)
    assert cloud.all_reserved() == []
