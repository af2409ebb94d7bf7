"""`make verify-externals`, against a stand-in registry."""

import json
import runpy
from pathlib import Path

import pytest

from tests.tools.stand_in_registry import SILENT, StandInRegistry

SCRIPT = Path(__file__).parents[2] / "scripts/verify_externals.py"


@pytest.fixture
def registry():
    with StandInRegistry() as registry:
        yield registry


@pytest.fixture
def verify(capsys):
    main = runpy.run_path(str(SCRIPT))["main"]

    def run(*arguments):
        exit_code = main(arguments)
        return exit_code, capsys.readouterr().out

    return run


@pytest.fixture
def file(tmp_path, registry):
    """As the real one is written: an image a line."""
    images = ",\n".join(
        f'"{key}": {{"name": "{registry.host}/{key}:1.0", "digest": null, "read": []}}'
        for key in ("present", "missing", "busy", "slow")
    )
    charts = {"argo-events": {"repository": registry.charts, "versions": {"2.4.22": {"app_version": "v1.9.10"}}}}
    registry.have("present:1.0")
    registry.have("missing:0.9")
    registry.refuse("busy", 429)
    registry.refuse("slow", SILENT)
    registry.have_chart("argo-events", "2.4.22", "v1.9.10")
    file = tmp_path / "externals.json"
    file.write_text(f'{{"images": {{\n{images}\n}}, "charts": {json.dumps(charts)}}}\n')
    return file


def test_each_passes_fails_or_stays_unknown(verify, file, registry):
    exit_code, said = verify("--file", str(file), "--timeout", "0.3")
    states = {line.split()[1].rstrip(":"): line.split()[0] for line in said.splitlines()[:-1]}
    assert states == {
        f"{registry.host}/present:1.0": "PASS",
        f"{registry.host}/missing:1.0": "FAIL",
        f"{registry.host}/busy:1.0": "UNKNOWN",
        f"{registry.host}/slow:1.0": "UNKNOWN",
        f"{registry.charts}/argo-events": "PASS",
    }
    assert said.splitlines()[-1] == (
        "2 of 5 exist. 1 do not: change them in externals.json. 2 were not verified: their registries did not answer."
    )
    assert exit_code == 1


def test_as_json(verify, file, registry):
    exit_code, said = verify("--file", str(file), "--timeout", "0.3", "--json")
    document = json.loads(said)
    assert (exit_code, document["version"]) == (1, 1)
    by_name = {each["name"]: each for each in document["externals"]}
    present = by_name[f"{registry.host}/present:1.0"]
    assert (present["state"], present["digest"]) == ("PASS", registry.have("present:1.0"))
    assert by_name[f"{registry.host}/missing:1.0"]["digest"] is None


def test_digests_are_kept_and_nothing_else_changes(verify, file, registry):
    before = file.read_text()
    verify("--file", str(file), "--timeout", "0.3")
    assert file.read_text() == before
    verify("--file", str(file), "--timeout", "0.3", "--resolve")
    digest = registry.have("present:1.0")
    assert file.read_text() == before.replace('present:1.0", "digest": null', f'present:1.0", "digest": "{digest}"')
    # From then on it is asked for by its digest: a tag may move.
    registry.asked.clear()
    verify("--file", str(file), "--timeout", "0.3")
    assert f"HEAD /v2/present/manifests/{digest}" in registry.asked
    assert "HEAD /v2/present/manifests/1.0" not in registry.asked


def test_without_a_network_nothing_is_verified_and_nothing_fails(verify, file, registry):
    for repository in ("present", "missing", "busy", "slow", "charts"):
        registry.refuse(repository, 503)
    exit_code, said = verify("--file", str(file))
    assert {line.split()[0] for line in said.splitlines()[:-1]} == {"UNKNOWN"}
    assert said.splitlines()[-1] == "Nothing was verified: no registry answered."
    assert exit_code == 0


def test_what_is_asked_for_is_what_is_named(verify, registry):
    """Of the real file: every image, and every chart in each of its versions."""
    questions = runpy.run_path(str(SCRIPT))["questions"]
    document = json.loads((SCRIPT.parents[1] / "constructs/src/metaflow_gcp/externals.json").read_text())
    charts = {
        f"{chart['repository']}/{name} {version}"
        for name, chart in document["charts"].items()
        for version in chart["versions"]
    }
    assert set(questions(document, 1.0)) == {each["name"] for each in document["images"].values()} | charts
