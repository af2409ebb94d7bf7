"""Where Metaflow's client sends jobs when it is started without `metaflow-gcp run`: see `kubeconfigs`."""

import os
from dataclasses import dataclass

from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.problems import Problem


@dataclass(frozen=True, kw_only=True)
class CurrentContext:
    """The cluster that jobs go to."""

    name: str | None
    """In the kubeconfig; `None`: there is none, or it is the cluster of the pod that this runs in."""
    server: str | None
    """`None`: it is not known."""
    is_platform: bool
    """Whether it is the platform's."""

    def problem(self, platform: Platform, profile: str) -> Problem | None:
        """What is wrong without `run`; `None` when nothing is."""
        if self.is_platform:
            return None
        of = f" --profile {profile}" if profile else ""
        if self.name:
            where = f"to the kubeconfig's current context {self.name}" + (f" ({self.server})" if self.server else "")
        else:
            where = "to the cluster of this pod" if _in_a_pod() else "nowhere: the kubeconfig has no current context"
        return Problem(
            what=f"without `metaflow-gcp run`, flows send their jobs {where}, "
            f"and their metadata to {platform.cluster_name} of {platform.project}",
            next_step=f'start them with `metaflow-gcp run{of}`, or set up the shell: `eval "$(metaflow-gcp env{of})"`',
        )


def of_client(platform: Platform) -> CurrentContext:
    """As Metaflow's client takes it, by the same library."""
    import yaml
    from kubernetes.config.config_exception import ConfigException
    from kubernetes.config.kube_config import KubeConfigMerger

    if _in_a_pod():
        return CurrentContext(name=None, server=None, is_platform=False)
    try:
        found = KubeConfigMerger(os.environ.get("KUBECONFIG") or "~/.kube/config").config
        name = found["current-context"]
        context = found["contexts"].get_with_name(name)["context"]
        server = str(found["clusters"].get_with_name(context["cluster"])["cluster"]["server"])
    except (ConfigException, yaml.YAMLError, OSError, TypeError, AttributeError, KeyError, ValueError):
        return CurrentContext(name=None, server=None, is_platform=False)
    # By name, too: gcloud gives it to the same cluster when that is reached by its address.
    same = name == platform.kube_context or server == f"https://{platform.cluster_dns_endpoint}"
    return CurrentContext(name=name, server=server, is_platform=same)


def _in_a_pod() -> bool:
    return not os.environ.get("KUBECONFIG") and bool(os.environ.get("KUBERNETES_SERVICE_HOST"))
