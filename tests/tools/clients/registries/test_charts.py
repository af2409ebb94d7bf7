"""Whether there is a chart, as its repository or registry says."""

import pytest

from metaflow_gcp_tools.checks import State
from metaflow_gcp_tools.clients.registries import charts
from metaflow_gcp_tools.clients.registries.charts import Chart

TIMEOUT = 20.0


def chart(repository, **changed):
    wanted = {"name": "argo-events", "repository": repository, "version": "2.4.22", "app_version": "v1.9.10"}
    return Chart(**(wanted | changed))


@pytest.fixture
def repository(registry):
    registry.have_chart("argo-events", "2.4.21", "v1.9.9")
    registry.have_chart("argo-events", "2.4.22", "v1.9.10")
    return registry.charts


def test_a_chart_that_is_listed_and_there(registry, repository):
    answer = charts.ask(chart(repository), TIMEOUT)
    assert (answer.state, answer.digest) == (State.PASS, f"sha256:{'ab' * 32}")
    assert registry.asked == ["GET /charts/index.yaml", "HEAD /charts/archives/argo-events-2.4.22.tgz"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"version": "2.4.23"}, "does not list version 2.4.23 of argo-events"),
        ({"name": "argo-event"}, "does not list version 2.4.22 of argo-event"),
        ({"app_version": "v1.9.9"}, "installs v1.9.10 there, not v1.9.9"),
    ],
)
def test_a_chart_that_is_not_listed(repository, changed, says):
    answer = charts.ask(chart(repository, **changed), TIMEOUT)
    assert answer.state is State.FAIL
    assert says in answer.says


def test_a_chart_whose_archive_is_gone(registry, repository):
    registry.lose_archives()
    answer = charts.ask(chart(repository), TIMEOUT)
    assert answer.state is State.FAIL
    assert "but there is no" in answer.says


@pytest.mark.parametrize("status", [404, 429, 503])
def test_a_repository_without_an_index_leaves_it_open(registry, repository, status):
    registry.refuse("charts", status)
    assert charts.ask(chart(repository), TIMEOUT).state is State.UNKNOWN


def test_what_is_no_index_leaves_it_open(registry, repository):
    registry.refuse("charts", 200)
    answer = charts.ask(chart(repository), TIMEOUT)
    assert answer.state is State.UNKNOWN
    assert "is not an index of charts" in answer.says


def test_a_chart_in_a_registry(registry):
    registry.have("jobset/charts/jobset:0.11.1")
    there = chart(f"oci://{registry.host}/jobset/charts", name="jobset", version="0.11.1", app_version="v0.11.1")
    assert charts.ask(there, TIMEOUT).state is State.PASS
    newer = chart(f"oci://{registry.host}/jobset/charts", name="jobset", version="0.11.2", app_version="v0.11.2")
    assert charts.ask(newer, TIMEOUT).state is State.FAIL
