"""Whether pods can start."""

import pytest

from rehearsal.protocol.errors import Refused
from tests.rehearsal.cloud.kubernetes.shapes import about, deployment, env


@pytest.mark.parametrize(
    ("needs", "missing"),
    [
        ({"service_account_name": "runner"}, 'serviceaccount "runner"'),
        ({"volume": [{"name": "v", "secret": {"secret_name": "tls"}}]}, 'secret "tls"'),
        ({"volume": [{"name": "v", "config_map": {"name": "conf"}}]}, 'configmap "conf"'),
        (
            {"volume": [{"name": "v", "persistent_volume_claim": {"claim_name": "disk"}}]},
            'persistentvolumeclaim "disk"',
        ),
        ({"image_pull_secrets": [{"name": "pull"}]}, 'secret "pull"'),
        (env("secret", "db"), 'secret "db"'),
        (env("config_map", "conf"), 'configmap "conf"'),
        (env("secret", "held"), 'key password of secret "held"'),
        ({"container": {"env_from": [{"secret_ref": {"name": "db"}}]}}, 'secret "db"'),
    ],
)
def test_pods_that_would_not_start(kubernetes, needs, missing):
    kubernetes.create("kubernetes_secret_v1", metadata=about("held"), data={"other": "x"})
    with pytest.raises(Refused, match=f"{missing} not found in namespace jobs") as refused:
        kubernetes.create("kubernetes_deployment_v1", **deployment(**needs))
    # It is there, and Terraform keeps it as tainted.
    assert refused.value.state["id"] == "jobs/app"
    assert [each.key.id for each in kubernetes.provider.cloud.all("kubernetes_deployment")] == ["jobs/app"]


def test_what_pods_may_do_without(kubernetes):
    kubernetes.create("kubernetes_deployment_v1", **deployment(**env("secret", "db", optional=True)))


def test_a_secret_whose_content_is_not_kept_has_any_key(kubernetes):
    kubernetes.create("kubernetes_secret_v1", metadata=about("db"), data_wo={"password": "x"}, data_wo_revision=1)
    kubernetes.create("kubernetes_deployment_v1", **deployment(**env("secret", "db")))


def test_a_selector_that_does_not_match_its_own_pods(kubernetes):
    with pytest.raises(Refused, match="`selector` does not match template `labels`"):
        kubernetes.create("kubernetes_deployment_v1", **deployment(selector={"app": "other"}))
