"""Must hold: traffic flows again, whatever happens to kubectl, and nothing is left behind."""

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import psutil
import pytest

from metaflow_gcp_tools.commands.forward.status import State
from tests.tools.commands.forward.platforms import SERVICES, StandIn, eventually, free_ports, stand_in
from tests.tools.commands.forward.programs import Kept, kept

WITHIN = 10.0
"""Seconds, after the service is back."""


def _not_open(running: Kept, name: str) -> None:
    eventually(lambda: running.status(name).state != State.OPEN, f"{name} is seen to fail")


def _again(machine: StandIn, name: str, starts: int) -> None:
    eventually(lambda: len(machine.starts(name)) > starts, f"a kubectl for {name} after the first {starts}")


def _kill(machine: StandIn, name: str) -> None:
    with suppress(ProcessLookupError):
        os.kill(machine.starts(name)[-1], signal.SIGKILL)


def ends(machine: StandIn, running: Kept, name: str) -> None:
    machine.set_mode(name, "end")
    _not_open(running, name)


def hangs(machine: StandIn, running: Kept, name: str) -> None:
    machine.set_mode(name, "hang")
    _not_open(running, name)


def refuses(machine: StandIn, running: Kept, name: str) -> None:
    starts = len(machine.starts(name))
    machine.set_mode(name, "refuse")
    _again(machine, name, starts)


def ends_again_while_it_backs_off(machine: StandIn, running: Kept, name: str) -> None:
    starts = len(machine.starts(name))
    machine.set_mode(name, "end")
    _again(machine, name, starts + 1)
    machine.set_mode(name, "carry")
    _kill(machine, name)


def is_killed(machine: StandIn, running: Kept, name: str) -> None:
    _kill(machine, name)
    _not_open(running, name)


FAULTS: list[Callable[[StandIn, Kept, str], None]] = [ends, hangs, refuses, ends_again_while_it_backs_off, is_killed]


def _faults(machine: StandIn, running: Kept, name: str, count: int) -> int:
    for number in range(count):
        fault = FAULTS[number % len(FAULTS)]
        fault(machine, running, name)
        machine.set_mode(name, "carry")
        eventually(lambda: machine.answers(name), f"{name} is back after {fault.__name__}", WITHIN)
        eventually(lambda: running.status(name).state == State.OPEN, f"{name} is seen to be back")
    return count


def test_a_hundred_faults_in_a_row_and_nothing_is_left(tmp_path, environment, monkeypatch) -> None:
    """Each of the four forwards has them one after the other, all four at the same time."""
    with stand_in(tmp_path, environment, ports=free_ports(SERVICES)) as machine:
        for variable, value in machine.environment.items():
            monkeypatch.setenv(variable, value)
        this = psutil.Process()
        descriptors, threads = this.num_fds(), threading.active_count()
        with kept() as running, ThreadPoolExecutor() as pool:
            for name in SERVICES:
                eventually(partial(machine.answers, name), f"{name} answers")
            survived = [pool.submit(_faults, machine, running, name, 25) for name in SERVICES]
            assert sum(each.result() for each in survived) == 100
            assert not running.failed
            assert sum(each.status.restarts for each in running.keeper.tunnels.values()) >= 100
        eventually(lambda: not machine.processes(), "no process is left")
        assert this.num_fds() <= descriptors
        eventually(lambda: threading.active_count() <= threads, "no thread is left")
        assert not [each for each in this.net_connections() if each.laddr and each.laddr.port in machine.ports.values()]


@pytest.mark.parametrize("fault", [ends, hangs, refuses])
def test_with_the_pace_of_every_day(fault, machine: StandIn, begin, ran) -> None:
    """The same against the program as it is: within ten seconds of the fault, or of the service's return."""
    started = begin("forward")
    name = "events"
    eventually(lambda: machine.answers(name), "it answers")
    starts = len(machine.starts(name))
    machine.set_mode(name, {ends: "end", hangs: "hang", refuses: "refuse"}[fault])
    eventually(lambda: len(machine.starts(name)) > starts, "it is started again", WITHIN)
    machine.set_mode(name, "carry")
    eventually(lambda: machine.answers(name), "it is back", WITHIN)
    assert started.end() == 0
    eventually(lambda: not machine.processes(), "no process is left")
