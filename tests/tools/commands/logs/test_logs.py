"""`metaflow-gcp logs`: finds the logs of pods that are gone, by what Metaflow and Kubernetes know of them."""

import json
from urllib.parse import unquote

import pytest

from metaflow_gcp_tools.commands.tasks import entries, metadata, query
from metaflow_gcp_tools.commands.tasks.pathspec import Pathspec
from metaflow_gcp_tools.platform.description import Platform
from tests.tools.commands.forward.platforms import eventually, free_ports, stand_in
from tests.tools.commands.status.conftest import PLATFORM
from tests.tools.commands.tasks.world import attempt, entry, task_pod
from tests.tools.stand_in_google import Refusal


def test_a_pod_that_is_gone_is_found_by_metaflow_s_metadata(world):
    world.rows = attempt("train", "34", "t-0a1b-xyz")
    world.entries = [entry("t-0a1b-xyz", "Setting up task environment."), entry("t-0a1b-xyz", "[loss] 0.1", minutes=1)]
    ran = world.run("logs", "HelloFlow/12/train/34")
    assert (ran.exit_code, ran.stdout) == (0, "Setting up task environment.\n[loss] 0.1\n")
    assert world.asked == ["/flows/HelloFlow/runs/12/metadata"]
    [asked] = world.queries
    assert asked.splitlines() == [
        'resource.type="k8s_container"',
        'resource.labels.cluster_name="gke-metaflow-default"',
        'resource.labels.location="us-west1"',
        'resource.labels.namespace_name="metaflow-jobs"',
        'resource.labels.pod_name=("t-0a1b-xyz")',
        # An hour before Metaflow's first word.
        'timestamp>="2026-01-31T08:00:00+00:00"',
    ]


def test_of_several_pods_each_line_says_where_it_is_from_in_the_order_of_time(world):
    world.rows = [*attempt("train", "34", "t-1"), *attempt("train", "35", "t-2")]
    world.entries = [entry("t-1", "first"), entry("t-2", "third", minutes=2), entry("t-1", "second", minutes=1)]
    ran = world.run("logs", "HelloFlow/12/train")
    assert ran.stdout == "train/34 main | first\ntrain/34 main | second\ntrain/35 main | third\n"


def test_a_pod_that_never_started_metaflow_is_found_while_it_is_there(world):
    world.kubernetes.add(task_pod("t-9", "train", "34"))
    world.entries = [entry("t-9", "no such module")]
    assert world.run("logs", "HelloFlow/12").stdout == "no such module\n"


def test_a_run_of_a_deployed_flow_is_found_by_its_workflow(world):
    """Also pods that Metaflow never heard of: those of Argo's own, and those that failed before it started."""
    world.rows = None
    world.entries = [entry("hello-x7k2-train-1", "it")]
    assert world.run("logs", "HelloFlow/argo-hello-x7k2").stdout == "it\n"
    [asked] = world.queries
    assert 'labels."k8s-pod/workflows_argoproj_io/workflow"="hello-x7k2"' in asked


def test_what_is_no_text_is_shown_as_its_message(world):
    world.rows = attempt("train", "34", "t-1")
    structured = entry("t-1", "", jsonPayload={"message": "of a library", "severity": "INFO"})
    del structured["textPayload"]
    world.entries = [structured]
    assert world.run("logs", "HelloFlow/12").stdout == "of a library\n"


def test_the_link_asks_the_console_for_the_same(world):
    world.rows = attempt("train", "34", "t-1")
    ran = world.run("logs", "HelloFlow/12", "--link")
    [link] = ran.stdout.splitlines()
    assert link.startswith("https://console.cloud.google.com/logs/query;query=")
    assert link.endswith("?project=acme-metaflow")
    asked = unquote(link.partition("query;query=")[2].partition("?project")[0])
    assert 'resource.labels.pod_name=("t-1")' in asked
    assert not world.queries


def test_all_pages_are_read(world):
    world.rows = attempt("train", "34", "t-1")

    def pages(call):
        first = {"entries": [entry("t-1", "one")], "nextPageToken": "2"}
        return {"entries": [entry("t-1", "two", minutes=1)]} if call.body.get("pageToken") == "2" else first

    world.google.answer("logging.entries.list", pages)
    assert world.run("logs", "HelloFlow/12").stdout == "one\ntwo\n"


def test_who_may_read_only_the_view_for_tasks_reads_that(world):
    world.rows = attempt("train", "34", "t-1")
    world.entries = [entry("t-1", "it")]

    def answer(call):
        [resource] = call.body["resourceNames"]
        of_view = resource == "projects/acme-metaflow/locations/global/buckets/_Default/views/metaflow-tasks"
        return {"entries": world.entries} if of_view else Refusal(403, "Permission denied")

    world.google.answer("logging.entries.list", answer)
    assert world.run("logs", "HelloFlow/12").stdout == "it\n"


