import json

from rehearsal.faults.address import Addresses


def test_a_folder_without_json_has_the_objects_own_names(cloud, tmp_path):
    addresses = Addresses(cloud, tmp_path)
    assert addresses.of("google_storage_bucket", {"name": "a.b"}) == "google_storage_bucket.a_b"
    about = {"metadata": [{"name": "s", "namespace": "jobs"}]}
    assert addresses.of("kubernetes_secret_v1", about) == "kubernetes_secret_v1.s"


def test_what_is_written_and_what_is_referred_to_tell_apart(google, cloud, tmp_path):
    account, member = "google_service_account", "google_project_iam_member"
    accounts = {name: {"account_id": f"{name}-account"} for name in ("a", "b")}
    grants = {name: {"role": "roles/viewer", "member": f"${{{account}.{name}.member}}"} for name in ("a", "b")}
    (tmp_path / "cdk.tf.json").write_text(json.dumps({"resource": {account: accounts, member: grants}}))
    addresses = Addresses(cloud, tmp_path)
    for name in ("b", "a"):
        made = google.create(account, account_id=f"{name}-account")
        assert addresses.of(account, made) == f"{account}.{name}"
        asked = {"project": "acme", "role": "roles/viewer", "member": made["member"]}
        assert addresses.of(member, asked) == f"{member}.{name}"
