"""What `metaflow-gcp configure` writes, and what it leaves alone."""

import contextlib
import json
import os
import pty
import select
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.tools.commands.configure import places
from tests.tools.commands.configure.places import CONTEXT, KUBECONFIG, PROFILE
from tests.tools.conftest import PROGRAM

MINE = '{"METAFLOW_USER": "ada",   "METAFLOW_SERVICE_URL":"http://elsewhere", "x": [1,2]}'


@pytest.fixture
def place(tmp_path):
    return places.write(tmp_path / "place")


@pytest.fixture
def home(environment):
    return Path(environment["HOME"])


@pytest.fixture
def configure(run_here, place):
    def configure(*arguments, exit_code=0, **more):
        ran = run_here("configure", "--from", str(place), "--no-check", *arguments, **more)
        assert ran.exit_code == exit_code, ran.stderr
        return ran

    return configure


def put(file: Path, text: str, mode: int = 0o600) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())
    file.chmod(mode)
    return file


def backups(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.bak-*"))


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(file): (file.stat().st_mtime_ns, file.stat().st_mode, file.read_bytes())
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_a_new_machine(run, home, place):
    ran = run("configure", "--from", str(place), "--no-check", "--yes")
    assert ran.stdout == "Everything is written; nothing was checked. Next: `metaflow-gcp run -- python flow.py run`\n"
    config = home / ".metaflowconfig/config.json"
    assert config.read_bytes() == (place / "config.json").read_bytes()
    copy = home / ".metaflowconfig/metaflow-gcp/default.json"
    assert copy.read_bytes() == (place / "description.json").read_bytes()
    for file in (config, copy, home / ".kube/config"):
        assert file.stat().st_mode & 0o777 == 0o600
    for folder in (config.parent, copy.parent, home / ".kube"):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert backups(config.parent) == backups(home / ".kube") == []


BY_GCLOUD = f"""\
apiVersion: v1
clusters:
- cluster:
    server: https://gke-0.us-west1.gke.goog
  name: {CONTEXT}
contexts:
- context:
    cluster: {CONTEXT}
    user: {CONTEXT}
  name: {CONTEXT}
current-context: {CONTEXT}
kind: Config
preferences: {{}}
users:
- name: {CONTEXT}
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: gke-gcloud-auth-plugin
      installHint: Install gke-gcloud-auth-plugin for use with kubectl by following
        https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl#install_plugin
      provideClusterInfo: true
"""
"""What its `container clusters get-credentials --dns-endpoint` makes of no kubeconfig; of 528.0.0."""


def test_the_cluster_as_gcloud_writes_it(configure, home):
    configure("--yes")
    # But for the place of one line break.
    assert (home / ".kube/config").read_text() == BY_GCLOUD.replace("by following\n        https", "by following https")


def test_a_plugin_that_is_only_beside_gcloud_is_named_with_its_path(configure, home, tmp_path):
    """As gcloud does: it need not be on the PATH."""
    sdk = tmp_path / "sdk"
    for program in ("gcloud", "gke-gcloud-auth-plugin"):
        put(sdk / program, "#!/bin/sh\n", 0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/gcloud").symlink_to(sdk / "gcloud")
    configure("--yes", PATH=str(tmp_path / "bin"))
    [user] = yaml.safe_load((home / ".kube/config").read_text())["users"]
    assert user["user"]["exec"]["command"] == str(sdk / "gke-gcloud-auth-plugin")


def test_what_is_not_ours_keeps_every_byte(configure, home):
    config = put(home / ".metaflowconfig/config.json", MINE)
    other = put(home / ".metaflowconfig/config_other.json", MINE)
    kubeconfig = put(home / ".kube/config", KUBECONFIG, 0o662)
    configure("--yes")
    assert other.read_text() == MINE
    written = config.read_text()
    assert list(json.loads(written)) == [
        *json.loads(MINE),
        *(key for key in PROFILE if key not in json.loads(MINE)),
    ]
    assert written.startswith('{"METAFLOW_USER": "ada",   "METAFLOW_SERVICE_URL":"http://127.0.0.1:8080/", "x": [1,2],')
    # Without our lines the kubeconfig is as it was.
    ours = set(yaml.safe_dump(yaml.safe_load(kubeconfig.read_text())).splitlines()) - set(KUBECONFIG.splitlines())
    assert ours
    rest = kubeconfig.read_text().replace(f"current-context: {CONTEXT}", "current-context: old")
    for section in ("clusters", "contexts", "users"):
        [entry] = [each for each in yaml.safe_load(rest)[section] if each["name"] == CONTEXT]
        block = yaml.safe_dump(entry, width=999).splitlines()
        text = "- " + "\n  ".join(block) + "\n"
        assert text in rest
        rest = rest.replace(text, "", 1)
    assert rest == KUBECONFIG
    assert kubeconfig.stat().st_mode & 0o777 == 0o662  # which no umask gives


def test_what_is_changed_is_backed_up(configure, home):
    put(home / ".metaflowconfig/config.json", MINE)
    put(home / ".kube/config", KUBECONFIG)
    ran = configure("--yes", "--json")
    for folder, text in ((home / ".metaflowconfig", MINE), (home / ".kube", KUBECONFIG)):
        [backup] = backups(folder)
        assert backup.read_text() == text
        assert backup.stat().st_mode & 0o777 == 0o600
        assert str(backup) in [each["backup"] for each in ran.document["result"]["files"]]


def test_the_difference_is_shown_and_nothing_of_others(configure, home):
    mine = MINE.replace("//elsewhere", "//ada:secret@elsewhere").replace(
        '"x"', '"METAFLOW_SERVICE_AUTH_KEY":"secret","x"'
    )
    put(home / ".metaflowconfig/config.json", mine, 0o644)
    put(home / ".kube/config", KUBECONFIG)
    ran = configure("--yes")
    assert "~ METAFLOW_SERVICE_URL = http://127.0.0.1:8080/ (was http://***@elsewhere)" in ran.stderr
    assert "+ METAFLOW_KUBERNETES_NAMESPACE = metaflow-jobs" in ran.stderr
    assert "~ mode 0600 (was 0644)" in ran.stderr
    assert f"+ cluster {CONTEXT}" in ran.stderr
    assert f"~ current-context {CONTEXT} (was old)" in ran.stderr
    assert "secret" not in ran.stderr + ran.stdout


def test_twice_the_same_is_nothing_to_do(configure, home):
    put(home / ".metaflowconfig/config.json", MINE)
    put(home / ".kube/config", KUBECONFIG)
    configure("--yes")
    before = snapshot(home)
    ran = configure()
    assert "Nothing to do" in ran.stderr
    assert snapshot(home) == before
    assert all(not each["written"] for each in configure("--json").document["result"]["files"])


def test_what_the_platform_no_longer_has_goes_unless_somebody_changed_it(configure, home, place):
    config = put(home / ".metaflowconfig/config.json", '{"MINE": 1}')
    switched_off = {"METAFLOW_ARGO_EVENTS_EVENT_BUS": "default", "METAFLOW_UI_URL": "http://127.0.0.1:8083"}
    places.write(place, PROFILE | switched_off)
    configure("--yes")
    config.write_text(config.read_text().replace("http://127.0.0.1:8083", "http://my.ui"))
    places.write(place)
    ran = configure("--yes")
    assert "- METAFLOW_ARGO_EVENTS_EVENT_BUS = default" in ran.stderr
    assert json.loads(config.read_text()) == {"MINE": 1, **PROFILE, "METAFLOW_UI_URL": "http://my.ui"}


def test_a_key_of_the_user_s_own_is_theirs_though_it_is_metaflow_s(configure, home):
    config = put(home / ".metaflowconfig/config.json", '{"METAFLOW_ARGO_EVENTS_EVENT_BUS": "mine"}')
    configure("--yes")
    configure("--yes")
    assert json.loads(config.read_text())["METAFLOW_ARGO_EVENTS_EVENT_BUS"] == "mine"


def test_profiles_and_metaflow_home(configure, home, tmp_path):
    configure("--yes")
    before = (home / ".metaflowconfig/config.json").read_bytes()
    elsewhere = tmp_path / "elsewhere"
    configure("--yes", "--profile", "staging", METAFLOW_HOME=str(elsewhere))
    assert (elsewhere / "config_staging.json").exists()
    assert (elsewhere / "metaflow-gcp/staging.json").exists()
    assert not (elsewhere / "config.json").exists()
    ran = configure("--yes", METAFLOW_PROFILE="other", METAFLOW_HOME=str(elsewhere))
    assert "METAFLOW_PROFILE=other metaflow-gcp run" in ran.stdout
    assert (elsewhere / "config_other.json").exists()
    assert (home / ".metaflowconfig/config.json").read_bytes() == before


def test_links_are_followed(configure, home, tmp_path):
    real = {}
    for link, text in ((".metaflowconfig/config.json", MINE), (".kube/config", KUBECONFIG)):
        real[link] = put(tmp_path / "dotfiles" / link, text)
        (home / link).parent.mkdir()
        (home / link).symlink_to(real[link])
    configure("--yes")
    for link, file in real.items():
        assert (home / link).is_symlink()
        assert "metaflow" in file.read_text()
        assert len(backups(file.parent)) == 1


class TestSeveralKubeconfigs:
    """kubectl's rules: https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/."""

    def test_the_first_that_is_there_gets_what_is_new(self, configure, tmp_path):
        second, third = put(tmp_path / "second", KUBECONFIG), put(tmp_path / "third", "kind: Config\n")
        configure("--yes", KUBECONFIG=f"{tmp_path}/first:{second}::{third}")
        assert not (tmp_path / "first").exists()
        assert CONTEXT in second.read_text()
        assert third.read_text() == "kind: Config\n"

    def test_if_none_is_there_the_last_one_is_made(self, configure, tmp_path):
        configure("--yes", KUBECONFIG=f"{tmp_path}/first:{tmp_path}/folder/last")
        assert not (tmp_path / "first").exists()
        assert CONTEXT in (tmp_path / "folder/last").read_text()

    def test_the_one_that_has_an_entry_keeps_it(self, configure, tmp_path):
        first = put(tmp_path / "first", KUBECONFIG)
        old = {"name": CONTEXT, "cluster": {"server": "https://10.0.0.2", "certificate-authority-data": "AA=="}}
        second = put(tmp_path / "second", yaml.safe_dump({"clusters": [old]}))
        configure("--yes", KUBECONFIG=f"{first}:{second}")
        assert yaml.safe_load(second.read_text())["clusters"] == [
            {"name": CONTEXT, "cluster": {"server": "https://gke-0.us-west1.gke.goog"}}
        ]
        assert [each["name"] for each in yaml.safe_load(first.read_text())["clusters"]] == ["old"]
        assert [each["name"] for each in yaml.safe_load(first.read_text())["users"]] == ["me", CONTEXT]

    def test_kubectl_and_metaflow_s_client_take_the_same_current_context(self, configure, tmp_path):
        """Of several, kubectl takes the first one, and Kubernetes' client for Python the last."""
        first, last = put(tmp_path / "first", KUBECONFIG), put(tmp_path / "last", KUBECONFIG)
        configure("--yes", KUBECONFIG=f"{first}:{last}")
        environment = {"PATH": os.environ["PATH"], "KUBECONFIG": f"{first}:{last}"}
        script = "from kubernetes import config; print(config.list_kube_config_contexts()[1]['name'])"
        by_python = [PROGRAM.with_name("python"), "-c", script]
        assert subprocess.check_output(by_python, env=environment, text=True).strip() == CONTEXT
        assert yaml.safe_load(first.read_text())["current-context"] == CONTEXT
        assert yaml.safe_load(last.read_text()) == yaml.safe_load(KUBECONFIG) | {"current-context": CONTEXT}


def test_the_current_context_is_kept_if_that_is_wanted(configure, home):
    kubeconfig = put(home / ".kube/config", KUBECONFIG)
    configure("--yes", "--keep-context")
    assert yaml.safe_load(kubeconfig.read_text())["current-context"] == "old"
    assert "Nothing to do" in configure("--keep-context").stderr


def test_what_somebody_chose_for_the_cluster_is_kept(configure, home):
    """A proxy, a namespace, the plugin's place and its arguments; not what leads to an address instead of a name."""
    plugin = {"exec": {"command": "/opt/gke-gcloud-auth-plugin", "args": ["--x"], "apiVersion": "v"}}
    entries = {
        "clusters": [{"name": CONTEXT, "cluster": {"insecure-skip-tls-verify": True, "proxy-url": "http://p"}}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": "x", "namespace": "mine"}}],
        "users": [{"name": CONTEXT, "user": plugin}],
    }
    kubeconfig = put(home / ".kube/config", json.dumps(entries))
    configure("--yes")
    written = yaml.safe_load(kubeconfig.read_text())
    assert written["clusters"][0]["cluster"] == {"proxy-url": "http://p", "server": "https://gke-0.us-west1.gke.goog"}
    assert written["contexts"][0]["context"] == {"cluster": CONTEXT, "user": CONTEXT, "namespace": "mine"}
    assert written["users"][0]["user"] == plugin


@pytest.mark.parametrize(
    ("answer", "exit_code", "written"), [("y\n", 0, True), ("\n", 0, True), ("n\n", 1, False), ("\x03", 130, False)]
)
def test_a_person_is_asked(environment, place, home, answer, exit_code, written):
    terminal, theirs = pty.openpty()
    command = [PROGRAM, "configure", "--from", place, "--no-check"]
    with subprocess.Popen(command, env=environment, preexec_fn=lambda: os.login_tty(theirs)) as process:  # noqa: PLW1509 - no threads here
        os.close(theirs)
        said = read_until(terminal, "Write this?")
        os.write(terminal, answer.encode())
        try:
            if answer == "\x03":
                press_until_it_ends(process, terminal, answer)
            said += read_until(terminal, None)
            assert process.wait(30) == exit_code, said
        finally:
            process.kill()
    if exit_code == 130:
        assert "interrupted while asking whether to write this" in said
        assert "nothing was written" in said
    os.close(terminal)
    assert (home / ".metaflowconfig/config.json").exists() == written


def press_until_it_ends(process: subprocess.Popen[bytes], terminal: int, key: str) -> None:
    """Python sees a signal before it waits for an answer, or when one interrupts the wait: not in between."""
    for _ in range(15):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(2)
            return
        os.write(terminal, key.encode())


def read_until(terminal: int, text: str | None) -> str:
    said = ""
    while text is None or text not in said:
        ready, _, _ = select.select([terminal], [], [], 30)
        assert ready, said
        try:
            said += os.read(terminal, 4096).decode()
        except OSError:  # The other side has ended.
            assert text is None, said
            break
    return said


def test_what_an_administrator_has_from_terraform(run_here, home, place, tmp_path):
    texts = {"client_profile": "config.json", "platform_description": "description.json"}
    values = {output: (place / file).read_text() for output, file in texts.items()}
    by_terraform = {name: {"sensitive": False, "type": "string", "value": text} for name, text in values.items()}
    for outputs in (by_terraform, {"services": values}):
        file = put(tmp_path / "outputs.json", json.dumps(outputs))
        ran = run_here("configure", "--from", str(file), "--no-check", "--yes", METAFLOW_HOME=str(tmp_path / "new"))
        assert ran.exit_code == 0, ran.stderr
        assert (tmp_path / "new/config.json").read_text() == values["client_profile"]
        assert (tmp_path / "new/metaflow-gcp/default.json").read_text() == values["platform_description"]
        (tmp_path / "new/config.json").unlink()


def test_the_document(configure, home):
    result = configure("--yes", "--json").document["result"]
    assert result["platform"]["context"] == CONTEXT
    assert (result["profile"], result["checks"]) == ("", [])
    assert [Path(each["file"]).name for each in result["files"]] == [
        "config.json",
        "config",
        "default.yaml",
        "default.json",
        "default.json",
    ]
    assert {each["written"] for each in result["files"]} == {True}
