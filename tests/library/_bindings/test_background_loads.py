from threading import Event

import pytest

from metaflow_gcp._bindings.background_loads import BackgroundLoads
from tests.library._bindings.test_lazy_bindings import run


class SlowProvider:
    """Loads only when it is told to, and writes down in which order it was asked."""

    def __init__(self):
        self.may_go_on = Event()
        self.asked = []

    def load(self, request):
        assert self.may_go_on.wait(timeout=60)
        self.asked.append(f"load {request}")
        if request == "broken":
            raise RuntimeError("no such assembly")

    def create(self, request):
        self.asked.append(f"create {request}")
        return f"a {request}"


@pytest.fixture
def slow():
    return SlowProvider()


def test_loading_does_not_wait(slow):
    BackgroundLoads(slow).load("cdktf")
    assert slow.asked == []
    slow.may_go_on.set()


def test_everything_else_comes_after_the_loads_in_their_order(slow):
    provider = BackgroundLoads(slow)
    provider.load("constructs")
    provider.load("cdktf")
    slow.may_go_on.set()
    assert provider.create("App") == "a App"
    provider.load("google")
    provider.create("Network")
    assert slow.asked == ["load constructs", "load cdktf", "create App", "load google", "create Network"]


def test_what_was_wrong_with_a_load_is_said_at_the_next_call(slow):
    slow.may_go_on.set()
    provider = BackgroundLoads(slow)
    provider.load("broken")
    with pytest.raises(RuntimeError, match="no such assembly"):
        provider.create("App")


PROGRAM = "import metaflow_gcp, jsii; print(type(jsii.kernel.provider).__name__)"


def test_jsii_s_kernel_has_it():
    assert run(PROGRAM) == "BackgroundLoads"


def test_switched_off_jsii_s_kernel_has_its_own():
    assert run(PROGRAM, METAFLOW_GCP_EAGER_BINDINGS="1") == "ProcessProvider"


def test_a_node_that_cannot_be_started_is_said_as_jsii_says_it():
    program = """
import metaflow_gcp
try:
    import cdktf
    cdktf.App()
except FileNotFoundError as error:
    print(error.filename)
"""
    assert run(program, JSII_NODE="no-such-node") == "no-such-node"
