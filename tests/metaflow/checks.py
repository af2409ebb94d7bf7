"""Whatever a pod of Metaflow's names is there."""

from tests.metaflow.deployment import Deployment
from tests.metaflow.pods import Pod
from tests.metaflow.recording import Recording


def check(pod: Pod, deployment: Deployment, recording: Recording) -> None:
    assert pod.namespace in deployment.namespaces
    assert (pod.namespace, pod.account) in deployment.accounts
    assert deployment.is_ours(pod.image)
    # GKE places pods with GPUs; whoever tolerates everything ends on the dearest node.
    assert pod.node_selector == {}
    assert pod.tolerations == []
    _check_data(pod, deployment, recording)
    _check_secrets(pod, deployment)
    _check_events(pod, deployment)


def _check_data(pod: Pod, deployment: Deployment, recording: Recording) -> None:
    env = pod.env
    assert (env["METAFLOW_DEFAULT_DATASTORE"], env["METAFLOW_DEFAULT_METADATA"]) == ("gs", "service")
    assert deployment.answers(env["METAFLOW_SERVICE_URL"])
    bucket, _, path = env["METAFLOW_DATASTORE_SYSROOT_GS"].removeprefix("gs://").partition("/")
    assert bucket in deployment.buckets
    assert env["METAFLOW_CARD_GSROOT"].startswith(f"gs://{bucket}/{path}/")
    # The code is where the pod looks for it.
    assert env["METAFLOW_CODE_URL"] in {f"gs://{bucket}/{name}" for name in recording.objects}


def _check_secrets(pod: Pod, deployment: Deployment) -> None:
    assert pod.env["METAFLOW_DEFAULT_SECRETS_BACKEND_TYPE"] == "gcp-secret-manager"
    assert pod.env["METAFLOW_GCP_SECRET_MANAGER_PREFIX"] in deployment.secret_prefixes


def _check_events(pod: Pod, deployment: Deployment) -> None:
    """Tasks publish events, too."""
    env = pod.env
    source = deployment.event_source(pod.namespace, env["METAFLOW_ARGO_EVENTS_EVENT_SOURCE"])
    assert env["METAFLOW_ARGO_EVENTS_EVENT_BUS"] == source["spec"]["eventBusName"]
    webhook = source["spec"]["webhook"][env["METAFLOW_ARGO_EVENTS_EVENT"]]
    url = env["METAFLOW_ARGO_EVENTS_WEBHOOK_URL"]
    assert deployment.answers(url)
    assert url.endswith(f":{webhook['port']}{webhook['endpoint']}")
    assert (pod.namespace, env["METAFLOW_ARGO_EVENTS_SERVICE_ACCOUNT"]) in deployment.accounts
