"""Reaching the cluster through the kubeconfig, and the plugin that gives credentials."""

import json

import pytest

from metaflow_gcp_tools.clients import kubernetes as kubernetes_api
from metaflow_gcp_tools.problems import CommandFailed
from tests.tools.commands.status.stand_in_kubernetes import CONTEXT, TOKEN, kubeconfig

SERVER = "https://gke-0123.us-west1.gke.goog"
WRITTEN = kubeconfig(SERVER)


@pytest.fixture
def file(tmp_path, monkeypatch):
    file = tmp_path / "kubeconfig"
    monkeypatch.setenv("KUBECONFIG", str(file))
    return file


def test_the_plugin_gives_the_token(file):
    file.write_text(WRITTEN)
    with kubernetes_api.client(CONTEXT) as api:
        assert api.configuration.host == SERVER
        assert api.configuration.api_key == {"authorization": f"Bearer {TOKEN}"}
    # The file is as it was: no token in it.
    assert file.read_text() == WRITTEN


def test_the_plugin_is_told_what_kubectl_would_tell_it(file, tmp_path):
    # https://kubernetes.io/docs/reference/access-authn-authz/authentication/#input-and-output-formats
    plugin = tmp_path / "plugin"
    plugin.write_text('#!/bin/sh\nprintf %s "$KUBERNETES_EXEC_INFO" "$REGION" > "$TOLD"\nexec echo "$@"\n')

    plugin.chmod(0o755)
    written = json.loads(WRITTEN.replace('"echo"', json.dumps(str(plugin))))
    told = tmp_path / "told"
    written["users"][0]["user"]["exec"]["env"] = [
        {"name": "REGION", "value": "us-west1"},
        {"name": "TOLD", "value": str(told)},
    ]
    file.write_text(json.dumps(written))
    kubernetes_api.client(CONTEXT).close()
    asked, region, rest = told.read_text().rpartition("us-west1")
    assert (region, rest) == ("us-west1", "")
    assert json.loads(asked) == {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "kind": "ExecCredential",
        "spec": {"interactive": False, "cluster": {"server": SERVER}},
    }


def test_contexts_of_several_files_are_found(file, tmp_path, monkeypatch):
    file.write_text(WRITTEN)
    other = tmp_path / "other"
    other.write_text(WRITTEN.replace(CONTEXT, "other"))
    monkeypatch.setenv("KUBECONFIG", f"{other}:{tmp_path}/none:{file}")
    kubernetes_api.client(CONTEXT).close()


@pytest.mark.parametrize(
    ("text", "said", "next_step"),
    [
        (None, "there is no kubeconfig", "metaflow-gcp configure"),
        ("", "is broken at the context", "metaflow-gcp configure"),
        ("[", "is broken at the context", "metaflow-gcp configure"),
        ("{}", "has no context gke_acme", "metaflow-gcp configure"),
        (WRITTEN.replace("gke_acme", "gke_other"), "has no context gke_acme", "metaflow-gcp configure"),
        (WRITTEN.replace('"users"', '"people"'), "is broken at the context", "metaflow-gcp configure"),
        (
            WRITTEN.replace('"echo"', '"no-such-plugin"'),
            "no-such-plugin is not on the PATH",
            "gke-gcloud-auth-plugin",
        ),
        (WRITTEN.replace('"echo"', '"false"'), "false returned no credentials: nothing", "gcloud auth login"),
        (WRITTEN.replace('"echo"', '"true"'), "not a credential", "which also updates gke-gcloud-auth-plugin"),
    ],
)
def test_a_kubeconfig_that_leads_nowhere(file, text, said, next_step):
    if text is not None:
        file.write_text(text)
    with pytest.raises(CommandFailed, match=said) as error:
        kubernetes_api.client(CONTEXT)
    assert next_step in error.value.problems[0].next_step
    assert TOKEN not in str(error.value)


def test_a_plugin_that_hangs(file, monkeypatch):
    monkeypatch.setattr(kubernetes_api, "PLUGIN_TIMEOUT_SECONDS", 0.2)
    hanging = json.loads(WRITTEN)
    hanging["users"][0]["user"]["exec"].update(command="sleep", args=["60"])
    file.write_text(json.dumps(hanging))
    with pytest.raises(CommandFailed, match="sleep returned no credentials within"):
        kubernetes_api.client(CONTEXT)
