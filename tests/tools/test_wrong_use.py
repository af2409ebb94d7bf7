"""Wrong use, of every command: one clear message, the next step, exit code 2, or 1 where the world is at fault."""

import json
from dataclasses import dataclass

import pytest

from metaflow_gcp_tools import cli
from metaflow_gcp_tools.clients import google as google_apis
from tests.tools.commands.status.conftest import PLATFORM


@dataclass(frozen=True)
class Wrong:
    command_line: str
    said: str
    next_step: str
    exit_code: int = 2
    profile: str | None = None
    """What `metaflow-gcp configure` has left behind; `None`: it was never run."""
    path: str | None = None
    """Instead of PATH."""


CONFIGURED = json.dumps(PLATFORM)
NEWER = '{"kind": "PlatformDescription", "version": 99}'

WRONG_USES = [
    Wrong("nonsense", "No such command 'nonsense'", "see `metaflow-gcp --help`"),
    Wrong("paln", "Did you mean 'plan'", "see `metaflow-gcp --help`"),
    Wrong("--nonsense", "No such option: --nonsense", "see `metaflow-gcp --help`"),
    # plan
    Wrong("plan", "is not in a project", "--out DIR"),
    Wrong("plan settings.toml", "settings.toml", "see `metaflow-gcp plan --help`"),
    Wrong("plan --setings settings.toml", "--setings", "see `metaflow-gcp plan --help`"),
    Wrong("plan --out", "--out", "see `metaflow-gcp plan --help`"),
    Wrong("plan --out nowhere", "there is no nowhere/platform.json", "make synth"),
    Wrong("plan --out broken", "broken/platform.json is not a PlatformManifest", "make synth"),
    Wrong("plan --out newer", "version 99", "pipx install --force ./tools"),
    Wrong("plan --out bucket", "bucket/platform.json is a PlatformDescription", "the folder that `make synth` writes"),
    Wrong("plan --out broken --settings settings.toml", "exclude each other", "pass only one of them"),
    Wrong("plan --changes nowhere", "nowhere cannot be read: No such file", "terraform plan -out FILE"),
    Wrong("plan --changes text", "neither a plan file nor JSON", "terraform show -json"),
    Wrong("plan --changes state.json", "JSON, but not a Terraform plan", "terraform show -json"),
    Wrong("plan --changes archive", "Terraform cannot show archive", "terraform init", exit_code=1),
    # init
    Wrong("init", "is not in a project", "project's folder"),
    Wrong("init acme", "acme", "see `metaflow-gcp init --help`"),
    # preflight
    Wrong("preflight", "is not in a project", "--out DIR"),
    Wrong("preflight --out nowhere", "there is no nowhere/platform.json", "make synth"),
    Wrong("preflight --out newer", "version 99", "pipx install --force ./tools"),
    Wrong("preflight --timeout soon", "Invalid value for '--timeout'", "see `metaflow-gcp preflight --help`"),
    Wrong("preflight --timeout 0", "greater than or equal to 0.1", "see `metaflow-gcp preflight --help`"),
    Wrong("preflight --yes --out empty", "--yes", "--request"),
    # configure
    Wrong("configure", "no project given, and gcloud has none set", "pass --project PROJECT"),
    Wrong("configure acme-metaflow", "acme-metaflow", "see `metaflow-gcp configure --help`"),
    Wrong("configure --project acme --from place", "exclude each other", "--project"),
    Wrong("configure --from nowhere", "nowhere cannot be read", "gs://BUCKET"),
    Wrong("configure --from text", "contains neither a profile nor the outputs", "cdktf output"),
    Wrong("configure --from nowhere --profile ../x", "not a profile name", "choose another"),
    Wrong("configure --project acme --yes", "no credentials for Google Cloud", "gcloud auth", exit_code=1),
    Wrong("status HelloFlow/12/train", "'HelloFlow/12/train' is not a run", "pass FLOW/RUN"),
    # logs
    Wrong("logs", "Missing argument", "see `metaflow-gcp logs --help`"),
    Wrong("logs HelloFlow", "'HelloFlow' is not a run, a step or a task", "FLOW/RUN/STEP/TASK"),
    Wrong("logs HelloFlow/12", "no platform is configured on this machine", "metaflow-gcp configure"),
    # env
    Wrong("env", "no platform is configured", "metaflow-gcp configure --project"),
    Wrong("env --shell csh", "csh", "metaflow-gcp env --help"),
    # forward
    Wrong("forward", "no platform is configured on this machine", "metaflow-gcp configure"),
    Wrong("forward stpo", "stpo", "see `metaflow-gcp forward --help`"),
    Wrong("forward status", "no platform is configured on this machine", "metaflow-gcp configure"),
    Wrong("forward stop --force", "--force", "see `metaflow-gcp forward stop --help`"),
    Wrong("forward --background status", "would be ignored", "write options last"),
    Wrong("forward --port 18080", "no forward '18080'", "NAME=PORT", profile=CONFIGURED),
    Wrong("forward --port metadata=18080", "no forward 'metadata'", "metadata-service", profile=CONFIGURED),
    Wrong("forward --port metadata-service=99999", "'99999' is not a port", "1 to 65535", profile=CONFIGURED),
    Wrong(
        "forward",
        "`kubectl` is not on the PATH",
        "gcloud components install",
        exit_code=1,
        profile=CONFIGURED,
        path="/nowhere",
    ),
    # run
    Wrong("run", "COMMAND", "see `metaflow-gcp run --help`"),
    Wrong("run --nonsense -- python flow.py run", "--nonsense", "see `metaflow-gcp run --help`"),
    Wrong("run -- python flow.py run", "no platform is configured on this machine", "metaflow-gcp configure"),
    Wrong("run -- no-such-program", "no command 'no-such-program'", "run --", profile=CONFIGURED),
    # status
    Wrong("status", "no platform is configured on this machine", "metaflow-gcp configure"),
    Wrong("status staging", "'staging' is not a run", "pass FLOW/RUN"),
    Wrong("status --profile staging", "staging.json", "configure --project PROJECT --profile staging"),
    Wrong("status --profile", "--profile", "see `metaflow-gcp status --help`"),
    Wrong("status", "is not a PlatformDescription", "metaflow-gcp configure` again", profile="{"),
    Wrong("status", "default.json is a PlatformManifest", "description.json", profile='{"kind": "PlatformManifest"}'),
    Wrong("status", "has version 99", "install the metaflow-gcp", profile=NEWER),
    Wrong("status", "there is no kubeconfig", "metaflow-gcp configure", exit_code=1, profile=CONFIGURED),
    # image
    Wrong("image build", "IMAGE", "see `metaflow-gcp image build --help`"),
    Wrong("image push cpu", "is not in a project: there is no docker/images.toml", "--docker DIR"),
]


