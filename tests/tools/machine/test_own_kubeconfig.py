"""The kubeconfig of a profile: its platform's cluster and no other, whatever becomes of the person's own."""

import json
import os
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from kubernetes.client import Configuration
from kubernetes.config import load_kube_config

from metaflow_gcp_tools.clients import kubernetes as kubernetes_api
from metaflow_gcp_tools.machine import own_kubeconfig
from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.problems import CommandFailed
from tests.tools.commands.configure import places
from tests.tools.commands.configure.cluster import TOKEN, write_plugin
from tests.tools.commands.configure.places import CONTEXT, DESCRIPTION, KUBECONFIG

SERVER = "https://gke-0.us-west1.gke.goog"
PLATFORM = Platform.parse(json.dumps(DESCRIPTION), "the test")
KUBECTL = shutil.which("kubectl")


@pytest.fixture
def home(environment, monkeypatch):
    monkeypatch.setenv("HOME", environment["HOME"])
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("METAFLOW_HOME", raising=False)
    return Path(environment["HOME"])


@pytest.fixture
def configure(run_here, tmp_path, home):
    def configure(*arguments, project="acme-metaflow", **more):
        place = places.write(tmp_path / project, project=project, cluster_dns_endpoint=f"gke-0.{project}.gke.goog")
        ran = run_here("configure", "--from", str(place), "--no-check", "--yes", *arguments, **more)
        assert ran.exit_code == 0, ran.stderr
        return ran

    return configure


def own(home: Path, profile: str = "default") -> Path:
    return home / f".metaflowconfig/metaflow-gcp/kubeconfigs/{profile}.yaml"


def contexts(file: Path) -> tuple[str, list[str]]:
    found = yaml.safe_load(file.read_text())
    return found["current-context"], [each["name"] for each in found["contexts"]]


def test_each_profile_has_one_whatever_the_current_context_is(configure, home):
    theirs = home / ".kube/config"
    theirs.parent.mkdir()
    theirs.write_text(KUBECONFIG)
    configure("--keep-context")
    configure("--profile", "staging", project="acme-staging")
    production, staging = CONTEXT, CONTEXT.replace("acme-metaflow", "acme-staging")
    assert contexts(own(home)) == (production, [production])
    assert contexts(own(home, "staging")) == (staging, [staging])
    assert own(home).stat().st_mode & 0o777 == 0o600
    # Nothing of theirs is lost, nor gets into ours.
    assert contexts(theirs) == (staging, ["old", production, staging])
    assert "secret-of-mine" in theirs.read_text()
    assert "secret-of-mine" not in own(home).read_text() + own(home, "staging").read_text()


def test_where_jobs_go_is_said_when_it_is_not_the_profile_s_platform(configure, home):
    assert "Note" not in configure().stderr
    said = configure("--profile", "staging", project="acme-staging").stderr
    assert "Note, for the profile default: without `metaflow-gcp run`" in said
    assert "metaflow-gcp env" in said
    assert "for the profile staging" not in said
    kept = configure(
        "--profile", "staging", "--keep-context", project="acme-staging", KUBERNETES_SERVICE_HOST="10.0.0.1"
    )
    assert "for the profile staging: without `metaflow-gcp run`, flows send their jobs to the cluster of this pod" in (
        kept.stderr
    )
    assert "metaflow-gcp run --profile staging" in kept.stderr


def test_a_shell_that_env_has_set_up_does_not_take_ours_for_theirs(configure, home):
    configure()
    before = own(home).read_text()
    configure("--profile", "staging", project="acme-staging", KUBECONFIG=str(own(home)))
    assert own(home).read_text() == before
    staging = CONTEXT.replace("acme-metaflow", "acme-staging")
    assert contexts(home / ".kube/config") == (staging, [CONTEXT, staging])


