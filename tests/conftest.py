"""What every test relies on."""

import gc
import os
import signal
from importlib.util import find_spec
from itertools import islice

import pytest

import metaflow_gcp  # noqa: F401 - before any test imports cdktf: it makes the provider bindings lazy
from stacks.bundled_node import use_bundled_node

use_bundled_node()

# How CDK Terrain compares to CDKTF, where both are installed: `make test LANE=cdktn`.
collect_ignore = [] if find_spec("cdktn") else ["cdktn"]

for number in (signal.SIGINT, signal.SIGHUP):
    # A shell starts what it puts into the background without the first, `nohup` without the second, and programs keep
    # it so. Those that tests start are to end as in a terminal.
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first, in turn to each worker: at the end none waits for another one's last test.

    pytest-xdist cuts the list into as many parts as there are workers; who is done takes from the ends of the others'.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if item.get_closest_marker("long")]
    short = iter([item for item in items if not item.get_closest_marker("long")])
    size = -(-len(items) // workers)
    parts = [long[worker::workers] for worker in range(workers)]
    items[:] = [item for part in parts for item in (*part, *islice(short, size - len(part)))]


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: to look through it again and again takes a sixth of the tests' time."""
    gc.freeze()