@pytest.fixture
def wrong(tmp_path, monkeypatch, capsys):
    """Use it wrongly in a folder with nothing good in it, and nothing of the developer's own."""
    for name in ("METAFLOW_HOME", "METAFLOW_PROFILE", "KUBECONFIG", "GOOGLE_OAUTH_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "home/gcloud"))
    monkeypatch.chdir(tmp_path)
    google_apis.credentials.cache_clear()
    for name, text in (
        ("text", "hello"),
        ("state.json", '{"format_version": "1.0", "values": {}}'),
        ("archive", "PK\x03\x04"),
        ("broken/platform.json", "{"),
        ("newer/platform.json", '{"kind": "PlatformManifest", "version": 99}'),
        ("bucket/platform.json", NEWER),
        ("empty/x", ""),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    def wrong(case: Wrong, *more: str):
        if case.path is not None:
            monkeypatch.setenv("PATH", case.path)
        if case.profile is not None:
            file = tmp_path / "home/.metaflowconfig/metaflow-gcp/default.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(case.profile)
        first, *rest = case.command_line.split(" -- ")
        words = first.split()
        # Behind the command: an option that lacks its value would take what comes after it.
        behind = next((n for n, word in enumerate(words) if word.startswith("-") and n), len(words))
        exit_code = cli._run([*words[:behind], *more, *words[behind:], *(["--", *rest[0].split()] if rest else [])])
        written = capsys.readouterr()
        return exit_code, written.out, written.err

    return wrong


@pytest.mark.parametrize("case", WRONG_USES, ids=lambda case: case.command_line)
def test_one_clear_message_and_the_next_step(wrong, case):
    exit_code, out, err = wrong(case)
    assert exit_code == case.exit_code
    assert out == ""
    said, next_step = err.splitlines()
    assert said.startswith("metaflow-gcp: ")
    assert case.said in said
    assert case.next_step in next_step


@pytest.mark.parametrize("case", WRONG_USES, ids=lambda case: case.command_line)
def test_the_same_as_json(wrong, case):
    exit_code, out, err = wrong(case, "--json")
    document = json.loads(out)
    assert err == ""
    assert document["exit_code"] == exit_code == case.exit_code
    assert document["version"] == 1
    assert set(document["command"].split()) <= set(case.command_line.split())
    [problem] = document["problems"]
    assert case.said in problem["what"]
    assert case.next_step in problem["next_step"]


def test_all_commands_are_used_wrongly():
    commands = {case.command_line.split()[0] for case in WRONG_USES}
    assert {command.name for command in cli.app.registered_commands} <= commands
    assert {group.name for group in cli.app.registered_groups} <= commands


def test_without_a_command_there_is_help(run):
    ran = run()
    assert ran.exit_code == 2
    assert "Usage: metaflow-gcp" in ran.stdout
