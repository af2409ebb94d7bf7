"""The metrics that we know to exist, and how PromQL names them. Needs no Node.

`metrics.json` says of each where its maker describes it, and when that was read. A metric that is not in it cannot be
queried: `series` raises `KeyError`.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

_PROMETHEUS = "prometheus.googleapis.com/"


@cache
def document() -> dict[str, Any]:
    return dict(json.loads((resources.files(__package__) / "metrics.json").read_text("utf-8")))


def series(metric: str, **labels: str) -> str:
    """A PromQL selector. A value that starts with ~ is a regular expression, one that starts with ! is excluded.

    https://cloud.google.com/monitoring/promql/promql-mapping
    """
    known = document()["metrics"][metric]
    # Of a metric that several resources have, PromQL wants to know which is meant.
    asked = labels if metric.startswith(_PROMETHEUS) else {"monitored_resource": known["resource"], **labels}
    return f"{name(metric)}{{{','.join(_matcher(label, value) for label, value in asked.items())}}}"


def name(metric: str) -> str:
    """A metric's type in Cloud Monitoring -> its name in PromQL."""
    if metric.startswith(_PROMETHEUS):
        return metric.removeprefix(_PROMETHEUS).rpartition("/")[0]
    domain, _, path = metric.partition("/")
    return f"{_plain(domain)}:{_plain(path)}"


def labels(metric: str) -> frozenset[str]:
    """All that a query may select or group by."""
    facts = document()
    known: Mapping[str, Any] = facts["metrics"][metric]
    resource = known["resource"]
    return frozenset(
        ["monitored_resource", *known["labels"], *facts["resources"][resource], *facts["metadata"].get(resource, ())]
    )


def components() -> tuple[str, ...]:
    """What a cluster must send for all of them: `monitoring_components` of a `GkeCluster`."""
    found = dict.fromkeys(known.get("component") for known in document()["metrics"].values())
    return tuple(component for component in found if component)


def _matcher(label: str, value: str) -> str:
    for sign in ("~", "!"):
        if value.startswith(sign):
            return f'{label}{"=~" if sign == "~" else "!="}"{value[1:]}"'
    return f'{label}="{value}"'


def _plain(text: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in text)
