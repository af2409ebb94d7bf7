"""The command line at fault: exit code 2, one message with the next step, and nobody was asked anything."""

import signal
import subprocess
import time

import pytest

from tests.tools.commands.preflight.cloud import synthesized
from tests.tools.conftest import PROGRAM


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--yes"], "--yes and --contact require --request"),
        (["--contact", "ada@example.com"], "--yes and --contact require --request"),
        (["--request", "--yes", "--contact", "ada"], "--contact 'ada' is not an e-mail address"),
        (["--request", "--yes", "--contact", "@"], "--contact '@' is not an e-mail address"),
        (["--request", "--json"], "there is no one to ask"),
        (["--request"], "there is no one to ask"),
        (["--settings", "settings.toml"], "--settings and --out exclude each other"),
        (["--timeout", "0"], "--timeout"),
        (["--timeout", "soon"], "--timeout"),
        (["--region", "us-west1"], "--region"),
        (["somewhere"], "somewhere"),
    ],
    ids=" ".join,
)
def test_options(cloud, preflight, arguments, said):
    ran = preflight(*arguments)
    assert ran.exit_code == 2
    assert said in ran.stdout + ran.stderr
    assert cloud.google.calls == []


def test_with_json_nobody_is_asked_even_on_a_terminal(cloud, preflight, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    ran = preflight("--request", "--json")
    assert ran.exit_code == 2
    assert "there is no one to ask" in ran.document["problems"][0]["what"]
    assert cloud.google.calls == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "there is no"),
        ("{", "is not a PlatformManifest"),
        ('{"kind": "PlatformManifest", "version": 99}', "version 99"),
        ('{"kind": "PlatformDescription", "version": 1}', "is a PlatformDescription"),
    ],
)
def test_a_folder_that_synth_did_not_write(cloud, preflight, out, text, said):
    (out / "platform.json").unlink()
    if text is not None:
        (out / "platform.json").write_text(text)
    ran = preflight()
    assert ran.exit_code == 2
    assert said in ran.stderr
    assert "make synth" in ran.stderr or "pipx install" in ran.stderr
    assert cloud.google.calls == []


@pytest.mark.parametrize(("text", "said"), [(None, "there are no stacks in"), ("{", "cannot be read")])
def test_stacks_that_synth_did_not_write(cloud, preflight, out, text, said):
    for stack in ("apis", "infra", "services"):
        (out / "stacks" / stack / "cdk.tf.json").unlink()
    if text is not None:
        (out / "stacks/infra/cdk.tf.json").write_text(text)
    ran = preflight()
    assert ran.exit_code == 2
    assert said in ran.stderr
    assert "make synth" in ran.stderr


def test_outside_of_a_project(run):
    ran = run("preflight")
    assert ran.exit_code == 2
    assert "is not in a project" in ran.stderr


def test_settings_that_are_not_there(run, tmp_path):
    (tmp_path / "cdktf.json").touch()
    (tmp_path / "main.py").touch()
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").touch()
    ran = run("preflight", "--settings", "none.toml", "--json")
    assert ran.exit_code == 2
    assert "there is no settings file none.toml" in ran.document["problems"][0]["what"]


@pytest.fixture
def sigint():
    """Not ignored by what is started here, even when the tests run in the background, where a shell ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_waits_for_nobody(cloud, environment, tools, out, sigint):
    cloud.google.slow("compute.", 300)
    command = [PROGRAM, "preflight", "--out", str(out), "--timeout", "300"]
    with (
        cloud.google.serving() as endpoints,
        subprocess.Popen(
            command,
            env={**environment, **endpoints, "PATH": str(tools)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        try:
            while process.poll() is None and not cloud.google.calls_of("compute.regions.list"):
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert b"Traceback" not in said


def test_the_program_itself(cloud, run, tools, tmp_path):
    """As people start it."""
    with cloud.google.serving() as endpoints:
        ran = run("preflight", "--out", str(synthesized(tmp_path / "out", "minimal")), PATH=str(tools), **endpoints)
    assert ran.exit_code == 0
    assert ran.stdout.splitlines()[-1].startswith("Ready to deploy: all")
    assert ran.stderr == ""
