"""Whether this person is logged in, asked while the forwards start.

kubectl finds out, too, but late: it runs the plugin that gives credentials again and again before it says so, each
forward for itself. Here the plugin is run once.
"""

import asyncio
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.clients import kubernetes as kubernetes_api
from metaflow_gcp_tools.problems import CommandFailed


async def require(context: str) -> None:
    """Raise `CommandFailed` when the plugin of this context of the kubeconfig gives no credentials.

    Whatever else may be wrong with the kubeconfig, kubectl tells.
    """
    plugin = _plugin(context)
    if plugin is None:
        return
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if answered.done():
            return
        if error:
            answered.set_exception(error)
        else:
            answered.set_result(None)

    def ask() -> None:
        error = None
        try:
            kubernetes_api.token(*plugin)
        except CommandFailed as failed:
            error = failed
        with suppress(RuntimeError):  # The loop has ended before the plugin.
            loop.call_soon_threadsafe(settle, error)

    # A thread that does not hold up Ctrl-C, as those of the loop's own executor would.
    threading.Thread(target=ask, daemon=True).start()
    await answered


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
