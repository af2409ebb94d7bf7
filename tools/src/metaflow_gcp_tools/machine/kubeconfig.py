"""The cluster's entries in the kubeconfig, as `gcloud container clusters get-credentials --dns-endpoint` writes them.

That is lib/googlecloudsdk/api_lib/container/kubeconfig.py in gcloud's installation.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.machine import kubeconfig_text as text_of, kubeconfigs
from metaflow_gcp_tools.machine.files import PRIVATE, Change, mode, read
from metaflow_gcp_tools.machine.gcloud_components import PLUGIN
from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.problems import CommandFailed

HINT = (
    "Install gke-gcloud-auth-plugin for use with kubectl by following "
    "https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl#install_plugin"
)
"""What kubectl says when the plugin is not there: gcloud's own words."""

_TRUST = ("certificate-authority", "certificate-authority-data", "insecure-skip-tls-verify", "tls-server-name")
"""What a cluster that is reached by an address has: the DNS endpoint's certificate is a public one."""


def changes(platform: Platform, *, use_context: bool) -> list[Change]:
    """What has to change, file by file. Raises `CommandFailed` for a file that cannot be changed in place."""
    files = _files()
    before = {file: read(file) for file in files}
    texts = {file: text or "" for file, text in before.items()}
    differences: dict[Path, list[str]] = {file: [] for file in files}
    first = _default(files)
    for section, entry in ENTRIES.items():
        file = next((each for each in files if _found(each, texts[each], section, platform)), first)
        old = _found(file, texts[file], section, platform)
        new = entry(platform, old or {})
        if new != old:
            texts[file] = _edited(file, text_of.with_entry, texts[file], section, new)
            differences[file].append(f"{'~' if old else '+'} {section[:-1]} {platform.kube_context}")
    if use_context:
        for file in _deciding(files, texts, first):
            current = _edited(file, text_of.read, texts[file]).get("current-context")
            if current != platform.kube_context:
                texts[file] = _edited(file, text_of.with_current_context, texts[file], platform.kube_context)
                was = f" (was {current})" if current else ""
                differences[file].append(f"{'~' if current else '+'} current-context {platform.kube_context}{was}")
    return [
        Change(
            file=file,
            before=before[file],
            after=texts[file],
            # Somebody may have chosen to share theirs.
            mode=mode(file) or PRIVATE,
            mode_before=mode(file) or PRIVATE,
            differences=tuple(differences[file]),
            backed_up=True,
        )
        for file in files
        if differences[file]
    ]


def _files() -> list[Path]:
    # Symbolic links are followed; the same file twice is one.
    return list(dict.fromkeys(each.resolve() for each in kubeconfigs.files()))


def _default(files: list[Path]) -> Path:
    """Where kubectl writes what is new: the first one that is there, else the last one."""
    return next((each for each in files if each.exists()), files[-1])


def _deciding(files: list[Path], texts: dict[Path, str], first: Path) -> list[Path]:
    """The files whose `current-context` counts. Of several, the first for kubectl, the last for Metaflow's client."""
    having = [each for each in files if "current-context" in _edited(each, text_of.read, texts[each])]
    return list(dict.fromkeys([first, *having[-1:]]))


def _found(file: Path, text: str, section: str, platform: Platform) -> dict[str, Any] | None:
    found: dict[str, Any] | None = _edited(file, text_of.entry, text, section, platform.kube_context)
    return found


def _edited(file: Path, function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except text_of.NotAKubeconfig as error:
        raise CommandFailed.of(
            what=f"the kubeconfig {file} cannot be changed: {error}",
            next_step="fix it or move it away, or set KUBECONFIG to another file, then retry",
        ) from None


def _cluster(platform: Platform, old: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in (old.get("cluster") or {}).items() if key not in _TRUST}
    return old | {
        "cluster": kept | {"server": f"https://{platform.cluster_dns_endpoint}"},
        "name": platform.kube_context,
    }


def _context(platform: Platform, old: dict[str, Any]) -> dict[str, Any]:
    # Somebody may have chosen a namespace.
    return old | {
        "context": (old.get("context") or {}) | {"cluster": platform.kube_context, "user": platform.kube_context},
        "name": platform.kube_context,
    }


def _user(platform: Platform, old: dict[str, Any]) -> dict[str, Any]:
    plugin = (old.get("user") or {}).get("exec") or {}
    # With a path of its own, or with arguments such as whom to impersonate.
    if Path(plugin.get("command") or "").name == PLUGIN:
        return old
    return {
        "name": platform.kube_context,
        "user": {
            "exec": {
                "apiVersion": "client.authentication.k8s.io/v1beta1",
                "command": _plugin(),
                "installHint": HINT,
                "provideClusterInfo": True,
            }
        },
    }


ENTRIES: dict[str, Callable[[Platform, dict[str, Any]], dict[str, Any]]] = {
    "clusters": _cluster,
    "contexts": _context,
    "users": _user,
}
"""What makes each entry, from the one that is there."""


def _plugin() -> str:
    """By its name, or, as gcloud does, by its path beside gcloud when that is not on the PATH."""
    gcloud = shutil.which("gcloud")
    beside = Path(gcloud).resolve().with_name(PLUGIN) if gcloud else None
    if shutil.which(PLUGIN) is None and beside is not None and os.access(beside, os.X_OK):
        return str(beside)
    return PLUGIN
