"""Where kubeconfigs are: the person's, and one of ours for each profile, with its platform's cluster and no other.

Metaflow's client sends jobs to the current context of KUBECONFIG; without that variable to the cluster of the pod that
it runs in, or else to the current context of ~/.kube/config. It has no setting for a context
(metaflow/plugins/kubernetes/kubernetes_client.py, the same from 2.16.8 to 2.19.39).
"""

import os
from pathlib import Path

from metaflow_gcp_tools.platform.description import metaflow_home, platform_file


def own_file(profile: str) -> Path:
    """The profile's own kubeconfig."""
    return platform_file(profile).parent / "kubeconfigs" / f"{profile or 'default'}.yaml"


def files() -> list[Path]:
    """The kubeconfigs of this person, as kubectl finds them, without ours; not all of them need be there."""
    return [each for each in _named() if not _is_ours(each)] or [Path("~/.kube/config").expanduser()]


def variable() -> str:
    """KUBECONFIG to find any platform's cluster with: theirs first, then ours that it names already."""
    return os.pathsep.join(map(str, [*files(), *filter(_is_ours, _named())]))


def _named() -> list[Path]:
    return [Path(each).expanduser() for each in os.environ.get("KUBECONFIG", "").split(os.pathsep) if each]


def _is_ours(file: Path) -> bool:
    return file.resolve().parent == (metaflow_home() / "metaflow-gcp" / "kubeconfigs").resolve()
