"""How our own chart gets into a stack: the same bytes in any folder, whatever lies beside its files."""

import re
import shutil
from pathlib import Path

import pytest

import metaflow_gcp
from metaflow_gcp.kubernetes.helm import release as helm_release
from metaflow_gcp.metaflow.argo.events import ArgoEvents, ArgoEventsProps
from rehearsal.cloud.render import render

CHART = Path(metaflow_gcp.__file__).parent / "metaflow/charts/metaflow-events"
STRAYS = (
    "templates/.event-bus.yaml.swp",
    "templates/event-bus.yaml~",
    "templates/#event-bus.yaml#",
    "templates/event-bus.yaml.orig",
    "files/__pycache__/remove_sensors.cpython-311.pyc",
    ".DS_Store",
)


@pytest.fixture
def release(synthesize):
    def build(scope):
        ArgoEvents(scope, "events", ArgoEventsProps(namespace="argo", jobs_namespace="jobs"))

    return synthesize(build).release("metaflow-events")


def test_the_stack_holds_the_chart_at_a_path_of_its_own(release):
    assert re.fullmatch(r"assets/[\w-]+/" + helm_release.digest(CHART), release["chart"])
    assert "repository" not in release


def test_what_editors_and_python_leave_changes_nothing(release, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(CHART, copy)
    before = render(copy, release["values"], name="metaflow-events", namespace="jobs")
    for stray in STRAYS:
        (copy / stray).parent.mkdir(exist_ok=True)
        (copy / stray).write_text("{{ broken")
    assert helm_release.digest(copy) == helm_release.digest(CHART)
    assert render(copy, release["values"], name="metaflow-events", namespace="jobs") == before


@pytest.mark.parametrize("file", ["Chart.yaml", "values.yaml", "templates/hooks.yaml", "templates/_pods.tpl"])
def test_a_change_of_the_chart_is_a_new_one(tmp_path, file):
    shutil.copytree(CHART, tmp_path / "copy")
    path = tmp_path / "copy" / file
    path.write_text(path.read_text() + "# changed\n")
    assert helm_release.digest(tmp_path / "copy") != helm_release.digest(CHART)


def test_line_ends_are_not_a_change(tmp_path):
    shutil.copytree(CHART, tmp_path / "copy")
    values = tmp_path / "copy/values.yaml"
    values.write_bytes(values.read_bytes().replace(b"\n", b"\r\n"))
    assert helm_release.digest(tmp_path / "copy") == helm_release.digest(CHART)


@pytest.mark.parametrize("part", ["templates/one.yaml", "files/two.py", "templates/_three.tpl"])
def test_a_new_part_of_the_chart_is_a_change(tmp_path, part):
    shutil.copytree(CHART, tmp_path / "copy")
    (tmp_path / "copy" / part).write_text("")
    assert helm_release.digest(tmp_path / "copy") != helm_release.digest(CHART)
