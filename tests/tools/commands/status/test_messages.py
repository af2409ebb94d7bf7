"""The messages' grammar, on lines that its sources can write: reasons alone, joined, and with commas of their own."""

import pytest

from metaflow_gcp_tools.commands.status import messages

PREEMPTION = "0/5 nodes are available: 2 No preemption victims found for incoming pod, 3 Preemption is not helpful."


@pytest.mark.parametrize(
    ("message", "reasons"),
    [
        ("pod didn't trigger scale-up: ", ()),
        ("pod didn't trigger scale-up: max total nodes in cluster reached", ("max total nodes in cluster reached",)),
        (
            "pod didn't trigger scale-up: 1 max cluster cpu, memory limit reached, 12 Insufficient cpu",
            ("max cluster cpu, memory limit reached", "Insufficient cpu"),
        ),
        (
            "pod didn't trigger scale-up: 1 max cluster cpu, memory, nvidia-l4 limit reached",
            ("max cluster cpu, memory, nvidia-l4 limit reached",),
        ),
        (
            "pod didn't trigger scale-up (it wouldn't fit if a new node is added): 3 Insufficient memory",
            ("Insufficient memory",),
        ),
        (
            "Pod didn't trigger scale-up: 6 node(s) had taint {a: b}, that the pod didn't tolerate, 1 Too many pods",
            ("node(s) had taint {a: b}, that the pod didn't tolerate", "Too many pods"),
        ),
    ],
)
def test_the_autoscaler_s(message, reasons):
    assert messages.of_autoscaler(message) == reasons


@pytest.mark.parametrize(
    ("message", "reasons"),
    [
        ("0/1 nodes are available: 1 Insufficient cpu.", ("Insufficient cpu",)),
        (
            f"0/5 nodes are available: 2 Too many pods, 3 node(s) had untolerated taint(s). preemption: {PREEMPTION}",
            ("Too many pods", "node(s) had untolerated taint(s)"),
        ),
        (
            '0/3 nodes are available: persistentvolumeclaim "data" not found. preemption: not eligible.',
            ('persistentvolumeclaim "data" not found',),
        ),
        ("no nodes available to schedule pods", ("no nodes available to schedule pods",)),
    ],
)
def test_the_scheduler_s(message, reasons):
    assert messages.of_scheduler(message) == reasons
