"""What a person is told: whether the tunnel is at fault or the service, and what to do."""

import errno
import json
import os
import signal
from dataclasses import replace

import psutil
import pytest

from metaflow_gcp_tools.commands.forward import kubectl
from metaflow_gcp_tools.commands.forward.news import News
from metaflow_gcp_tools.commands.forward.records import Record
from metaflow_gcp_tools.commands.forward.status import State, Status
from metaflow_gcp_tools.commands.forward.tunnel import Pace
from metaflow_gcp_tools.platform.description import Platform
from tests.tools.commands.forward.platforms import SERVICES, StandIn, description, eventually
from tests.tools.commands.forward.programs import QUICK, kept

NAME = "metadata-service"


def test_a_service_that_answers_an_error_is_not_ready_and_its_tunnel_stays(here: StandIn) -> None:
    with kept() as running:
        eventually(lambda: running.status(NAME).state == State.OPEN, "it opens")
        here.services[NAME].status = 503
        eventually(lambda: running.status(NAME).state == State.NOT_READY, "the service is seen to fail")
        assert running.status(NAME).note == "the service returns 503"
        here.services[NAME].status = 404
        eventually(lambda: running.status(NAME).state == State.OPEN, "404 is an answer as good as any")
    assert len(here.starts(NAME)) == 1


@pytest.mark.parametrize(
    ("mode", "state", "note", "next_step"),
    [
        ("refuse", State.NOT_READY, "its pod is not running", ""),
        ("deaf", State.NOT_READY, "no response from its pod", ""),
        ("gone", State.NOT_READY, "there is no such service in the cluster", "ask an administrator to deploy"),
        ("forbidden", State.RECONNECTING, "you may not forward this port", "access.users"),
        ("end", State.RECONNECTING, "lost the connection to the pod", ""),
        ("unreachable", State.RECONNECTING, "the cluster cannot be reached", ""),
        ("hang", State.RECONNECTING, "kubectl carries no traffic: no response within 0.15 s", ""),
        ("slow", State.RECONNECTING, "kubectl was not ready within 0.2 s", ""),
    ],
)
def test_why_it_is_not_open(mode, state, note, next_step, here: StandIn) -> None:
    here.set_mode(NAME, mode)
    # Only the slow one is to be given up: on a busy machine the others take a while to say what is wrong.
    with kept(pace=replace(QUICK, start_within=0.2 if mode == "slow" else 20.0)) as running:
        eventually(lambda: any(each.name == NAME and each.state == state for each in running.changes), note)
        [found, *_] = [each for each in running.changes if each.name == NAME and each.state == state]
        assert (found.note, next_step in found.next_step) == (note, True)
        here.set_mode(NAME, "carry")
        eventually(lambda: running.status(NAME).state == State.OPEN, "it opens in the end")
        assert running.status(NAME).note == ""


def test_a_slow_kubectl_gets_longer_each_time(here: StandIn) -> None:
    here.set_mode(NAME, "slow")
    with kept(pace=replace(QUICK, start_within=0.05, start_within_at_most=0.2)) as running:
        eventually(lambda: len(here.starts(NAME)) >= 5, "it is tried several times")
        notes = [each.note for each in running.changes if each.name == NAME and each.state == State.RECONNECTING]
    told = [note.removeprefix("kubectl was not ready within ") for note in notes]
    assert told[:4] == ["0.05 s", "0.1 s", "0.2 s", "0.2 s"]


def test_a_service_that_is_slow_once_keeps_its_tunnel(here: StandIn) -> None:
    with kept() as running:
        eventually(lambda: running.status(NAME).state == State.OPEN, "it opens")
        service = here.services[NAME]
        service.slow_once = 2 * QUICK.probe_timeout
        eventually(lambda: service.slow_once == 0, "a probe comes at the wrong moment")
        answered = service.answered
        eventually(lambda: service.answered > answered + 2, "and the next ones are answered")
    assert len(here.starts(NAME)) == 1
    assert {each.state for each in running.changes if each.name == NAME} == {State.OPEN}


@pytest.mark.parametrize(
    ("mode", "said"), [("no-context", "no context for this cluster"), ("no-login", "kubectl gets no credentials")]
)
def test_what_only_a_person_can_fix_ends_it_all(mode, said, here: StandIn) -> None:
    here.set_mode(NAME, mode)
    with kept() as running:
        eventually(lambda: bool(running.failed), "it gives up")
    assert said in str(running.failed[0])
    assert not here.processes()