def test_what_people_changed_in_the_cluster_s_entries_stays_but_for_where_it_is(home):
    theirs = home / ".kube/config"
    theirs.parent.mkdir()
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "bin/gke-gcloud-auth-plugin", "args": ["--x"]}
    theirs.write_text(
        yaml.safe_dump(
            {
                "clusters": [
                    {"name": CONTEXT, "cluster": {"server": "https://10.0.0.9", "proxy-url": "http://proxy:3128"}}
                ],
                "contexts": [
                    {"name": CONTEXT, "context": {"cluster": "another", "user": CONTEXT, "namespace": "metaflow-jobs"}}
                ],
                "users": [{"name": CONTEXT, "user": {"exec": plugin}}],
            }
        )
    )
    found = yaml.safe_load(own_kubeconfig.text(PLATFORM))
    assert found["clusters"][0]["cluster"] == {"server": SERVER, "proxy-url": "http://proxy:3128"}
    assert found["contexts"][0]["context"] == {"cluster": CONTEXT, "user": CONTEXT, "namespace": "metaflow-jobs"}
    # Relative to the file that it stood in.
    whole = str(home / ".kube/bin/gke-gcloud-auth-plugin")
    assert found["users"][0]["user"]["exec"] == plugin | {"command": whole}


@pytest.mark.parametrize("theirs", [None, "", "clusters: [", "\x00"])
def test_it_needs_none_of_theirs(home, theirs):
    if theirs is not None:
        (home / ".kube").mkdir()
        (home / ".kube/config").write_text(theirs)
    found = yaml.safe_load(own_kubeconfig.ensured(PLATFORM, "").read_text())
    assert found["clusters"] == [{"name": CONTEXT, "cluster": {"server": SERVER}}]
    assert found["users"][0]["user"]["exec"]["command"] == "gke-gcloud-auth-plugin"


def test_commands_find_the_cluster_in_a_shell_that_env_has_set_up(home, monkeypatch, tmp_path):
    """Also where the person has no kubeconfig of their own, as in a container."""
    write_plugin(tmp_path, "true")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("KUBECONFIG", str(own_kubeconfig.ensured(PLATFORM, "")))
    with kubernetes_api.client(CONTEXT) as api:
        assert api.configuration.host == SERVER


def test_several_at_once_do_not_meet(home):
    together = threading.Barrier(8)

    def ensure(_: int) -> str:
        together.wait(10)
        return own_kubeconfig.ensured(PLATFORM, "").read_text()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ensure, range(8))) == {own_kubeconfig.text(PLATFORM)}
    assert os.listdir(own(home).parent) == ["default.yaml"]  # noqa: PTH208 - hidden files as well


def test_what_is_right_is_not_written_again(home):
    file = own_kubeconfig.ensured(PLATFORM, "")
    inode = file.stat().st_ino
    assert own_kubeconfig.ensured(PLATFORM, "").stat().st_ino == inode
    file.write_text("current-context: another")
    assert contexts(own_kubeconfig.ensured(PLATFORM, "")) == (CONTEXT, [CONTEXT])


def test_a_place_that_cannot_be_written_is_one_line(home):
    (home / ".metaflowconfig").write_text("no folder")
    with pytest.raises(CommandFailed, match=r"kubeconfig .*default\.yaml cannot be written: Not a directory"):
        own_kubeconfig.ensured(PLATFORM, "")


def test_the_kubernetes_client_reads_it(home, monkeypatch, tmp_path):
    write_plugin(tmp_path, "true")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    configuration = Configuration()
    load_kube_config(str(own_kubeconfig.ensured(PLATFORM, "")), client_configuration=configuration)
    assert configuration.host == SERVER
    assert f"Bearer {TOKEN}" in configuration.api_key.values()


if KUBECTL:

    def test_kubectl_reads_it(home):
        file = own_kubeconfig.ensured(PLATFORM, "")
        told = subprocess.run(
            [KUBECTL, "config", "view", "--minify", "--output", "json"],
            env={"PATH": os.environ["PATH"], "HOME": str(home), "KUBECONFIG": str(file)},
            capture_output=True,
            text=True,
            check=True,
        )
        found = json.loads(told.stdout)
        assert (found["current-context"], found["clusters"][0]["cluster"]["server"]) == (CONTEXT, SERVER)
        assert found["users"][0]["user"]["exec"]["command"] == "gke-gcloud-auth-plugin"
