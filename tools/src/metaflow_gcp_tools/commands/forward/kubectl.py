"""kubectl's `port-forward`: how it is started and ended, and what its messages mean."""

import asyncio
import os
import re
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from metaflow_gcp_tools.commands.forward import guard
from metaflow_gcp_tools.machine import gcloud_components, kubeconfigs
from metaflow_gcp_tools.machine.gcloud_components import LOG_IN, PLUGIN
from metaflow_gcp_tools.platform.description import Forward, Platform
from metaflow_gcp_tools.problems import CommandFailed, last_line

ADDRESS = "127.0.0.1"
"""Nobody else's machine reaches it. As in the profile, and not `localhost`, which is two addresses."""

GUARD = (sys.executable, "-I", "-S", guard.__file__)

KEPT = 8192
"""Characters of what it says on stderr."""


def arguments(platform: Platform, forward: Forward, port: int) -> list[str]:
    """Start `kubectl` with these to have the forward at `port` of this machine."""
    return [
        "kubectl",
        *("--context", platform.kube_context),
        *("--namespace", forward.namespace),
        "port-forward",
        f"service/{forward.service}",
        f"{port}:{forward.port}",
        *("--address", ADDRESS),
    ]


def require() -> None:
    """Raise `CommandFailed` when there is no kubectl."""
    if shutil.which("kubectl") is None:
        raise CommandFailed.of(
            what="`kubectl` is not on the PATH",
            next_step=f"install it and its plugin: {gcloud_components.install('kubectl', PLUGIN)}",
        )


class Kubectl:
    """A running kubectl, alone with its guard and its plugins in a process group."""

    def __init__(self, process: Process, lifeline: int) -> None:
        self._process = process
        self._lifeline = lifeline
        self._said = ""
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, command: Sequence[str]) -> Self:
        # What the guard reads. Not asyncio's own pipe: that would have the process end only when the guard does.
        theirs, ours = os.pipe()
        try:
            # A session of its own: Ctrl-C does not reach it before us, and no plugin waits for a password on the
            # terminal. Its end is noticed, so what it says of each connection on stdout need not be read.
            process = await asyncio.create_subprocess_exec(
                *GUARD,
                *command,
                env={**os.environ, "KUBECONFIG": kubeconfigs.variable()},
                stdin=theirs,
                stdout=DEVNULL,
                stderr=PIPE,
                start_new_session=True,
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        return cls(process, ours)

    async def _listen(self) -> None:
        assert self._process.stderr
        while chunk := await self._process.stderr.read(KEPT):
            self._said = (self._said + chunk.decode(errors="replace"))[-KEPT:]

    @property
    def said(self) -> str:
        """On stderr, since it was last forgotten; the end of it."""
        return self._said

    def forget(self) -> None:
        """All is well: what it said before is not why it fails later."""
        self._said = ""

    async def ended(self) -> None:
        """Return when it has ended by itself, and been heard to the end."""
        await self._process.wait()
        await asyncio.wait({self._listening}, timeout=0.5)

    async def end(self, grace: float) -> None:
        """End it and whatever it started; by SIGKILL after `grace` seconds.

        First politely: a plugin that is just writing its cache of credentials should not leave half of it.
        """
        self._signal(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self._process.wait()
        self._signal(signal.SIGKILL)
        await self._process.wait()
        await self._listening
        os.close(self._lifeline)

    def _signal(self, number: signal.Signals) -> None:
        # macOS says "not permitted" when only zombies are left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a forward carries nothing."""

    what: str
    of_service: bool = False
    """The tunnel is not to blame: what it leads to is not there."""
    next_step: str = ""
    """What a person must do. Empty when it passes by itself."""
    final: bool = False
    """Trying again is of no use."""
    of_cluster: bool = False
    """All forwards have it at once, and one line is enough."""


_FAULTS: tuple[tuple[str, Fault], ...] = (
    (
        r"context \"?[^\"]*\"? does not exist|context was not found",
        Fault(
            what="the kubeconfig has no context for this cluster",
            next_step="run `metaflow-gcp configure` again: it adds the cluster to the kubeconfig",
            final=True,
        ),
    ),
    (
        r"Unauthorized|must be logged in|Reauthentication|active account|invalid_grant",
        Fault(what="your login has expired, or you are not logged in", next_step=LOG_IN, final=True),
    ),
    (
        r"getting credentials.*(?:no such host|[Nn]ame resolution|Network is unreachable|[Tt]imed? ?out|Max retries)",
        Fault(what="no credentials: no response from Google", of_cluster=True),
    ),
    (r"getting credentials", Fault(what="kubectl gets no credentials", next_step=LOG_IN, final=True)),
    (
        r"Forbidden",
        Fault(
            what="you may not forward this port",
            next_step="ask an administrator to add you to `access.users` in the settings",
        ),
    ),
    (
        r"namespaces \"[^\"]*\" not found|services \"[^\"]*\" not found",
        Fault(
            what="there is no such service in the cluster",
            of_service=True,
            next_step="see `metaflow-gcp status`; ask an administrator to deploy",
        ),
    ),
    (r"pod is not running|timed out waiting for the condition", Fault(what="its pod is not running", of_service=True)),
    (
        r"forwarding port .*(?:connection refused|[Ss]andbox)",
        Fault(what="no response from its pod", of_service=True),
    ),
    (r"address already in use", Fault(what="the local port is now in use")),
    (
        r"bind: permission denied",
        Fault(what="the local port is reserved for root", next_step="choose a port above 1023"),
    ),
    (r"lost connection to pod", Fault(what="lost the connection to the pod")),
    (
        r"Unable to connect to the server|The connection to the server|no such host|i/o timeout|TLS handshake",
        Fault(what="the cluster cannot be reached", of_cluster=True),
    ),
)
"""What kubectl says, most telling first: it often says several things."""

OF_CLUSTER = frozenset(fault.what for _, fault in _FAULTS if fault.of_cluster)
"""What is said once, whichever forward meets it first."""


def fault(said: str) -> Fault:
    """What is wrong, from what kubectl said before it ended."""
    if f"executable {PLUGIN} not found" in said:
        return Fault(what=f"kubectl lacks the plugin {PLUGIN}", next_step=gcloud_components.install(PLUGIN), final=True)
    for pattern, found in _FAULTS:
        if re.search(pattern, said):
            return found
    return Fault(what=f"kubectl ended: {last_line(said)[:200]}")
