"""The kubeconfig of a profile: its platform's cluster, which is also its current context, and no other.

`metaflow-gcp configure` writes it beside the profile; `run` and `env` hand it out, so that the metadata of a flow and
its jobs cannot go to two platforms, whatever the current context of the person's own kubeconfig is.
"""

import os
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.machine import kubeconfig, kubeconfig_text, kubeconfigs
from metaflow_gcp_tools.machine.files import read
from metaflow_gcp_tools.machine.private_folder import put
from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.problems import CommandFailed


def ensured(platform: Platform, profile: str) -> Path:
    """The file, written if it is not as it should be. Several may do this at once.

    Raises `CommandFailed` when it cannot be written.
    """
    file = kubeconfigs.own_file(profile)
    new = text(platform)
    try:
        if read(file) != new:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            put(file, new)
    except OSError as error:
        raise CommandFailed.of(
            what=f"the profile's kubeconfig {file} cannot be written: {error.strerror}",
            next_step="check its folder's permissions and free disk space, or set METAFLOW_HOME to another folder",
        ) from None
    return file


def text(platform: Platform) -> str:
    """What is in it: the cluster's entries as `configure` writes them, with what people changed in them."""
    made = ""
    for section, entry in kubeconfig.ENTRIES.items():
        made = kubeconfig_text.with_entry(made, section, entry(platform, _own(section, platform)))
    return kubeconfig_text.with_current_context(made, platform.kube_context)


def _own(section: str, platform: Platform) -> dict[str, Any]:
    """The person's own entry, from the first kubeconfig that has it."""
    for file in kubeconfigs.files():
        try:
            found = kubeconfig_text.entry(read(file) or "", section, platform.kube_context)
        except (OSError, CommandFailed, kubeconfig_text.NotAKubeconfig):
            # `configure` and kubectl have more to say about it.
            continue
        if found:
            return _resolved(found, file)
    return {}


def _resolved(entry: dict[str, Any], file: Path) -> dict[str, Any]:
    """With the plugin's path in full: it is relative to the folder of the file that it stands in.

    `ResolveLocalPaths` in tools/clientcmd/loader.go of client-go; other paths of theirs `configure` does not keep.
    """
    user = entry.get("user") or {}
    command = (user.get("exec") or {}).get("command") or ""
    if os.sep not in command or Path(command).is_absolute():
        return entry
    whole = str(file.absolute().parent / command)
    return entry | {"user": user | {"exec": user["exec"] | {"command": whole}}}
