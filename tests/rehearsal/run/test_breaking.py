"""`python -m rehearsal check --fail`: what breaks is done again until it goes well."""

import json
import re
import subprocess
import sys

import pytest
from rich.console import Console

from rehearsal.run.check import check
from rehearsal.run.errors import WrongUse
from rehearsal.run.state_faults import require_namespaces
from tests.rehearsal.run.test_check import stack, write

BUCKETS = {name: {"name": f"acme-{name}", "location": "US", "labels": {"a": "b"}} for name in ("one", "two")}


@pytest.fixture
def app(tmp_path):
    """A stack of two buckets."""
    google = {"google": [{"project": "acme", "region": "us-west1"}]}
    base = stack({"local": {"path": "base.tfstate"}}, google, resource={"google_storage_bucket": BUCKETS})
    apis = {"projects": {"acme": {"apis": ["storage.googleapis.com"]}}}
    (tmp_path / "cloud.json").write_text(json.dumps(apis))
    return write(tmp_path / "app", base=(base, []))


@pytest.fixture
def broken(app, tmp_path):
    """What a check with faults reports."""

    def broken(*fail):
        return check(app, cloud_file=tmp_path / "cloud.json", console=Console(quiet=True), fail=fail)

    return broken


def test_every_kind_of_fault_in_one_run(broken):
    report = broken(
        "base:locked",
        "google_storage_bucket.one:after",
        "google_storage_bucket.two:killed=terraform",
        "google_storage_bucket.one:update",
        "google_storage_bucket.two:read:expired",
        "google_storage_bucket.one:delete:after:killed=provider",
        "google_storage_bucket.two:slow=1:read",
    )
    assert report.ok, report.failure
    said = "\n---\n".join(each.message for each in report.broken)
    assert "Error acquiring the state lock" in said
    assert "Who:       grace@elsewhere" in said
    assert "terraform was killed by signal 9" in said
    assert re.search(r"google_storage_bucket.one: .*Error 409", said)
    assert "Error 401: Request had invalid authentication credentials" in said
    assert "google_storage_bucket.one: failed" in said
    assert "Plugin did not respond" in said
    cures = [cure for each in report.broken for cure in each.cures]
    assert cures == ["terraform import google_storage_bucket.one acme-one"]
    assert report.findings == []


def test_a_fault_that_is_met_less_often_than_it_was_asked_for_is_a_finding(broken):
    # Once it is imported, nothing is created any more.
    report = broken("google_storage_bucket.one:after:2")
    assert report.findings == ["--fail google_storage_bucket.one:create:after:unavailable:2 was met 1 times"]


def test_a_full_disk(broken):
    """Terraform cannot write the state, and leaves it cut off: its own advice alone does not help."""
    try:
        require_namespaces()
    except WrongUse:
        with pytest.raises(WrongUse, match="needs Linux with user namespaces"):
            broken("base:disk-full")
        return
    report = broken("base:disk-full", "google_storage_bucket.*:slow=1")
    assert report.ok, report.failure


def test_wrong_faults_all_at_once(app):
    command = [sys.executable, "-m", "rehearsal", "check", str(app)]
    faults = ["google_storage_bucket.ona", "bas:locked", "*.*:killed=cdktf"]
    asked = [word for each in faults for word in ("--fail", each)]
    ran = subprocess.run([*command, *asked], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "Did you mean google_storage_bucket.one" in ran.stderr
    assert "Did you mean base" in ran.stderr
    assert "there is nothing to kill" in ran.stderr
