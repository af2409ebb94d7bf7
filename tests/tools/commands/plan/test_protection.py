"""A change that protects data less is a finding, though nothing is lost by it yet."""

import io

import pytest
from rich.console import Console

from metaflow_gcp_tools.commands.plan import show
from metaflow_gcp_tools.commands.plan.changes import judge
from metaflow_gcp_tools.commands.plan.protection import _RULES
from tests.tools.commands.plan.conftest import document, resource

DATABASE, BUCKET = "google_sql_database_instance", "google_storage_bucket"


def settings(**values):
    return {"name": "it", "settings": [values]}


def backup(**values):
    return settings(backup_configuration=[values])


CASES = [
    (DATABASE, backup(enabled=True), backup(enabled=False), "no backups are made any more"),
    (DATABASE, backup(enabled=True), settings(backup_configuration=[]), "no backups are made any more"),
    (
        DATABASE,
        backup(backup_retention_settings=[{"retained_backups": 7}]),
        backup(backup_retention_settings=[{"retained_backups": 3}]),
        "fewer backups are kept",
    ),
    (
        DATABASE,
        backup(point_in_time_recovery_enabled=True),
        backup(point_in_time_recovery_enabled=False),
        "no longer be set back to a moment",
    ),
    (
        DATABASE,
        backup(transaction_log_retention_days=7),
        backup(transaction_log_retention_days=1),
        "set back by fewer days",
    ),
    (DATABASE, {"deletion_protection": True}, {"deletion_protection": False}, "nothing refuses to destroy it"),
    (
        DATABASE,
        settings(deletion_protection_enabled=True),
        settings(deletion_protection_enabled=False),
        "nothing refuses to destroy it",
    ),
    (
        "google_container_cluster",
        {"deletion_protection": True},
        {"deletion_protection": False},
        "nothing refuses to destroy it",
    ),
    (BUCKET, {"force_destroy": False}, {"force_destroy": True}, "destroyed with all that is in it"),
    (BUCKET, {"versioning": [{"enabled": True}]}, {"versioning": [{"enabled": False}]}, "no older version any more"),
    (BUCKET, {"versioning": [{"enabled": True}]}, {"versioning": []}, "no older version any more"),
    (
        BUCKET,
        {"soft_delete_policy": [{"retention_duration_seconds": 604800}]},
        {"soft_delete_policy": [{"retention_duration_seconds": 0}]},
        "restored for a shorter time",
    ),
    ("google_sql_database", {"deletion_policy": "ABANDON"}, {"deletion_policy": "DELETE"}, "it is dropped"),
    (
        BUCKET,
        {"public_access_prevention": "enforced"},
        {"public_access_prevention": "inherited"},
        "may be made public",
    ),
    (
        DATABASE,
        settings(ip_configuration=[{"ipv4_enabled": False}]),
        settings(ip_configuration=[{"ipv4_enabled": True}]),
        "a public address",
    ),
    (
        DATABASE,
        settings(ip_configuration=[{"ssl_mode": "ENCRYPTED_ONLY"}]),
        settings(ip_configuration=[{"ssl_mode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED"}]),
        "no encryption",
    ),
]


@pytest.mark.parametrize(("type_", "before", "after", "what"), CASES)
def test_it_is_found_and_its_opposite_is_not(type_, before, after, what):
    [found] = judge(document(resource(type_, "update", before=before, after=after))).weakened
    assert what in found.what
    assert judge(document(resource(type_, "update", before=after, after=before))).weakened == ()
    assert judge(document(resource(type_, "update", before=before, after=before))).weakened == ()
    assert judge(document(resource(type_, "create", before=None, after=after))).weakened == ()


def test_every_rule_is_tried():
    assert {rule.what for rule in _RULES} == {
        found.what
        for type_, before, after, _ in CASES
        for found in judge(document(resource(type_, "update", before=before, after=after))).weakened
    }


def test_the_guard_of_a_stack_goes():
    [found] = judge(document(resource("terraform_data", "delete"))).weakened
    assert (found.what, found.setting) == ("`make destroy` is no longer refused", "deletion_protection")
    assert judge(document(resource("terraform_data", "delete", mode="data"))).weakened == ()


def test_a_real_plan_that_turns_protection_off(run, real_plans):
    """The attributes are where the rules look for them, in what the provider's schema makes of our stacks."""
    ran = run("plan", "--json", "--changes", str(real_plans.unprotected))
    assert ran.exit_code == 1
    [changes] = ran.document["result"]["changes"]
    assert {(each["name"], each["setting"]) for each in changes["weakened"]} >= {
        ("storage-acme-acme-metaflow-metaflow-default", "storage.versioning"),
        ("storage-acme-acme-metaflow-metaflow-default", "storage.soft_delete_days"),
    }
    retained = [each for each in changes["weakened"] if each["setting"] == "database.backups_retained"]
    assert [(each["before"], each["after"]) for each in retained] == [("7", "3")]
    [problem] = ran.document["problems"]
    assert "weakens the protection of data: " in problem["what"]
    assert "storage.soft_delete_days and of storage.versioning" in problem["next_step"]


def test_people_are_told_at_the_top(write, run):
    file = write(resource(BUCKET, "update", before=CASES[9][1] | {"name": "artifacts"}, after=CASES[9][2]))
    ran = run("plan", "--changes", str(file))
    assert ran.exit_code == 1
    lines = [line.strip() for line in ran.stdout.splitlines()]
    start = lines.index("DATA IS LESS PROTECTED")
    assert lines[start + 1] == "artifacts: google_storage_bucket.it"
    assert lines[start + 2].startswith("what is written over or deleted has no older version any more: true -> false")
    assert "artifacts: what is written over" in ran.stderr


def test_on_a_terminal_lines_are_wrapped_at_words(tmp_path):
    file = io.StringIO()
    console = Console(
        file=file, force_terminal=True, width=50, soft_wrap=True, no_color=True, highlight=False, markup=False
    )
    change = resource(BUCKET, "delete", before={"name": "artifacts"}, action_reason="replace_because_tainted")
    show.changes(console, tmp_path / "plan.json", judge(document(change)), None)
    written = [line.rstrip() for line in file.getvalue().splitlines()]
    assert all(len(line) <= 60 for line in written)
    lost = next(number for number, line in enumerate(written) if "lost: every artifact" in line)
    words = " ".join(line.strip() for line in written[lost : lost + 3])
    assert words.startswith("lost: every artifact of every run, the logs of tasks, and the profile")
    assert written[lost + 1].startswith("    ")
