"""Loads the real metadata service with the platform's settings: `make bench-service SERVICE=...`, on PostgreSQL 16.

What it prints is what the construct's size and pause are chosen by: requests a second, errors, memory, connections; a
list of all runs of a large flow, once and several at once; and requests lost when it stops under load, with and
without leaving the Service's endpoints first.
"""

import http.client
import json
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil
from rich.console import Console
from rich.table import Table

from metaflow_gcp.metaflow import connections
from scripts.postgres import Postgres, free_port
from scripts.service import Service

CLIENTS = 200
ROUNDS = 5
RUNS = 100_000
LISTS_AT_ONCE = (1, 3, 8)
PAUSE_SECONDS = 15

FILL = f"""
INSERT INTO flows_v3 VALUES ('Large', 'someone', 0, '[]', '[]');
INSERT INTO runs_v3 (flow_id, user_name, ts_epoch, tags, system_tags)
SELECT 'Large', 'someone', n, '["a"]', '["user:someone", "runtime:dev"]' FROM generate_series(1, {RUNS}) n;
"""  # noqa: S608 - numbers of ours

Ask = Callable[[str, str, object], dict[str, object]]


@dataclass
class Load:
    """What clients met."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def main() -> None:
    service = Service.of_the_command_line()
    table = Table("", "", title=f"metadata service {service.version}, {CLIENTS} clients", show_header=False)
    with Postgres() as server:
        service.goose(server.environment(), "up")
        filling = server.connect()
        filling.cursor().execute(FILL)
        filling.close()
        with _running(service, server) as (process, port):
            _load(table, server, process, port)
        with _running(service, server) as (process, port):
            _lists(table, process, port)
        for pause in (0, PAUSE_SECONDS):
            with _running(service, server) as (process, port):
                lost = _stop(process, port, pause)
            table.add_row(f"lost at SIGTERM, {pause} s after leaving", f"{lost} of {CLIENTS} clients' requests")
    Console(width=90).print(table)


@contextmanager
def _running(service: Service, server: Postgres) -> Iterator[tuple[psutil.Popen, int]]:
    port = free_port()
    env = {
        **server.environment(),
        "PYTHONPATH": str(service.checkout),
        "MF_METADATA_HOST": "127.0.0.1",
        "MF_METADATA_PORT": str(port),
        "MF_METADATA_DB_POOL_MAX": str(connections.METADATA_POOL),
    }
    process = psutil.Popen(
        [service.python, "-m", "services.metadata_service.server"],
        cwd=service.checkout,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            if process.poll() is not None:
                sys.exit(f"the metadata service ended with {process.returncode}")
            with suppress(OSError, http.client.HTTPException), _client(port) as ask:
                ask("GET", "/healthcheck", None)
                break
            time.sleep(0.1)
        yield process, port
    finally:
        with suppress(psutil.NoSuchProcess):
            process.kill()
        process.wait()


def _load(table: Table, server: Postgres, process: psutil.Popen, port: int) -> None:
    table.add_row("memory at rest", _mib(process.memory_info().rss))
    load = Load()
    started = time.monotonic()
    with _peak(process) as peak, ThreadPoolExecutor(CLIENTS) as pool:
        for number in range(CLIENTS):
            pool.submit(_task, number, port, load)
    took = time.monotonic() - started
    with server.connect().cursor() as cursor:
        cursor.execute("SELECT count(*) - 1 FROM pg_stat_activity WHERE backend_type = 'client backend'")
        [[opened]] = cursor.fetchall()
    table.add_row("requests", f"{len(load.seconds)} in {took:.1f} s: {len(load.seconds) / took:.0f} a second")
    table.add_row(
        "time of a request",
        f"median {statistics.median(load.seconds) * 1000:.0f} ms, "
        f"99 of 100 within {statistics.quantiles(load.seconds, n=100)[98]:.1f} s",
    )
    table.add_row("errors", f"{len(load.errors)} {' '.join(sorted(set(load.errors))[:3])}")
    table.add_row("memory under load", _mib(max(peak)))
    table.add_row("connections to the database", f"{opened} of {connections.METADATA_POOL}")


def _task(number: int, port: int, load: Load) -> None:
    """What a task of a flow asks for, more or less: its run, step and task, metadata, an artifact, signs of life."""
    flow = f"/flows/Flow{number % 10}"
    with suppress(Exception), _client(port) as ask:
        ask("POST", flow, {})  # 409 for all but the first
    for _ in range(ROUNDS):
        try:
            with _client(port) as ask:

                def timed(method: str, path: str, body: object = None, ask: Ask = ask) -> dict[str, object]:
                    started = time.monotonic()
                    try:
                        return ask(method, path, body)
                    finally:
                        load.seconds.append(time.monotonic() - started)

                tags = {"user_name": "someone", "tags": ["a"], "system_tags": ["user:someone"]}
                run = f"{flow}/runs/{timed('POST', f'{flow}/run', tags)['run_number']}"
                timed("POST", f"{run}/steps/start/step", tags)
                task = f"{run}/steps/start/tasks/{timed('POST', f'{run}/steps/start/task', tags)['task_id']}"
                item = {"field_name": "attempt", "value": "0", "type": "attempt", **tags}
                timed("POST", f"{task}/metadata", [item])
                artifact = {
                    "name": "x",
                    "location": "gs://",
                    "ds_type": "gs",
                    "sha": "0",
                    "type": "data",
                    "content_type": "gzip",
                    "attempt_id": 0,
                    **tags,
                }
                timed("POST", f"{task}/artifact", [artifact])
                for _ in range(4):
                    timed("POST", f"{task}/heartbeat", {})
                timed("GET", f"{task}/artifacts")
                timed("GET", run)
        except (OSError, http.client.HTTPException) as error:
            load.errors.append(str(error) or type(error).__name__)


def _lists(table: Table, process: psutil.Popen, port: int) -> None:
    def whole(_: int) -> float:
        started = time.monotonic()
        with _client(port) as ask:
            ask("GET", "/flows/Large/runs", None)
        return time.monotonic() - started

    for count in LISTS_AT_ONCE:
        with _peak(process) as peak, ThreadPoolExecutor(count) as pool:
            took = max(pool.map(whole, range(count)))
        table.add_row(f"{count} list(s) of {RUNS} runs at once", f"{_mib(max(peak))}, {took:.1f} s")


def _stop(process: psutil.Popen, port: int, pause: int) -> int:
    """Clients that ask without end; once the pod leaves, as its endpoint goes, they ask elsewhere."""
    left, lost = threading.Event(), []

    def client(_: int) -> None:
        while not left.is_set():
            try:
                with _client(port) as ask:
                    ask("GET", "/flows/Large", None)
            except (OSError, http.client.HTTPException) as error:
                lost.append(error)
                return

    with ThreadPoolExecutor(CLIENTS) as pool:
        for number in range(CLIENTS):
            pool.submit(client, number)
        time.sleep(3)
        if pause:
            left.set()
            time.sleep(pause)
        process.send_signal(signal.SIGTERM)
        process.wait()
        left.set()
    return len(lost)


@contextmanager
def _client(port: int) -> Iterator[Ask]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)

    def ask(method: str, path: str, body: object) -> dict[str, object]:
        connection.request(method, path, None if body is None else json.dumps(body))
        response = connection.getresponse()
        text = response.read()
        # A sign of life within ten seconds of the one before (`WAIT_TIME` of the service's postgres_async_db.py).
        too_early = path.endswith("/heartbeat") and response.status == http.HTTPStatus.NOT_FOUND
        if response.status >= http.HTTPStatus.BAD_REQUEST and not too_early:
            raise http.client.HTTPException(f"{method} {path.rpartition('/')[-1]}: {response.status}")
        answer = json.loads(text) if text[:1] in {b"{", b"["} else {}
        return answer if isinstance(answer, dict) else {}

    try:
        yield ask
    finally:
        connection.close()


@contextmanager
def _peak(process: psutil.Popen) -> Iterator[list[int]]:
    """Bytes of memory, looked at again and again."""
    seen, over = [process.memory_info().rss], threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            seen.append(process.memory_info().rss)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _mib(count: int) -> str:
    return f"{count / 2**20:.0f} MiB"


if __name__ == "__main__":
    main()
