"""Kubernetes' API, by its own client, through a context of the kubeconfig.

api = kubernetes_api.client(platform.kube_context)
kubernetes.client.CoreV1Api(api).list_namespaced_pod("metaflow", _request_timeout=kubernetes_api.TIMEOUT)
"""

import json
import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from metaflow_gcp_tools.clients import unanswered
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered
from metaflow_gcp_tools.machine import gcloud_components, kubeconfigs
from metaflow_gcp_tools.machine.gcloud_components import LOG_IN, PLUGIN
from metaflow_gcp_tools.problems import CommandFailed, first_line

TIMEOUT = (5.0, 20.0)
"""Seconds to connect, and to answer: `_request_timeout` of every call."""

PLUGIN_TIMEOUT_SECONDS = 30.0
"""The plugin asks Google for a token when the one it keeps is too old."""


def client(context: str) -> Any:
    """The `ApiClient` of the cluster that this context leads to. Nothing is asked of the cluster yet.

    Calls are made within `asking`. Only those that change nothing are tried again.

    Raises `CommandFailed` when the kubeconfig has no such context, or when its plugin gives no credentials.
    """
    import urllib3
    import yaml
    from kubernetes.client import ApiClient, Configuration
    from kubernetes.config.config_exception import ConfigException
    from kubernetes.config.kube_config import KubeConfigLoader, KubeConfigMerger

    where = kubeconfigs.variable()
    configuration = Configuration()
    configuration.retries = urllib3.Retry(
        2, backoff_factor=0.5, status_forcelist=(429, 502, 503, 504), allowed_methods=("GET",), raise_on_status=False
    )
    broken = _no_cluster(f"the kubeconfig {where} is broken at the context {context}")
    # What is translated: a kubeconfig of gcloud's older days makes the client ask Google for a token itself.
    with unanswered.translated("Google's token service"):
        try:
            kubeconfig = KubeConfigMerger(where).config
            if kubeconfig is None:
                raise _no_cluster(f"there is no kubeconfig: {where}")
            named = kubeconfig["contexts"].get_with_name(context, safe=True)
            if named is None:
                raise _no_cluster(f"the kubeconfig {where} has no context {context}")
            _authenticate(kubeconfig, named["context"])
            loader = KubeConfigLoader(kubeconfig, active_context=context)
            loader.load_and_set(configuration)
            # This machine's authorities, that of a company's proxy among them; the client's own list lacks it.
            configuration.ssl_ca_cert = configuration.ssl_ca_cert or ssl.get_default_verify_paths().cafile
        # ValueError: certificates and keys that are no base64.
        except (ConfigException, yaml.YAMLError, OSError, TypeError, AttributeError, KeyError, ValueError):
            raise broken from None
    return ApiClient(configuration)


@contextmanager
def asking(cluster: str) -> Iterator[None]:
    """Raise `Unanswered` for whatever the client raises meanwhile, in which the cluster is called so."""
    try:
        with unanswered.translated(f"the cluster {cluster}"):
            yield
    except Unanswered as error:
        if error.cause is not Cause.LOGIN:
            raise
        # Not by the default credentials, as with Google's APIs.
        raise error.but(what=f"the cluster {cluster} does not accept gcloud's credentials", next_step=LOG_IN) from None


def _no_cluster(what: str) -> CommandFailed:
    return CommandFailed.of(what=what, next_step="run `metaflow-gcp configure`: it adds the platform's cluster")


def _authenticate(kubeconfig: Any, context: Any) -> None:
    """Put the plugin's token in the plugin's place.

    The client would run the plugin itself, but for as long as it takes, and without credentials when it fails.
    """
    user = kubeconfig["users"].get_with_name(context["user"])["user"].value
    if "exec" in user:
        cluster = kubeconfig["clusters"].get_with_name(context["cluster"])["cluster"].value
        user["token"] = token(user.pop("exec"), cluster)


def token(plugin: dict[str, Any], cluster: dict[str, Any]) -> str:
    """What a user's `exec` in the kubeconfig gives, asked as kubectl does. Raises `CommandFailed` when it gives none.

    https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
    """
    command = plugin["command"]
    spec = {"interactive": False, **({"cluster": cluster} if plugin.get("provideClusterInfo") else {})}
    asked = {"apiVersion": plugin["apiVersion"], "kind": "ExecCredential", "spec": spec}
    more = {each["name"]: each["value"] for each in plugin.get("env") or ()}
    try:
        ended = subprocess.run(
            [command, *(plugin.get("args") or ())],
            env={**os.environ, **more, "KUBERNETES_EXEC_INFO": json.dumps(asked)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PLUGIN_TIMEOUT_SECONDS,
            check=True,
        )
        return str(json.loads(ended.stdout)["status"]["token"])
    except FileNotFoundError:
        what = f"{command} is not on the PATH, but kubectl needs it to reach the cluster"
        next_step = gcloud_components.install(PLUGIN)
    except subprocess.TimeoutExpired:
        what = f"{command} returned no credentials within {PLUGIN_TIMEOUT_SECONDS:.0f} s"
        next_step = f"run `{command}` to see what it waits for"
    except subprocess.CalledProcessError as error:
        # Its stderr holds no token: that would be on stdout.
        what = f"{command} returned no credentials: {first_line(error.stderr)}"
        next_step = LOG_IN
    except (ValueError, KeyError, TypeError):
        what = f"{command} returned something that is not a credential"
        next_step = f"{gcloud_components.update(PLUGIN)}, which also updates {PLUGIN}"
    raise CommandFailed.of(what=what, next_step=next_step)
