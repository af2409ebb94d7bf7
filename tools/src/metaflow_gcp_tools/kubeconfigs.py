"""Where kubeconfigs are: the person's, and one of ours for each profile, with its platform's cluster and no other.

Metaflow's client sends jobs to the current context of KUBECONFIG; without that variable to the cluster of the pod that
it runs in, or else to the current context of ~/.kube/config. It has no setting for a context
(metaflow/plugins/kubernetes/kubernetes_client.py, the same from 2.16.8 to 2.19.39).
"""

import os
from pathlib import Path

from metaflow_gcp_tools.platform import metaflow_home, platform_file


def own_file(profile: str) -> Path:
    """The profile's own kubeconfig."""
    return platform_file(profile).parent / "kubeconfigs" / f"{profile or 'default'}.yaml"


def files() -> list[Path]:
    """The kubeconfigs of this person, as kubectl finds them, without ours; not all of them need be there."""
    ours = (metaflow_home() / "metaflow-gcp" / "kubeconfigs").resolve()
    named = [Path(each).expanduser() for each in os.environ.get("KUBECONFIG", "").split(os.pathsep) if each]
    theirs = [each for each in named if each.resolve().parent != ours]
    return theirs or [Path("~/.kube/config").expanduser()]


def variable() -> str:
    """The same, as KUBECONFIG has them."""
    return os.pathsep.join(map(str, files()))
