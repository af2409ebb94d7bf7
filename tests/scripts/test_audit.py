"""The comparison of a scanner's findings with what has been accepted."""

import runpy
from pathlib import Path

import pytest

AUDIT = Path(__file__).parents[2] / "scripts" / "audit"


@pytest.fixture(scope="module")
def audit():
    return runpy.run_path(str(AUDIT / "__main__.py"))


@pytest.fixture
def entry(audit):
    return audit["Accepted"](check="CKV_1", resources=("google_storage_bucket.*",), reason="Because.")


def test_what_is_accepted_passes(audit, entry):
    found = [audit["Finding"]("CKV_1", f"google_storage_bucket.{name}") for name in ("a", "b")]
    assert audit["compare"](found, [entry]).ok


@pytest.mark.parametrize(
    ("check", "resource"),
    [("CKV_1", "google_sql_database_instance.a"), ("CKV_2", "google_storage_bucket.a")],
)
def test_another_check_or_another_resource_is_new(audit, entry, check, resource):
    known, other = audit["Finding"]("CKV_1", "google_storage_bucket.a"), audit["Finding"](check, resource)
    verdict = audit["compare"]([known, other], [entry])
    assert (verdict.new, verdict.stale, verdict.ok) == ([other], [], False)


def test_an_entry_that_nothing_matches_is_stale(audit, entry):
    verdict = audit["compare"]([], [entry])
    assert (verdict.new, verdict.stale, verdict.ok) == ([], [entry], False)


@pytest.mark.parametrize("several", [False, True], ids=["one report", "a report for each kind of check"])
def test_checkovs_report_is_read(audit, several):
    failed = {"check_id": "CKV_1", "resource": "google_storage_bucket.a", "check_name": "Ensure"}
    report = {"results": {"failed_checks": [failed]}}
    assert audit["findings"]([report] if several else report) == [audit["Finding"]("CKV_1", "google_storage_bucket.a")]


def test_everything_that_is_accepted_has_a_reason_and_stands_once(audit):
    entries = audit["accepted"]()
    assert all(entry.reason.endswith(".") for entry in entries)
    checks = [entry.check for entry in entries]
    assert len(checks) == len(set(checks))


def test_the_scanner_is_locked_with_hashes_and_without_addresses():
    lock = (AUDIT / "requirements.txt").read_text("utf-8")
    asked = [line for line in (AUDIT / "requirements.in").read_text("utf-8").splitlines() if line[:1] != "#"]
    assert all(f"{line} \\" in lock for line in asked)
    assert lock.count("==") <= lock.count("--hash=sha256:")
    assert "://" not in lock
