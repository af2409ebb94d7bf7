"""The GPUs of the catalogue, which the construct library and this command share."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def quota_metrics() -> Mapping[str, str | None]:
    """By type of GPU, on demand; `None` where Google documents none."""
    catalogue = json.loads((resources.files("metaflow_gcp_tools") / "gpu_catalogue.json").read_text("utf-8"))
    return {gpu: facts["quota_metric"] for gpu, facts in catalogue["gpus"].items()}


def with_metric(metric: str) -> list[str]:
    """The types of GPU that draw on this metric, be it on demand or for spot and flex-start."""
    return [gpu for gpu, own in quota_metrics().items() if own and own == metric.removeprefix("PREEMPTIBLE_")]


def alternatives(metric: str) -> dict[str, str]:
    """The metric that each other type of GPU would draw on in place of this one."""
    prefix = "PREEMPTIBLE_" if metric.startswith("PREEMPTIBLE_") else ""
    own = with_metric(metric)
    return {gpu: f"{prefix}{other}" for gpu, other in quota_metrics().items() if other and gpu not in own}
