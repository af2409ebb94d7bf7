"""The platform's acceptance test: run the first flows on it, and say in a table which of them came to their end.

Run:  python smoke.py                           (with `metaflow-gcp forward` open: 10 to 30 minutes, mostly for nodes)
      python smoke.py --only hello,foreach_spot
      python smoke.py --local                   (without a platform: the flows that need none of it)
      python smoke.py --json > smoke.json
See:  a line for each flow: passed, failed or stopped, seconds, and the end of what a failed one said.

Exit code 0 when all passed, 1 when one did not, 2 for wrong options. Deployed flows are deleted again, on Ctrl-C, too.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
POLL_SECONDS = 5


class Failed(Exception):
    """What a flow said last."""


class Stopped(Exception):
    """It took too long."""


@dataclass(frozen=True)
class Result:
    flow: str
    result: str
    """`passed`, `failed` or `stopped`."""
    seconds: float
    said: str
    """The end of it, unless it passed."""
    log: str


@dataclass(frozen=True)
class Flow:
    """A flow's script, run to its end within a time, everything it says in a file."""

    name: str
    deadline: float
    log: Path

    def python(self, *arguments: str) -> None:
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [sys.executable, f"{self.name}.py", *arguments],
                cwd=HERE,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = process.wait(max(0, self.deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                raise Stopped from None
            finally:
                _end(process)
        if code != 0:
            raise Failed

    def wait_for(self, find: Callable[[], object]) -> None:
        """Until Metaflow's client finds the run, and the run has ended."""
        while time.monotonic() < self.deadline:
            run = find()
            if run is not None and run.finished:
                if run.successful:
                    return
                raise Failed
            time.sleep(POLL_SECONDS)
        raise Stopped


def _end(process: subprocess.Popen[bytes]) -> None:
    """Metaflow takes its tasks off the cluster when it is interrupted."""
    for number in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, number)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                continue


def run(*arguments: str) -> Callable[[Flow], None]:
    return lambda flow: flow.python("run", *arguments)


def scheduled(flow: Flow) -> None:
    """Deployed, and started without waiting for the clock."""
    with tempfile.TemporaryDirectory() as folder:
        id_file = Path(folder, "run")
        _deployed(
            flow,
            lambda: flow.python("argo-workflows", "trigger", "--run-id-file", str(id_file)),
            lambda: _run(f"ScheduledFlow/{id_file.read_text().strip()}"),
        )


def on_event(flow: Flow) -> None:
    """Deployed, and started by an event."""
    # Argo takes a moment until its sensor listens; an event before that is lost. Runs from before do not count.
    began = datetime.now()  # noqa: DTZ005 - as Metaflow's client tells times
    published: list[float] = []

    def find() -> object:
        found = _latest("OnEventFlow", began)
        if found is None and (not published or time.monotonic() - published[-1] > 60):  # noqa: PLR2004 - a minute
            flow.python("publish")
            published.append(time.monotonic())
        return found

    _deployed(flow, lambda: None, find)


def _deployed(flow: Flow, start: Callable[[], None], find: Callable[[], object]) -> None:
    flow.python("--with", "retry", "argo-workflows", "create")
    try:
        start()
        flow.wait_for(find)
    finally:
        Flow(flow.name, time.monotonic() + 120, flow.log).python("argo-workflows", "delete")


def _run(path: str) -> object:
    import metaflow
    from metaflow.exception import MetaflowNotFound

    metaflow.namespace(None)
    try:
        return metaflow.Run(path)
    except MetaflowNotFound:
        return None


def _latest(name: str, after: datetime) -> object:
    import metaflow
    from metaflow.exception import MetaflowNotFound

    metaflow.namespace(None)
    try:
        latest = metaflow.Flow(name).latest_run
    except MetaflowNotFound:
        return None
    return latest if latest is not None and latest.created_at >= after else None


ON_THE_PLATFORM: dict[str, Callable[[Flow], None]] = {
    "hello": run("--with", "kubernetes"),
    "foreach_spot": run(),
    "with_secrets": run(),
    "scheduled": scheduled,
    "on_event": on_event,
    "gpu": run(),
    "parallel_training": run(),
}
"""Cheap ones first."""

LOCALLY: dict[str, Callable[[Flow], None]] = {name: run() for name in ("hello", "scheduled", "on_event")}
"""Those whose steps do not ask for Kubernetes."""


def try_flow(name: str, work: Callable[[Flow], None], seconds: float, folder: Path) -> Result:
    began = time.monotonic()
    log = folder / f"{name}.log"
    try:
        work(Flow(name, began + seconds, log))
        result = "passed"
    except Failed:
        result = "failed"
    except Stopped:
        result = "stopped"
    lines = (
        [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()] if log.exists() else []
    )
    said = "" if result == "passed" else " / ".join(lines[-3:])
    return Result(name, result, round(time.monotonic() - began, 1), said, str(log))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Run the first flows, and say which came to their end.")
    parser.add_argument("--only", metavar="FLOW,...", help=f"of {', '.join(ON_THE_PLATFORM)}")
    parser.add_argument("--local", action="store_true", help="here, without a platform: those that need none of it")
    parser.add_argument("--timeout", type=float, default=30, metavar="MINUTES", help="of each flow (default: 30)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    options = parser.parse_args(arguments)
    flows = LOCALLY if options.local else ON_THE_PLATFORM
    names = options.only.split(",") if options.only else list(flows)
    if unknown := [name for name in names if name not in flows]:
        parser.error(f"there is no flow {', '.join(unknown)} {'--local' if options.local else ''}: {', '.join(flows)}")

    folder = Path(tempfile.mkdtemp(prefix="smoke-"))
    results = []
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        results.append(try_flow(name, flows[name], 60 * options.timeout, folder))
    ok = all(each.result == "passed" for each in results)
    if options.json:
        print(json.dumps({"version": 1, "ok": ok, "flows": [asdict(each) for each in results]}, indent=2))
    else:
        print(f"{'flow':<18} {'result':<8} {'seconds':>8}  what it said last")
        for each in results:
            print(f"{each.flow:<18} {each.result:<8} {each.seconds:>8.1f}  {each.said}".rstrip())
        print(f"logs: {folder}")
    return 0 if ok else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)  # As a shell has it.
