"""The two scripts that Helm runs in the cluster, as programs against a server of this machine."""

import json
import subprocess
import sys
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import metaflow_gcp

FILES = Path(metaflow_gcp.__file__).parent / "metaflow/charts/metaflow-events/files"


@contextmanager
def serving(answer):
    """Answers each request with what a function of method and path returns: status and document."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            asked.append((self.command, self.path))
            status, document = answer(*asked[-1])
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        do_GET = do_DELETE = answer  # noqa: N815 - the library's names

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def run(script, *arguments):
    command = [sys.executable, "-I", FILES / script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_waits_until_the_webhook_answers():
    answers = iter([503, 404, 200])
    with serving(lambda *_: (next(answers), {})) as (url, asked):
        done = run("wait_until_ready.py", f"{url}/health", "5")
    assert (done.returncode, done.stdout.count("not yet")) == (0, 2)
    assert asked == [("GET", "/health")] * 3


def test_it_gives_up_and_says_why():
    with serving(lambda *_: (503, {})) as (url, _):
        done = run("wait_until_ready.py", url, "0.1")
    assert done.returncode == 1
    assert "does not answer: HTTP Error 503" in done.stderr


def test_it_waits_for_a_server_that_is_not_there():
    with serving(lambda *_: (200, {})) as (url, _):
        pass
    done = run("wait_until_ready.py", url, "0.1")
    assert done.returncode == 1
    assert "does not answer" in done.stderr


def sensors(*left):
    return 200, {"items": [{"metadata": {"name": name}} for name in left]}


def test_it_removes_the_sensors_and_waits_until_they_are_gone():
    lists = iter([sensors("one", "two"), sensors("two"), sensors()])
    with serving(lambda method, _: sensors() if method == "DELETE" else next(lists)) as (url, asked):
        done = run("remove_sensors.py", url, "jobs", "5")
    assert done.returncode == 0, done.stderr
    path = "/apis/argoproj.io/v1alpha1/namespaces/jobs/sensors"
    assert asked == [("DELETE", path), *[("GET", path)] * 3]


def test_it_names_the_sensors_that_do_not_go():
    with serving(lambda *_: sensors("stuck")) as (url, _):
        done = run("remove_sensors.py", url, "jobs", "0.1")
    assert (done.returncode, done.stderr.strip()) == (1, "still there: stuck")


def test_it_fails_when_it_may_not():
    with serving(lambda *_: (403, {})) as (url, _):
        done = run("remove_sensors.py", url, "jobs", "0.1")
    assert done.returncode == 1
    assert "403" in done.stderr
