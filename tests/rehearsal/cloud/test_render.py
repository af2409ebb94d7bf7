"""Real Helm."""

import json

import pytest

from rehearsal.cloud import render
from rehearsal.protocol.errors import Refused

TEMPLATE = """
{{- range $name := .Values.names }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ $name | quote }}, namespace: {{ $.Release.Namespace }}}
data: {release: {{ $.Release.Name }}, file: {{ $.Files.Get "file.txt" | trim }}}
{{- end }}
"""
HELM = """#!/bin/sh
[ "$1 $2 $4 $5 $6" = "template mine --namespace jobs --values" ] || exit 3
[ -f "$3/Chart.yaml" ] || exit 4
cat "$7" >> "$0.asked"
echo 'kind: Rendered'
"""


@pytest.fixture
def chart(tmp_path):
    folder = tmp_path / "my chart"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: mine\nversion: 1.0.0\n")
    (folder / "templates/maps.yaml").write_text(TEMPLATE)
    (folder / "templates/NOTES.txt").write_text("Not an object.")
    (folder / "file.txt").write_text("content\n")
    return folder


def test_what_it_renders(chart):
    rendered = render.render(chart, {"names": ["a", "b"]}, name="mine", namespace="jobs")
    assert [each["metadata"] for each in rendered] == [{"name": name, "namespace": "jobs"} for name in "ab"]
    assert rendered[0]["data"] == {"release": "mine", "file": "content"}


def test_nothing_to_render(chart):
    assert render.render(chart, {"names": []}, name="mine", namespace="jobs") == []


def test_a_template_that_fails_says_what_helm_says(chart):
    (chart / "templates/wrong.yaml").write_text('{{ fail "on purpose" }}')
    with pytest.raises(Refused, match="failed to render the chart my chart") as caught:
        render.render(chart, {}, name="mine", namespace="jobs")
    assert "on purpose" in caught.value.problem.detail


@pytest.fixture
def no_library(monkeypatch, tmp_path):
    """Where PyPI has no wheel; programs are found in a folder."""
    monkeypatch.setattr(render, "find_spec", lambda name: None)
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def test_without_the_library_the_program_helm_does_it(chart, no_library):
    (no_library / "helm").write_text(HELM)
    (no_library / "helm").chmod(0o755)
    assert render._manifests(str(chart), {"a": 1}, "mine", "jobs") == "kind: Rendered\n"
    assert json.loads((no_library / "helm.asked").read_text()) == {"a": 1}


def test_what_the_program_says_when_it_fails(chart, no_library):
    (no_library / "helm").write_text("#!/bin/sh\necho broken >&2; exit 1\n")
    (no_library / "helm").chmod(0o755)
    with pytest.raises(SystemExit, match="broken"):
        render._manifests(str(chart), {}, "mine", "jobs")


def test_without_either_it_says_how_to_get_it(chart, no_library, monkeypatch):
    monkeypatch.setenv("PATH", str(no_library))
    with pytest.raises(SystemExit, match=r"Helm is not installed: `make setup` brings helm-python-sdk"):
        render._manifests(str(chart), {}, "mine", "jobs")
