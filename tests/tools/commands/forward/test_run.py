"""`metaflow-gcp run`: the command is as it would be without, but the services are there."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from metaflow_gcp_tools import cli
from metaflow_gcp_tools.commands.run import session
from tests.tools.commands.forward.platforms import StandIn, eventually, free_port
from tests.tools.commands.forward.programs import terminal
from tests.tools.conftest import PROGRAM

REACH = """
import os, sys, urllib.request
for variable in sys.argv[1:]:
    with urllib.request.urlopen(os.environ[variable]) as answer:
        print(answer.read().decode())
"""


def _gone(machine: StandIn) -> None:
    eventually(lambda: not machine.processes(), "no process is left")


def test_the_command_reaches_the_services_and_they_go_with_it(machine: StandIn, ran) -> None:
    told = ran("run", "--", sys.executable, "-c", REACH, "METAFLOW_SERVICE_URL")
    assert (told.exit_code, told.stdout) == (0, "metadata-service\n")
    assert "metaflow-gcp: metadata-service  open" in told.stderr
    _gone(machine)


def test_input_output_arguments_and_exit_code_are_the_command_s_own(machine: StandIn, ran) -> None:
    script = 'cat; echo "$1|$2|$3"; echo wrong >&2; exit 7'
    told = ran("run", "--", "sh", "-c", script, "it", "a b", "--json", "--", stdin="in\n")
    assert (told.exit_code, told.stdout) == (7, "in\na b|--json|--\n")
    assert "wrong\n" in told.stderr


def test_the_dashes_may_be_left_out(machine: StandIn, ran) -> None:
    assert ran("run", "echo", "--profile", "x").stdout == "--profile x\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_is_passed_on(number: signal.Signals, machine: StandIn, begin) -> None:
    script = """
import signal, sys
signal.signal(int(sys.argv[1]), lambda *_: sys.exit(9))
print("ready", flush=True)
signal.pause()
"""
    started = begin("run", "--", sys.executable, "-c", script, str(int(number)))
    eventually(lambda: "ready" in started.said, "it runs")
    assert started.end(number) == 9
    _gone(machine)


def test_the_end_by_a_signal_is_told_as_a_shell_does(machine: StandIn, ran) -> None:
    assert ran("run", "--", "sh", "-c", "kill -KILL $$").exit_code == 128 + signal.SIGKILL
    _gone(machine)


def test_ctrl_c_reaches_the_command_once(machine: StandIn) -> None:
    """The terminal sends it to all in the foreground: passed on, it would interrupt a flow that cleans up."""
    script = """
import signal, sys, time
came = []
signal.signal(signal.SIGINT, lambda *_: came.append(1))
print("ready", flush=True)
while not came:
    time.sleep(0.01)
time.sleep(0.5)
print("came", len(came), flush=True)
sys.exit(3)
"""
    with terminal(["run", "--", sys.executable, "-c", script], machine) as shown:
        eventually(lambda: "ready" in shown, "it runs")
        shown.press(b"\x03")
        assert shown.process.wait(10) == 3
    assert "came 1" in shown
    _gone(machine)


def test_a_signal_while_it_waits_ends_it(machine: StandIn, begin) -> None:
    machine.set_mode("metadata-service", "refuse")
    started = begin("run", "--", "echo", "never")
    eventually(lambda: "not ready" in started.errors.read_text(), "why it waits is said")
    assert started.end(signal.SIGTERM) == 128 + signal.SIGTERM
    assert started.said == ""
    assert started.errors.read_text().endswith(
        "metaflow-gcp: interrupted while waiting for the metadata service\n  the command was not started\n"
    )
    _gone(machine)


def test_it_waits_until_the_metadata_service_answers(machine: StandIn, begin) -> None:
    machine.set_mode("metadata-service", "refuse")
    machine.set_mode("events", "gone")
    started = begin("run", "--", "echo", "now")
    eventually(lambda: "its pod is not running" in started.errors.read_text(), "why it waits is said")
    assert started.said == ""
    machine.set_mode("metadata-service", "carry")
    assert started.process.wait(20) == 0
    assert started.said == "now\n"


def test_it_does_not_wait_for_ever(here: StandIn, monkeypatch, capfd) -> None:
    monkeypatch.setattr(session, "OPEN_WITHIN", 1.0)
    here.set_mode("metadata-service", "refuse")
    assert cli._run(["run", "--json", "--", "echo", "never"]) == 1
    [problem] = json.loads(capfd.readouterr().out)["problems"]
    assert "could not be reached within 1 s: its pod is not running; the command was not started" in problem["what"]
    assert problem["next_step"]
    _gone(here)


def test_what_breaks_and_is_mended_is_said(machine: StandIn, begin) -> None:
    """A kubeconfig that is being written does not end it: the forward was open once."""
    started = begin("run", "--", "sh", "-c", "echo ready; exec sleep 60")
    eventually(lambda: "ready" in started.said, "it runs")
    machine.set_mode("metadata-service", "no-context")
    eventually(lambda: "the kubeconfig has no context" in started.errors.read_text(), "it is said")
    machine.set_mode("metadata-service", "carry")
    eventually(lambda: machine.answers("metadata-service"), "it is back", 10)
    assert started.end(signal.SIGTERM) == 128 + signal.SIGTERM
    assert started.said == "ready\n"
    _gone(machine)


def test_ports_that_are_taken_do_not_matter(machine: StandIn, ran) -> None:
    with (
        socket.create_server(("127.0.0.1", machine.ports["metadata-service"])),
        socket.create_server(("127.0.0.1", machine.ports["events"])),
    ):
        told = ran("run", "--", sys.executable, "-c", REACH, "METAFLOW_SERVICE_URL")
    assert (told.exit_code, told.stdout) == (0, "metadata-service\n")


def test_what_is_set_already_gives_way(machine: StandIn, ran) -> None:
    told = ran(
        "run", "--", sys.executable, "-c", REACH, "METAFLOW_SERVICE_URL", METAFLOW_SERVICE_URL="http://x.invalid"
    )
    assert told.stdout == "metadata-service\n"


def test_the_profile_is_the_command_s_too(machine: StandIn, ran) -> None:
    home = machine.folder / "metaflow-home"
    (home / "metaflow-gcp/default.json").rename(home / "metaflow-gcp/team.json")
    assert ran("run", "--", "echo").exit_code == 2
    told = ran("run", "--profile", "team", "--", "sh", "-c", "echo $METAFLOW_PROFILE")
    assert told.stdout == "team\n"
    assert ran("run", "--", "sh", "-c", "echo $METAFLOW_PROFILE", METAFLOW_PROFILE="team").stdout == "team\n"


def test_jobs_go_where_the_metadata_goes(machine: StandIn, ran) -> None:
    """Whatever the person's own kubeconfig says, and also inside a pod: the client asks KUBECONFIG first."""
    theirs = machine.folder / "kubeconfig"
    theirs.write_text("current-context: another\n")
    home = machine.folder / "metaflow-home/metaflow-gcp"
    staging = json.loads((home / "default.json").read_text()) | {"cluster_dns_endpoint": "gke-1.us-west1.gke.goog"}
    (home / "staging.json").write_text(json.dumps(staging))
    for profile, server in (("", "https://gke-0.us-west1.gke.goog"), ("staging", "https://gke-1.us-west1.gke.goog")):
        told = ran(
            *("run", "--profile", profile, "--", "sh", "-c", 'cat "$KUBECONFIG"; echo "${METAFLOW_PROFILE-unset}"'),
            KUBECONFIG=str(theirs),
            KUBERNETES_SERVICE_HOST="10.0.0.1",
            METAFLOW_PROFILE="another",
        )
        assert f"server: {server}\n" in told.stdout
        assert "another" not in told.stdout
        assert told.stdout.endswith(f"{profile or 'unset'}\n")
    assert theirs.read_text() == "current-context: another\n"


