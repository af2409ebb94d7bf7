"""The plans of one's own stacks; what is done with them is in test_deploy.py."""

from metaflow_gcp_tools.commands.plan.changes import judge
from scripts.planning import loses


def test_only_data_and_its_protection_are_lost() -> None:
    assert not loses(judge({"resource_changes": []}))
    role = {"actions": ["delete"], "before": {"name": "x"}, "after": None}
    changed = {"address": "x", "mode": "managed", "type": "kubernetes_role_v1", "change": role}
    assert not loses(judge({"resource_changes": [changed]}))
    assert loses(judge({"resource_changes": [changed | {"type": "google_storage_bucket"}]}))