def test_credentials_that_only_the_network_keeps_away_are_waited_for() -> None:
    """Google's login is asked over the same network that the cluster is reached by."""
    said = (
        "F1125 14:00:00.000000 1 cred.go:123] print credential failed with error: Failed to retrieve access token\n"
        "Unable to connect to the server: getting credentials: exec: lookup oauth2.googleapis.com: no such host"
    )
    assert not kubectl.fault(said).final
    assert kubectl.fault("error: You must be logged in to the server (Unauthorized)").final


def test_what_all_forwards_have_is_one_line() -> None:
    news = News()
    status = Status(
        name="metadata-service",
        port=8080,
        state=State.RECONNECTING,
        note="the cluster cannot be reached",
        next_step="",
        since=0.0,
        restarts=1,
        carried_by=None,
    )
    names = ("metadata-service", "metaflow-ui", "argo-server", "events")
    for _ in range(3):
        lines = [line for name in names if (line := news.line(replace(status, name=name)))]
        assert len(lines) <= 1
    assert all(news.line(replace(status, name=name, state=State.OPEN, note="")) for name in names)
    # What belongs to one service is said of each.
    assert all(news.line(replace(status, name=name, note="its pod is not running")) for name in names)


def test_pauses_grow_to_a_limit_and_differ() -> None:
    pace = Pace()
    pauses = [[pace.pause(faults) for _ in range(50)] for faults in (1, 2, 3, 4, 100)]
    for longest, found in zip([0.25, 0.5, 1, 2, 2], pauses, strict=True):
        assert longest / 2 <= min(found) < max(found) <= longest


def test_the_defaults_hold_what_is_promised() -> None:
    """Ten seconds; kubectl itself gets the last two."""
    pace = Pace()
    noticed = pace.probe_every + pace.strikes * pace.probe_timeout + pace.start_every
    assert noticed + pace.first_pause + 2 < 10
    assert pace.start_within + pace.longest_pause < 10 - 1


def test_a_disk_that_is_full_does_not_matter(here: StandIn, monkeypatch) -> None:
    with kept() as running:
        eventually(lambda: running.status(NAME).state == State.OPEN, "it opens")

        def full(_record: Record) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(Record, "write", full)
        here.set_mode(NAME, "end")
        eventually(lambda: running.status(NAME).state != State.OPEN, "it is seen to fail")
        here.set_mode(NAME, "carry")
        eventually(lambda: running.status(NAME).state == State.OPEN, "it is back")


def test_a_wrapper_named_kubectl_is_ended_with_all_that_it_started(here: StandIn) -> None:
    """Such as version managers put on the PATH: the real one is its child."""
    program = here.folder / "bin" / "kubectl"
    program.write_text(program.read_text().replace("exec ", "") + "exit $?\n")
    with kept() as running:
        eventually(lambda: running.status(NAME).state == State.OPEN, "it opens")
        starts = len(here.starts(NAME))
        here.set_mode(NAME, "hang")
        eventually(lambda: len(here.starts(NAME)) > starts, "it is replaced")
        eventually(lambda: not psutil.pid_exists(here.starts(NAME)[0]), "the former one is gone")
        here.set_mode(NAME, "carry")
        eventually(lambda: here.answers(NAME), "it answers")
    eventually(lambda: not here.processes(), "no process is left")


def test_a_kubectl_that_does_not_listen_to_signals_is_killed(here: StandIn) -> None:
    """Also when the others have long ended."""
    program = here.folder / "bin" / "kubectl"
    deaf = 'case "$*" in *events*) trap "" TERM;; esac\nexec '
    program.write_text(program.read_text().replace("exec ", deaf))
    with kept(pace=replace(QUICK, grace=0.2)) as running:
        eventually(lambda: all(running.status(name).state == State.OPEN for name in here.ports), "they open")
    eventually(lambda: not here.processes(), "no process is left")


@pytest.mark.parametrize("name", SERVICES)
def test_what_kubectl_is_started_with(name: str) -> None:
    platform = Platform.parse(json.dumps(description("acme-metaflow", dict.fromkeys(SERVICES, 7))), "here")
    [forward] = [each for each in platform.forwards if each.name == name]
    namespace, service, *_ = SERVICES[name]
    assert kubectl.arguments(platform, forward, 1234) == [
        *("kubectl", "--context", "gke_acme-metaflow_us-west1_gke-metaflow-default", "--namespace", namespace),
        *("port-forward", f"service/{service}", "1234:7", "--address", "127.0.0.1"),
    ]


def test_its_guard_ends_the_kubectls_of_a_process_that_is_killed(machine: StandIn, begin) -> None:
    started = begin("forward")
    eventually(lambda: all(machine.answers(name) for name in machine.ports), "all answer")
    assert len(machine.processes()) > len(machine.ports)
    os.kill(started.process.pid, signal.SIGKILL)
    started.process.wait()
    eventually(lambda: not machine.processes(), "no process is left")
