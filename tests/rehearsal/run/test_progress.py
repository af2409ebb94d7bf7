"""What a person sees while a rehearsal runs, and at its end."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from rehearsal.run.cdktf import Listener
from rehearsal.run.clock import foresee
from rehearsal.run.progress import Progress, Row
from rehearsal.run.report import Report
from rehearsal.run.show import show

DEPLOY = """apis  Initializing the backend...
apis  Terraform used the selected providers to generate the following execution
      plan. Resource actions are indicated with the following symbols:
      # google_project_service.a will be created
      + resource "google_project_service" "a" {
      + certificate = <<-EOT
      -----BEGIN CERTIFICATE-----
      }
      Plan: 2 to add, 0 to change, 0 to destroy.
apis  google_project_service.a: Creating...
      google_project_service.b: Creating...
infra  Initializing the backend...
apis  google_project_service.a: Creation complete after 0s [id=acme/a]
      google_project_service.b: Still creating... [00m10s elapsed]
"""
LAST = """      google_project_service.b: Creation complete after 11s [id=acme/b]
      Apply complete! Resources: 2 added, 0 changed, 0 destroyed.
"""
DESTROY = """apis  Initializing the backend...
apis  google_project_service.a: Refreshing state... [id=acme/a]
      Terraform used the selected providers to generate the following execution plan.
      Plan: 0 to add, 0 to change, 1 to destroy.
apis  google_project_service.a: Destroying... [id=acme/a]
      google_project_service.a: Destruction complete after 0s
"""


@pytest.fixture
def progress():
    return Progress(Console(file=io.StringIO(), width=100), ["apis", "infra"])


@pytest.fixture
def drawn(progress):
    def drawn() -> str:
        file = io.StringIO()
        Console(file=file, width=100).print(progress._table())
        return file.getvalue()

    return drawn


def hear(progress, command, lines):
    listener = Listener(command, progress.rows)
    for line in lines.splitlines():
        listener.hear(line)


def said(progress):
    return [line.split(" s  ", 1)[1] for line in progress.console.file.getvalue().splitlines()]


def test_step_count_and_address_and_nothing_else_of_what_terraform_says(progress, drawn):
    progress.phase("cdktf deploy apis infra")
    hear(progress, "deploy", DEPLOY)
    lines = [line.split() for line in drawn().splitlines()]
    assert lines[0] == ["stack", "step", "resources", "now", "at"]
    assert lines[1] == ["apis", "apply", "1", "of", "2", "google_project_service.b"]
    assert lines[2] == ["infra", "init"]
    assert lines[3][1:] == ["s", "cdktf", "deploy", "apis", "infra"]


def test_without_a_terminal_a_line_for_each_step(progress):
    hear(progress, "deploy", DEPLOY + LAST)
    assert said(progress) == [
        "apis: init",
        "apis: plan",
        "apis: apply, 2 resources",
        "infra: init",
        "apis: apply, 2 of 2 resources done",
    ]


def test_a_destroy(progress):
    hear(progress, "destroy", DESTROY)
    assert said(progress) == [
        "apis: init",
        "apis: plan",
        "apis: destroy, 1 resource",
        "apis: destroy, 1 of 1 resources done",
    ]
    row = progress.rows["apis"]
    assert (row.step, row.done, row.total, row.address) == ("destroy", 1, 1, "")


def test_on_a_terminal_the_table_is_drawn_over_and_no_line_is_left():
    file = io.StringIO()
    console = Console(file=file, width=100, force_terminal=True)
    with Progress(console, ["apis"]) as progress:
        progress.phase("deploy")
        progress.rows["apis"].begin("apply", 2)
        progress.rows["apis"].started("google_project_service.a")
        progress.live.refresh()
    drawn = file.getvalue()
    assert "google_project_service.a" in drawn
    assert "apis: apply" not in drawn


def test_a_stack_that_waits(progress, drawn):
    assert [line.split() for line in drawn().splitlines()][1:3] == [["apis", "waiting"], ["infra", "waiting"]]


def test_a_long_address_stays_on_its_line(progress, drawn):
    progress.rows["infra"].started("google_container_node_pool." + "x" * 200)
    assert len(drawn().splitlines()) == 4
    assert "…" in drawn()


def test_a_step_begins_anew():
    row = Row("apis")
    row.begin("apply", 3)
    row.started("a.b")
    row.finished()
    row.begin("second plan")
    assert (row.count, row.address) == ("", "")


def test_the_end_says_what_the_numbers_are_and_where_the_report_is():
    report = Report(command="rehearse", ok=True, seconds=12.0)
    report.stack("apis").resources = ["google_project_service.a"]
    report.stack("apis").second_plan, report.stack("apis").left = [], ["x"]
    file = io.StringIO()
    show(Console(file=file, width=80), report, Path("build/rehearsal/report.json"))
    lines = file.getvalue().splitlines()
    assert lines[0].split() == ["resources", "changes", "in", "left", "after"]
    assert lines[1].split() == ["stack", "deployed", "second", "plan", "destroy", "seconds"]
    assert lines[2].split()[:4] == ["apis", "1", "0", "1"]
    assert lines[-1] == "Report: build/rehearsal/report.json, and as a page: build/rehearsal/report.html"


def test_the_end_says_how_long_it_takes_in_a_real_project_and_what_would_shorten_it():
    resources = {
        "google_container_cluster": {"main": {}},
        "google_redis_instance": {"cache": {"depends_on": ["google_container_cluster.main"]}},
    }
    report = Report(command="check", clock=foresee({"base": {"resource": resources}}, {}))
    file = io.StringIO()
    show(Console(file=file, width=80), report)
    told = file.getvalue()
    assert "In a real project a deployment takes about 14 minutes, and destroying it about 6 minutes." in told
    needless = "google_redis_instance.cache does not need google_container_cluster.main (depends_on)"
    assert f"The deployment is 300 s shorter if {needless}." in told