@pytest.mark.parametrize("of_view", [Refusal(403, "no"), Refusal(404, "no such view", reason="notFound")])
def test_who_may_read_nothing_is_told_what_to_ask_for(world, of_view):
    world.rows = attempt("train", "34", "t-1")

    def answer(call):
        return of_view if "/views/" in call.body["resourceNames"][0] else Refusal(403, "Permission denied")

    world.google.answer("logging.entries.list", answer)
    ran = world.run("logs", "HelloFlow/12")
    assert ran.exit_code == 1
    assert "you have no permission to read the logs of the project acme-metaflow" in ran.stderr
    assert "ask an administrator for roles/logging.viewer, or for access to the log view metaflow-tasks" in ran.stderr


def test_a_run_that_nobody_knows_is_a_problem(world):
    world.rows = None
    ran = world.run("logs", "HelloFlow/99")
    assert ran.exit_code == 1
    assert "no pods found for HelloFlow/99" in ran.stderr
    assert not world.queries


def test_logs_that_are_no_longer_there_are_no_fault(world):
    world.rows = attempt("train", "34", "t-1")
    ran = world.run("logs", "HelloFlow/12")
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert "Cloud Logging has no logs of these pods. Logs are kept for 30 days" in ran.stderr


def test_many_pods_take_several_queries(world):
    for number in range(query.PODS + 1):
        world.rows += attempt("train", str(number), f"t-{number}")
    world.run("logs", "HelloFlow/12")
    assert len(world.queries) == 2
    assert max(map(len, world.queries)) < 20_000


def test_times_have_as_many_digits_as_they_need(world):
    world.rows = attempt("train", "34", "t-1")
    texts = {"09:00:00Z": "first", "09:00:00.1Z": "second", "09:00:00.12Z": "third", "09:00:01Z": "last"}
    world.entries = [entry("t-1", text, timestamp=f"2026-01-31T{time}") for time, text in texts.items()]
    assert world.run("logs", "HelloFlow/12").stdout.split() == ["first", "second", "third", "last"]


def test_it_is_told_as_json(world):
    world.rows = attempt("train", "34", "t-1", number=1)
    world.entries = [entry("t-1", "it")]
    result = world.run("logs", "HelloFlow/12/train", "--json").document["result"]
    assert result["pathspec"] == "HelloFlow/12/train"
    assert result["tasks"] == [{"step": "train", "task": "34", "attempt": 1, "pods": ["t-1"]}]
    assert result["lines"] == [{"time": "2026-01-31T09:00:00.000000Z", "pod": "t-1", "container": "main", "text": "it"}]
    assert len(result["queries"]) == len(result["links"]) == 1


def test_a_platform_is_needed(run_here):
    ran = run_here("logs", "HelloFlow/12")
    assert ran.exit_code == 2
    assert "no platform is configured" in ran.stderr


def test_quotes_in_a_name_stay_in_it():
    platform = Platform.parse(json.dumps(PLATFORM), "the test")
    asked = query.logs(platform, pods=['a" OR "b'], workflow="", since=None)
    assert r'pod_name=("a\" OR \"b")' in asked


def test_the_forward_is_opened_for_the_moment_where_none_is(tmp_path, environment, monkeypatch):
    """Through a stand-in kubectl, and closed again."""
    rows = attempt("train", "34", "t-1")
    with stand_in(tmp_path / "machine", environment, ports=free_ports(("metadata-service",))) as machine:
        for name, value in machine.environment.items():
            monkeypatch.setenv(name, value)
        machine.services["metadata-service"].name = json.dumps(rows)
        platform = Platform.load("")
        assert metadata.of_run(platform, Pathspec.parse("HelloFlow/12"), "logs") == rows
        eventually(lambda: not machine.processes(), "no process is left")


def test_a_service_that_cannot_be_reached_is_told_and_pods_that_are_there_do(world, monkeypatch):
    world.kubernetes.add(task_pod("t-9", "train", "34"))
    world.entries = [entry("t-9", "it")]
    monkeypatch.setattr(world, "rows", "no rows")
    ran = world.run("logs", "HelloFlow/12")
    assert ran.stdout == "it\n"
    assert "the metadata service" in ran.stderr


def test_a_node_is_where_an_entry_was_written():
    assert entries.node(entry("t-1", "it")) == "gke-gke-metaflow-default-l4-0a1b2c3d-wxyz"
    assert entries.node({}) == ""
