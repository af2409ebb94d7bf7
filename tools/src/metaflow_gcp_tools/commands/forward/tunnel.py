"""One forward, kept open: a small state machine around kubectl.

    starting -> open <-> not ready        kubectl runs; a probe through the tunnel tells which
    any of them -> reconnecting | not ready -> starting
                                          kubectl ended or carries nothing: after a pause, a new one
    port busy -> starting                 somebody else's program has the local port

Another process of ours may have the same forward open at the same port, such as a `forward` in another terminal. Then
this one only watches, and starts a kubectl of its own when the other one goes.
"""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from metaflow_gcp_tools.commands.forward import ports
from metaflow_gcp_tools.commands.forward.kubectl import Fault, Kubectl, fault
from metaflow_gcp_tools.commands.forward.probe import NoTraffic, probe
from metaflow_gcp_tools.commands.forward.status import State, Status
from metaflow_gcp_tools.problems import CommandFailed

SERVER_ERROR = 500
"""And above: the tunnel carries, but what is behind it does not work."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """All in seconds. Together they make: 10 s after a service is back, or a tunnel hangs, traffic flows again."""

    probe_every: float = 2.0
    probe_timeout: float = 2.0
    strikes: int = 2
    """So many probes must fail in a row: a service may be slow once."""
    start_every: float = 0.2
    """Between probes of a tunnel that is not open yet."""
    start_within: float = 6.0
    """For kubectl to listen. Doubled each time that it does not: on a slow line the first start takes long, with
    credentials and the API's description to fetch."""
    start_within_at_most: float = 24.0
    first_pause: float = 0.25
    longest_pause: float = 2.0
    stable_after: float = 5.0
    """A tunnel that was open for so long starts from the first pause again."""
    grace: float = 1.0
    """For kubectl to end."""

    def pause(self, faults: int) -> float:
        """Before the next start, after so many faults in a row; never the same for all who lost the same cluster."""
        longest = min(self.longest_pause, self.first_pause * 2.0 ** min(faults - 1, 16))
        return random.uniform(longest / 2, longest)  # noqa: S311 - no secret


@dataclass(kw_only=True, eq=False)
class Tunnel:
    name: str
    port: int
    path: str
    """What the probe asks for."""
    command: Sequence[str]
    """Starts kubectl."""
    pace: Pace
    carried_by: Callable[[], int | None]
    """Is asked who else has it open."""
    changed: Callable[[Status], None]

    def __post_init__(self) -> None:
        self.opened = asyncio.Event()
        """Set when it is open for the first time."""
        self.status = Status(
            name=self.name,
            port=self.port,
            state=State.STARTING,
            note="",
            next_step="",
            since=time.time(),
            restarts=0,
            carried_by=None,
        )
        self._faults = 0
        """In a row."""
        self._start_within = self.pace.start_within

    async def keep(self) -> NoReturn:
        """Until cancelled; then nothing is left. Raises `CommandFailed` for a first fault that will not pass."""
        while True:
            if (other := self.carried_by()) is not None:
                await self._watch(other)
            elif not ports.is_free(self.port):
                self._say_busy()
                await self._rest()
            else:
                self._say_fault(await self._carry())
                await self._rest()

    async def _watch(self, other: int) -> None:
        """What another process of ours carries."""
        note = f"carried by process {other}"
        try:
            self._say_answer(await self._probe(), note, other)
        except NoTraffic as error:
            state = State.RECONNECTING if error.listening else State.STARTING
            self._say(state, f"{note}: {error}", carried_by=other)
        await asyncio.sleep(self.pace.probe_every / 2)

    async def _carry(self) -> Fault:
        self._say(State.STARTING, self.status.note)
        kubectl = await Kubectl.start(self.command)
        try:
            return await self._until_fault(kubectl)
        finally:
            await _in_any_case(kubectl.end(self.pace.grace))

    async def _until_fault(self, kubectl: Kubectl) -> Fault:
        started = time.monotonic()
        opened: float | None = None
        strikes = 0
        ended = asyncio.create_task(kubectl.ended())
        try:
            while True:
                pause = self.pace.start_every if opened is None else self.pace.probe_every
                # After a failed probe the next one follows at once: of the ten seconds there are none to lose.
                await asyncio.wait({ended}, timeout=0 if strikes else pause)
                if ended.done():
                    return fault(kubectl.said)
                try:
                    answer = await self._probe()
                except NoTraffic as error:
                    if error.listening or opened is not None:
                        strikes += 1
                        if strikes == self.pace.strikes:
                            return await self._deaf(error, ended, kubectl)
                    elif time.monotonic() - started > self._start_within:
                        return self._too_slow()
                    continue
                strikes = 0
                kubectl.forget()
                opened = opened or time.monotonic()
                self._start_within = self.pace.start_within
                if time.monotonic() - opened >= self.pace.stable_after:
                    self._faults = 0
                self._say_answer(answer)
        finally:
            ended.cancel()

    async def _deaf(self, error: NoTraffic, ended: asyncio.Task[None], kubectl: Kubectl) -> Fault:
        """A probe that breaks is often the first sign of kubectl's end, which tells more."""
        await asyncio.wait({ended}, timeout=self.pace.start_every)
        return fault(kubectl.said) if kubectl.said else Fault(what=f"kubectl carries no traffic: {error}")

    def _too_slow(self) -> Fault:
        late = self._start_within
        self._start_within = min(2 * late, self.pace.start_within_at_most)
        return Fault(what=f"kubectl was not ready within {late:g} s")

    async def _probe(self) -> int:
        return await probe(self.port, self.path, timeout=self.pace.probe_timeout)

    async def _rest(self) -> None:
        await asyncio.sleep(self.pace.pause(self._faults))

    def _say_answer(self, answer: int, note: str = "", carried_by: int | None = None) -> None:
        if answer >= SERVER_ERROR:
            self._say(State.NOT_READY, note or f"the service returns {answer}", carried_by=carried_by)
        else:
            self._say(State.OPEN, note, carried_by=carried_by)

    def _say_fault(self, found: Fault) -> None:
        # Later it may pass after all: somebody may be writing the kubeconfig just now.
        if found.final and not self.opened.is_set():
            raise CommandFailed.of(what=found.what, next_step=found.next_step)
        self._faults += 1
        self.status = replace(self.status, restarts=self.status.restarts + 1)
        self._say(State.NOT_READY if found.of_service else State.RECONNECTING, found.what, found.next_step)

    def _say_busy(self) -> None:
        self._faults += 1
        # Looking for the owner takes a while: once is enough.
        if self.status.state != State.PORT_BUSY:
            self._say(State.PORT_BUSY, f"it is used by {ports.owner(self.port)}", "stop that program, or use `--port`")

    def _say(self, state: State, note: str, next_step: str = "", *, carried_by: int | None = None) -> None:
        former = self.status
        if state == State.OPEN:
            self.opened.set()
        said = replace(former, state=state, note=note, next_step=next_step, carried_by=carried_by)
        if said != former:
            self.status = said if state == former.state else replace(said, since=time.time())
            self.changed(self.status)


async def _in_any_case(work: Coroutine[None, None, None]) -> None:
    """To its end, even when cancelled half-way: nothing must be left."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
