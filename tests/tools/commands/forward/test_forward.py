"""The command, as people use it."""

import json
import re
import signal
import socket
import subprocess
from pathlib import Path

import psutil
import pytest

from metaflow_gcp_tools import cli
from tests.tools.commands.forward.platforms import StandIn, eventually, free_port, free_ports, stand_in
from tests.tools.commands.forward.programs import terminal
from tests.tools.conftest import PROGRAM


def _open(machine: StandIn) -> bool:
    return all(machine.answers(name) for name in machine.ports)


def _gone(machine: StandIn) -> None:
    eventually(lambda: not machine.processes(), "no process is left")
    assert not list((machine.folder / "state/metaflow-gcp/forwards").iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_line_for_each_change_until_a_signal_which_leaves_nothing(number, machine: StandIn, begin) -> None:
    started = begin("forward")
    eventually(lambda: started.said.count("open") == len(machine.ports), "all are open")
    for name, port in machine.ports.items():
        [line] = [each for each in started.said.splitlines() if name in each]
        assert line.split()[1:] == [name, "open", f"http://127.0.0.1:{port}"]
    machine.set_mode("events", "refuse")
    eventually(lambda: "its pod is not running" in started.said, "what fails is told")
    eventually(lambda: len(machine.starts("events")) > 3, "it is tried again and again")
    assert started.said.count("its pod is not running") == 1
    assert started.end(number) == 0
    assert started.errors.read_text() == ""
    _gone(machine)


def test_a_table_lives_on_a_terminal_and_ctrl_c_ends_it(machine: StandIn) -> None:
    with terminal(["forward"], machine) as shown:
        eventually(lambda: shown.shown.count(b"open") >= len(machine.ports), "all are open")
        machine.set_mode("events", "gone")
        eventually(lambda: "not ready" in shown, "the table follows")
        assert "restarts" in shown
        shown.press(b"\x03")
        assert shown.process.wait(10) == 0
    _gone(machine)


@pytest.fixture
def seen_by_a_browser(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A file of the addresses that a browser on this machine was given."""
    seen, browser = tmp_path / "seen", tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\necho \"$1\" >> '{seen}'\n")
    browser.chmod(0o755)
    environment["BROWSER"] = f"{browser} %s"
    return seen


def test_the_user_interface_opens_in_a_browser_once(seen_by_a_browser, tmp_path, environment, begin) -> None:
    with stand_in(tmp_path / "reader", environment, ports=free_ports(["metaflow-ui"])) as machine:
        started = begin("forward", "--open", on=machine)
        eventually(seen_by_a_browser.exists, "it is shown")
        machine.set_mode("metaflow-ui", "refuse")
        eventually(lambda: "its pod is not running" in started.said, "it breaks")
        machine.set_mode("metaflow-ui", "carry")
        eventually(lambda: len(re.findall(r"metaflow-ui +open", started.said)) == 2, "it is open again")
        started.end()
        assert seen_by_a_browser.read_text() == f"http://127.0.0.1:{machine.ports['metaflow-ui']}\n"


def test_it_opens_from_the_background_too(seen_by_a_browser, tmp_path, environment, ran) -> None:
    with stand_in(tmp_path / "reader", environment, ports=free_ports(["metaflow-ui"])) as machine:
        assert ran("forward", "--open", "--background", on=machine).exit_code == 0
        ran("forward", "stop", on=machine)
        assert seen_by_a_browser.read_text() == f"http://127.0.0.1:{machine.ports['metaflow-ui']}\n"


def test_json_is_one_document_at_the_end(machine: StandIn, begin) -> None:
    started = begin("forward", "--json")
    eventually(lambda: _open(machine), "all answer")
    assert started.said == ""
    assert started.end() == 0
    document = json.loads(started.said)
    assert (document["command"], document["exit_code"]) == ("forward", 0)
    [process] = document["result"]["processes"]
    assert process["pid"] == started.process.pid
    assert [each["name"] for each in process["forwards"]] == list(machine.ports)


def test_it_stays_when_the_terminal_goes_with_nohup(machine: StandIn, begin) -> None:
    previous = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        started = begin("forward")
    finally:
        signal.signal(signal.SIGHUP, previous)
    eventually(lambda: _open(machine), "all answer")
    started.process.send_signal(signal.SIGHUP)
    machine.set_mode("events", "end")
    eventually(lambda: "reconnecting" in started.said, "it works on")
    assert started.end() == 0


def test_it_ends_when_nobody_reads_what_it_says(machine: StandIn) -> None:
    """As with `| head -1`."""
    with subprocess.Popen(
        [PROGRAM, "forward"], env=machine.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
    _gone(machine)


def test_a_busy_port_is_named_with_its_owner_and_the_others_open(machine: StandIn, begin) -> None:
    with socket.create_server(("127.0.0.1", machine.ports["events"])):
        started = begin("forward")
        eventually(lambda: machine.answers("metadata-service"), "the other one opens")
        eventually(lambda: "port busy" in started.said, "the state says it, too")
        this = psutil.Process()
        what, way_out = started.errors.read_text().splitlines()
        assert f"port {machine.ports['events']}, for events, is used by {this.name()}, process {this.pid}" in what
        assert "metaflow-gcp forward --port events=" in way_out
    eventually(lambda: machine.answers("events"), "it opens when its port is free", 10)
    assert started.end() == 0


def test_a_background_does_not_wait_for_a_busy_port(machine: StandIn, ran) -> None:
    with socket.create_server(("127.0.0.1", machine.ports["events"])):
        told = ran("forward", "--background", "--json")
        assert machine.answers("metadata-service")
    assert told.exit_code == 1
    [problem] = told.document["problems"]
    assert problem["what"].startswith("events is port busy")
    assert ran("forward", "stop").exit_code == 0


LOGGED_OUT = """\
#!/bin/sh
echo 'F1125 14:00:00.000000   12345 cred.go:123] print credential failed with error: no active account' >&2
exit 1
"""


@pytest.mark.parametrize("command", [("forward",), ("run", "--", "echo", "never"), ("forward", "--background")])
def test_without_a_login_there_is_one_line_at_once(machine: StandIn, ran, command) -> None:
    """Kubectl needs many seconds to say it, and would for each forward."""
    plugin = machine.folder / "plugin"
    plugin.write_text(LOGGED_OUT)
    plugin.chmod(0o755)
    context = "gke_acme-metaflow_us-west1_gke-metaflow-default"
    kubeconfig = {
        "contexts": [{"name": context, "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://gke-0.us-west1.gke.goog"}}],
        "users": [{"name": "u", "user": {"exec": {"apiVersion": "v1", "command": str(plugin)}}}],
    }
    (machine.folder / "kubeconfig").write_text(json.dumps(kubeconfig))
    for name in machine.ports:
        machine.set_mode(name, "slow")
    told = ran(*command, KUBECONFIG=f"{machine.folder}/none:{machine.folder}/kubeconfig")
    assert told.exit_code == 1
    assert told.stdout == ""
    what, next_step = told.stderr.splitlines()
    assert "returned no credentials: print credential failed with error: no active account" in what
    if "--background" not in command:
        assert next_step == "  run `gcloud auth login`, then retry"
    _gone(machine)


def test_all_busy_ports_are_told_at_once(machine: StandIn, ran) -> None:
    with (
        socket.create_server(("127.0.0.1", machine.ports["metadata-service"])),
        socket.create_server(("127.0.0.1", machine.ports["events"])),
    ):
        told = ran("forward", "--background", "--json")
    assert told.exit_code == 1
    assert ["metadata-service" in each["what"] or "events" in each["what"] for each in told.document["problems"]] == [
        True
    ] * 2


def test_a_forward_moves_and_what_to_set_is_said(machine: StandIn, begin) -> None:
    with socket.create_server(("127.0.0.1", machine.ports["events"])) as taken:
        port = free_port()
        started = begin("forward", "--port", f"events={port}")
        eventually(lambda: machine.answers("events", port), "it answers elsewhere")
        variable = f"export METAFLOW_ARGO_EVENTS_WEBHOOK_URL=http://127.0.0.1:{port}/metaflow-event"
        assert variable in started.said
        assert "METAFLOW_SERVICE_URL" not in started.said
        assert started.end() == 0
        assert taken


def test_a_port_that_is_taken_in_between_is_told_and_waited_for(machine: StandIn, begin) -> None:
    started = begin("forward")
    name = "events"
    eventually(lambda: machine.answers(name), "it answers")
    machine.set_mode(name, "refuse")
    eventually(lambda: "its pod is not running" in started.said, "it is down")
    with socket.create_server(("127.0.0.1", machine.ports[name])):
        eventually(lambda: "port busy" in started.said, "the stranger is seen")
        assert f"process {psutil.Process().pid}" in started.said
        machine.set_mode(name, "carry")
    eventually(lambda: machine.answers(name), "it is back", 10)


def test_two_do_not_fight_and_the_second_takes_over(machine: StandIn, begin) -> None:
    first = begin("forward")
    eventually(lambda: _open(machine), "all answer")
    second = begin("forward")
    eventually(lambda: second.said.count("open") == len(machine.ports), "the second has all, too")
    assert second.said.count(f"carried by process {first.process.pid}") == len(machine.ports)
    assert [len(machine.starts(name)) for name in machine.ports] == [1] * len(machine.ports)
    assert first.end() == 0
    eventually(lambda: _open(machine), "the second took over", 10)
    assert [len(machine.starts(name)) for name in machine.ports] == [2] * len(machine.ports)
    assert second.end() == 0
    _gone(machine)


def test_two_that_start_at_once_do_not_fight(machine: StandIn, begin) -> None:
    both = [begin("forward"), begin("forward")]
    eventually(lambda: all(each.said.count(" open ") >= len(machine.ports) for each in both), "both have all")
    starts = [len(machine.starts(name)) for name in machine.ports]
    machine.set_mode("events", "end")
    eventually(lambda: len(machine.starts("events")) > starts[-1], "it is started again")
    machine.set_mode("events", "carry")
    eventually(lambda: _open(machine), "all answer", 10)
    assert [each.end() for each in both] == [0, 0]
    _gone(machine)


def test_another_platform_at_the_same_port_is_named(machine: StandIn, begin, ran, tmp_path: Path) -> None:
    begin("forward")
    eventually(lambda: _open(machine), "all answer")
    with stand_in(tmp_path / "other", machine.environment, project="other-project") as other:
        description = other.folder / "metaflow-home/metaflow-gcp/default.json"
        moved = json.loads(description.read_text())
        for each in moved["forwards"]:
            each["port"] = machine.ports[each["name"]]
        description.write_text(json.dumps(moved))
        told = ran("forward", on=other, XDG_STATE_HOME=machine.environment["XDG_STATE_HOME"])
    assert told.exit_code == 1
    assert told.stderr.count("`metaflow-gcp forward` for gke_acme-metaflow_us-west1") == len(machine.ports)


def test_background_status_stop(machine: StandIn, ran) -> None:
    # Not to be taken for Python's own.
    (machine.folder / "logging.py").write_text("raise SystemExit('the wrong one')")
    told = ran("forward", "--background")
    assert told.exit_code == 0, told.stderr
    assert _open(machine)
    again = ran("forward", "--background", "--json")
    [process] = again.document["result"]["processes"]
    assert again.exit_code == 0
    assert f"process {process['pid']} keeps them open" in told.stdout
    assert [len(machine.starts(name)) for name in machine.ports] == [1] * len(machine.ports)

    status = ran("forward", "status", "--json")
    assert status.document["result"] == again.document["result"]
    [told_of] = [each for each in process["forwards"] if each["name"] == "metadata-service"]
    assert told_of["state"] == "open"
    assert told_of["variables"] == {"METAFLOW_SERVICE_URL": f"{told_of['url']}/"}
    assert "metadata-service" in ran("forward", "status").stdout

    log = Path(process["log"])
    assert log.read_text().count("open") == len(machine.ports)
    assert log.parent.stat().st_mode & 0o777 == 0o700

    stopped = ran("forward", "stop", "--json")
    assert stopped.document["result"] == {"stopped": [process["pid"]], "left": []}
    _gone(machine)
    assert ran("forward", "stop").stdout == "nothing to stop\n"
    nothing = ran("forward", "status")
    assert nothing.exit_code == 1
    assert "metaflow-gcp forward --background" in nothing.stderr


def test_status_tells_what_is_not_open(machine: StandIn, begin, ran) -> None:
    machine.set_mode("events", "forbidden")
    started = begin("forward")
    eventually(lambda: "may not" in started.said, "it is seen")
    eventually(lambda: started.said.count(" open ") == len(machine.ports) - 1, "the others are open")
    told = ran("forward", "status", "--json")
    assert told.exit_code == 1
    [problem] = told.document["problems"]
    assert problem["what"].startswith("events is ")


def test_stop_leaves_the_forwards_of_a_run(machine: StandIn, begin, ran) -> None:
    running = begin("run", "--", "sleep", "60")
    eventually(lambda: _open(machine), "all answer")
    told = ran("forward", "stop", "--json")
    assert told.document["result"] == {"stopped": [], "left": [running.process.pid]}
    assert _open(machine)


def test_a_background_that_cannot_start_says_why(machine: StandIn, ran) -> None:
    machine.set_mode("metadata-service", "no-context")
    told = ran("forward", "--background")
    assert told.exit_code == 1
    assert "the kubeconfig has no context for this cluster" in told.stderr
    _gone(machine)


def test_an_unknown_context_is_told(machine: StandIn, ran) -> None:
    machine.set_mode("metadata-service", "no-context")
    told = ran("forward")
    assert told.exit_code == 1
    assert "`metaflow-gcp configure`" in told.stderr
    _gone(machine)


def test_without_kubectl(machine: StandIn, ran, tmp_path: Path) -> None:
    told = ran("forward", PATH=str(tmp_path))
    assert told.exit_code == 1
    assert "gcloud components install kubectl" in told.stderr


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (
            ["--port", "nonsense"],
            ["there is no forward 'nonsense'", "pass NAME=PORT with one of metadata-service, events"],
        ),
        (["--port", "events"], ["'' is not a port"]),
        (["--port", "events="], ["'' is not a port"]),
        (["--port", "events=0"], ["'0' is not a port", "1 to 65535"]),
        (["--port", "events=65536"], ["'65536' is not a port"]),
        (["--port", "events=http"], ["'http' is not a port"]),
        (["--port", "events=1", "--port", "events=2"], ["events is given twice"]),
        (
            ["--port", "events=7000", "--port", "metadata-service=7000"],
            ["metadata-service and events cannot both use port 7000"],
        ),
        (["--port", "x=1", "--port", "events=y"], ["no forward 'x'", "'y' is not a port"]),
        (["--profile", "none"], ["no platform is configured on this machine", "metaflow-gcp configure"]),
        (["nonsense"], ["nonsense"]),
        (["--background", "status"], ["--background before `status` would be ignored"]),
        (["--profile", "x", "stop"], ["--profile before `stop` would be ignored"]),
        (["status", "--port", "events=1"], ["--port"]),
        (["stop", "now"], ["now"]),
    ],
    ids=" ".join,
)
def test_wrong_use(arguments: list[str], messages: list[str], here: StandIn, capsys) -> None:
    assert cli._run(["forward", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert [message for message in messages if message not in told.err] == []
    assert not here.starts("metadata-service")
