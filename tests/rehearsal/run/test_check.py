"""`python -m rehearsal check`, and what it is made of."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from rehearsal.run import mirror, stacks, terraform
from rehearsal.run.errors import WrongUse

VERSIONS = {"google": "6.50.0", "kubernetes": "2.38.0"}
SEEDED = {
    "projects": {"acme": {"number": "123456789012", "apis": ["container.googleapis.com", "storage.googleapis.com"]}},
    "quotas": [{"project": "acme", "region": "us-west1", "metric": "NVIDIA_L4_GPUS", "amount": 4}],
    "objects": [
        {"type": "google_compute_network", "attributes": {"name": "shared"}},
        {
            "type": "google_container_cluster",
            "attributes": {
                "name": "main",
                "location": "us-west1",
                "network": "shared",
                "control_plane_endpoints_config": {"dns_endpoint_config": {"allow_external_traffic": True}},
            },
        },
        {"type": "kubernetes_namespace", "attributes": {"metadata": {"name": "jobs"}}},
    ],
}


def stack(backend, providers, **configuration):
    required = {name: {"source": f"hashicorp/{name}", "version": VERSIONS[name]} for name in providers}
    return {"terraform": {"backend": backend, "required_providers": required}, "provider": providers} | configuration


def write(folder, **named):
    """A folder laid out like cdktf.out; each stack is its configuration and what it depends on."""
    listed = {}
    for name, (configuration, dependencies) in named.items():
        place = folder / "stacks" / name
        place.mkdir(parents=True)
        (place / "cdk.tf.json").write_text(json.dumps(configuration))
        listed[name] = {
            "name": name,
            "synthesizedStackPath": f"stacks/{name}/cdk.tf.json",
            "workingDirectory": f"stacks/{name}",
            "dependencies": dependencies,
        }
    (folder / "manifest.json").write_text(json.dumps({"version": "0.21.0", "stacks": listed}))
    return folder


@pytest.fixture
def app(tmp_path):
    """Two stacks: the second reads the first one's state, a cluster and a namespace that neither made, and an asset."""
    state = tmp_path / "users.tfstate"
    base = stack(
        {"local": {"path": str(state)}},
        {"google": [{"project": "acme", "region": "us-west1"}]},
        resource={"google_storage_bucket": {"b": {"name": "things", "location": "US"}}},
        output={"bucket": {"value": "${google_storage_bucket.b.name}"}},
    )
    read = {"base": {"backend": "local", "config": {"path": str(state)}}}
    endpoint = "${data.google_container_cluster.main.control_plane_endpoints_config[0].dns_endpoint_config[0].endpoint}"
    text = '${file("assets/conf.txt")}'
    top = stack(
        {"gcs": {"bucket": "states", "prefix": "top"}},
        {
            "google": [{"project": "acme"}],
            "kubernetes": [{"host": f"https://{endpoint}", "token": "${data.google_client_config.c.access_token}"}],
        },
        data={
            "terraform_remote_state": read,
            "google_client_config": {"c": {}},
            "google_container_cluster": {"main": {"name": "main", "location": "us-west1"}},
        },
        resource={
            "kubernetes_config_map_v1": {
                "c": {
                    "metadata": {"name": "c", "namespace": "jobs"},
                    "data": {"bucket": "${data.terraform_remote_state.base.outputs.bucket}", "text": text},
                }
            }
        },
    )
    folder = write(tmp_path / "out", top=(top, ["base"]), base=(base, []))
    (folder / "stacks" / "top" / "assets").mkdir()
    (folder / "stacks" / "top" / "assets" / "conf.txt").write_text("x")
    return folder


def python(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "rehearsal", *arguments],
        cwd=cwd,
        env=mirror.environment(Path("none"), Path("none")) | {"PYTHONPATH": str(Path(mirror.__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )


def contents(folder):
    return {each: hashlib.sha256(each.read_bytes()).hexdigest() for each in folder.rglob("*") if each.is_file()}


def test_an_app_on_a_seeded_cloud(app, tmp_path):
    seeded = tmp_path / "cloud.json"
    seeded.write_text(json.dumps(SEEDED))
    before = contents(app)
    ran = python("check", str(app), "--cloud", str(seeded), "--json", "--report", "report.json", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    report = json.loads(ran.stdout)
    assert report == json.loads((tmp_path / "report.json").read_text())
    assert "<title>Rehearsal of base, top</title>" in (tmp_path / "report.html").read_text("utf-8")
    assert (report["shape"], report["ok"], report["failure"], report["left"]) == (1, True, None, [])
    assert list(report["stacks"]) == ["base", "top"]
    assert [each["stack"] for each in report["clock"]["deploy"]["stacks"]] == ["base", "top"]
    assert "In a real project a deployment takes about" in ran.stderr
    top = report["stacks"]["top"]
    assert (top["resources"], top["second_plan"], top["left"]) == (["kubernetes_config_map_v1.c"], [], [])
    assert set(top["seconds"]) == {"init", "validate", "plan", "apply", "second plan", "destroy"}
    assert contents(app) == before
    assert not (tmp_path / "users.tfstate").exists()


def test_the_same_app_on_an_empty_cloud(app, tmp_path):
    ran = python("check", str(app), "--json", cwd=tmp_path)
    report = json.loads(ran.stdout)
    assert ran.returncode == 1
    assert report["failure"]["stack"] == "base"
    assert report["failure"]["step"] == "apply"
    assert "storage.googleapis.com has not been used in project acme" in report["failure"]["message"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "nowhere"], "nowhere is not a folder"),
        (["check", "."], "holds no manifest.json"),
        (["check", "out", "--cloud", "none.json"], "none.json cannot be read as JSON"),
        ([], "no project of ours"),
    ],
)
def test_wrong_use(app, tmp_path, arguments, message):
    ran = python(*arguments, cwd=tmp_path)
    assert ran.returncode == 2
    assert message in ran.stderr
    assert "Traceback" not in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "Terraform is not installed"),
        ('echo \'{"terraform_version": "1.10.5"}\'', r"Terraform 1\.10\.5 is too old: 1\.11 or newer"),
        ("echo hello", "does not answer as Terraform does"),
    ],
)
def test_a_terraform_that_will_not_do(tmp_path, monkeypatch, answer, message):
    if answer:
        program = tmp_path / "terraform"
        program.write_text(f"#!/bin/sh\n{answer}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WrongUse, match=message):
        terraform.require()


def test_the_projects_a_configuration_names(app, tmp_path):
    assert stacks.projects(stacks.read(app)) == {"acme"}
    other = {"resource": {"google_project_iam_member": {"m": {"project": "other"}, "n": {"project": "${var.x}"}}}}
    assert stacks.projects(stacks.read(write(tmp_path / "b", a=(other, [])))) == {"other"}
