"""`python -m rehearsal check`, and what it is made of."""

import hashlib
import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from rehearsal.cloud.model import Cloud
from rehearsal.run import mirror, seed, stacks, terraform
from rehearsal.run.errors import StepFailed, WrongUse
from rehearsal.run.report import Report

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
    assert (report["shape"], report["ok"], report["failure"], report["left"]) == (1, True, None, [])
    assert list(report["stacks"]) == ["base", "top"]
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


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("{", "is not what CDKTF writes"),
        ('{"stacks": []}', "is not what CDKTF writes"),
        ('{"stacks": {"a": {}}}', "is not what CDKTF writes"),
    ],
)
def test_a_manifest_that_is_none(tmp_path, manifest, message):
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(WrongUse, match=message):
        stacks.read(tmp_path)


@pytest.mark.parametrize(("dependencies", "message"), [(["b"], "a stack depends on b"), (["a"], "in a circle")])
def test_dependencies_that_cannot_be(tmp_path, dependencies, message):
    with pytest.raises(WrongUse, match=message):
        stacks.read(write(tmp_path, a=({}, dependencies)))


def test_stacks_come_after_what_they_depend_on(tmp_path):
    folder = write(tmp_path, a=({}, ["c"]), b=({}, ["a"]), c=({}, []))
    assert [each.name for each in stacks.read(folder)] == ["c", "a", "b"]


def test_the_projects_a_configuration_names(app, tmp_path):
    assert stacks.projects(stacks.read(app)) == {"acme"}
    other = {"resource": {"google_project_iam_member": {"m": {"project": "other"}, "n": {"project": "${var.x}"}}}}
    assert stacks.projects(stacks.read(write(tmp_path / "b", a=(other, [])))) == {"other"}


def test_a_seeded_object_is_complete(tmp_path):
    cloud, file = Cloud(tmp_path / "cloud.sqlite"), tmp_path / "cloud.json"
    file.write_text(json.dumps(SEEDED))
    seed.seed(cloud, file)
    [cluster] = cloud.all("google_container_cluster")
    assert cluster.key.id == "projects/acme/locations/us-west1/clusters/main"
    assert cluster.state["endpoint"]
    assert cloud.quota("acme", "us-west1", "NVIDIA_L4_GPUS") == 4
    assert [each.key.scope for each in cloud.all("kubernetes_namespace")] == [cluster.key.id]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"objects": [{"type": "google_thing", "attributes": {}}]}, "no resource type google_thing"),
        ({"objects": [{"type": "google_compute_network", "attributes": {"nam": "x"}}]}, "has no attribute nam"),
        ({"objects": [{"type": "kubernetes_secret", "attributes": {}}]}, "must name one of the clusters"),
        ({"objects": [{}]}, "see `rehearsal/run/seed.py`"),
        ({"projects": []}, "see `rehearsal/run/seed.py`"),
    ],
)
def test_a_seed_that_is_wrong(tmp_path, wanted, message):
    file = tmp_path / "cloud.json"
    file.write_text(json.dumps(wanted))
    with pytest.raises(WrongUse, match=message):
        seed.seed(Cloud(tmp_path / "cloud.sqlite"), file)


def test_a_failing_step_is_measured_and_named():
    report = Report(command="check")

    def fail():
        with report.step("infra", "apply"):
            raise StepFailed("apply", "no")

    with pytest.raises(StepFailed) as failed:
        fail()
    report.fail(failed.value)
    assert (report.failure.stack, report.failure.step, report.failure.message) == ("infra", "apply", "no")
    assert "apply" in report.stack("infra").seconds


@pytest.mark.parametrize(
    ("system", "machine", "expected"),
    [("Linux", "x86_64", "linux_amd64"), ("Darwin", "arm64", "darwin_arm64"), ("Linux", "aarch64", "linux_arm64")],
)
def test_terraforms_name_of_a_platform(monkeypatch, system, machine, expected):
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert mirror.target() == expected


def test_the_users_own_terraform_settings_are_left_out(monkeypatch, tmp_path):
    monkeypatch.setenv("TF_CLI_ARGS_plan", "-destroy")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "key.json")
    environment = mirror.environment(tmp_path / "terraform.rc", tmp_path / "cloud")
    assert not {"TF_CLI_ARGS_plan", "GOOGLE_APPLICATION_CREDENTIALS", "TF_PLUGIN_CACHE_DIR"} & environment.keys()
    assert environment["CDKTF_DISABLE_PLUGIN_CACHE_ENV"]
