"""Whether this person is logged in, asked while the forwards start.

kubectl finds out, too, but late: it runs the plugin that gives credentials again and again before it says so, each
forward for itself. Here the plugin is run once.
"""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.clients import kubernetes as kubernetes_api
from metaflow_gcp_tools.clients.together import in_a_thread


async def require(context: str) -> None:
    """Raise `CommandFailed` when the plugin of this context of the kubeconfig gives no credentials.

    Whatever else may be wrong with the kubeconfig, kubectl tells.
    """
    plugin = _plugin(context)
    if plugin is None:
        return
    # Not in one of the loop's own threads, which hold up Ctrl-C.
    await asyncio.wrap_future(in_a_thread(lambda: kubernetes_api.token(*plugin)))


def _plugin(context: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """What the kubeconfig says of the plugin and of the cluster; `None` for a context without one."""
    import yaml

    named: dict[str, dict[str, Any]] = {"contexts": {}, "users": {}, "clusters": {}}
    for name in (os.environ.get("KUBECONFIG") or "~/.kube/config").split(os.pathsep):
        with suppress(OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, KeyError, AttributeError):
            found = yaml.safe_load(Path(name).expanduser().read_text("utf-8"))
            for kind, entries in named.items():
                for entry in found.get(kind) or ():
                    # The first file that has a name wins, as with kubectl.
                    entries.setdefault(entry["name"], entry[kind.removesuffix("s")])
    try:
        chosen = named["contexts"][context]
        return named["users"][chosen["user"]]["exec"], named["clusters"][chosen["cluster"]]
    except (KeyError, TypeError):
        return None