def test_forwards_that_are_open_are_used_and_taken_over(machine: StandIn, begin) -> None:
    first = begin("forward", "--port", f"metadata-service={free_port()}")
    eventually(lambda: first.said.count(" open ") == len(machine.ports), "all are open")
    running = begin("run", "--", "sh", "-c", "echo $METAFLOW_SERVICE_URL; exec sleep 60")
    eventually(lambda: running.said.endswith("/\n"), "it runs")
    assert [len(machine.starts(name)) for name in machine.ports] == [1] * len(machine.ports)
    url = running.said.strip()
    assert url in first.said
    assert first.end() == 0

    def answers() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                return answer.read() == b"metadata-service"
        except OSError:
            return False

    eventually(answers, "it is there again", 10)
    assert running.end(signal.SIGTERM) == 128 + signal.SIGTERM
    _gone(machine)


def test_the_command_goes_on_when_nobody_reads_what_run_says(machine: StandIn) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    told = subprocess.run(
        [PROGRAM, "run", "--", "echo", "told"],
        env=machine.environment,
        stdout=subprocess.PIPE,
        stderr=writer,
        check=False,
    )
    os.close(writer)
    assert (told.returncode, told.stdout) == (0, b"told\n")
    _gone(machine)


def test_json_is_the_only_thing_on_stdout(machine: StandIn, ran) -> None:
    told = ran("run", "--json", "--", "sh", "-c", "echo told; exit 4")
    assert told.exit_code == 4
    assert told.stderr == "told\n"
    assert told.document == {
        "version": 1,
        "command": "run",
        "exit_code": 4,
        "problems": [],
        "result": {"command": ["sh", "-c", "echo told; exit 4"]},
    }


def test_killed_it_leaves_no_forward(machine: StandIn, begin) -> None:
    started = begin("run", "--", "sh", "-c", "echo $$; exec sleep 60")
    eventually(lambda: started.said.endswith("\n"), "it runs")
    started.end(signal.SIGKILL)
    os.kill(int(started.said), signal.SIGKILL)
    _gone(machine)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "COMMAND"),
        (["--"], "COMMAND"),
        (["--", "no-such-command"], "there is no command 'no-such-command'"),
        (["--", ""], "there is no command ''"),
        (["--", "./not-executable"], "there is no command './not-executable'"),
        (["--nonsense", "--", "echo"], "--nonsense"),
        (["--profile", "none", "--", "echo"], "no platform is configured on this machine"),
    ],
)
def test_wrong_use(arguments: list[str], message: str, here: StandIn, monkeypatch, capsys) -> None:
    monkeypatch.chdir(here.folder)
    Path("not-executable").touch()
    assert cli._run(["run", *arguments]) == 2
    told = capsys.readouterr()
    assert (told.out, message in told.err) == ("", True), told.err
    assert not here.starts("metadata-service")


def test_without_kubectl(machine: StandIn, ran, tmp_path: Path) -> None:
    told = ran("run", "--", sys.executable, PATH=str(tmp_path))
    assert told.exit_code == 1
    assert "gcloud components install kubectl" in told.stderr
