"""The plans of one's own stacks; what is done with them is in test_deploy.py."""

import json

from metaflow_gcp_tools.commands.plan.changes import judge
from rehearsal.run import mirror
from scripts.planning import Planned, loses, planned


def test_only_data_and_its_protection_are_lost() -> None:
    assert not loses(judge({"resource_changes": []}))
    role = {"actions": ["delete"], "before": {"name": "x"}, "after": None}
    changed = {"address": "x", "mode": "managed", "type": "kubernetes_role_v1", "change": role}
    assert not loses(judge({"resource_changes": [changed]}))
    assert loses(judge({"resource_changes": [changed | {"type": "google_storage_bucket"}]}))


def test_a_provider_of_another_version_than_the_last_time_is_taken(tmp_path, monkeypatch) -> None:
    """Terraform has locked the old one, and refuses until it is told to upgrade."""
    for name, value in mirror.environment(mirror.write(tmp_path), tmp_path / "cloud.sqlite").items():
        monkeypatch.setenv(name, value)
    stack = tmp_path / "stack"
    stack.mkdir()
    for version in ("3.7.2", "3.8.1"):
        required = {"random": {"source": "hashicorp/random", "version": version}}
        (stack / "cdk.tf.json").write_text(json.dumps({"terraform": {"required_providers": required}}))
        assert planned(stack) == Planned()
        assert f'"{version}"' in (stack / ".terraform.lock.hcl").read_text()
