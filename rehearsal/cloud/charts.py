"""Helm charts: what a release names, and which of its values the chart knows."""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rehearsal.protocol.errors import Refused
from rehearsal.protocol.values import known

_SCHEMAS = Path(__file__).parent.parent / "schemas"

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Written in C where PyYAML was built with it: twenty times as fast."""
_SETS = ("set", "set_list", "set_sensitive")
_FREE = {
    "annotations",
    "commonLabels",
    "containerSecurityContext",
    "labels",
    "limits",
    "nodeSelector",
    "podAnnotations",
    "podLabels",
    "podSecurityContext",
    "requests",
    "resources",
    "securityContext",
}
"""Kubernetes' own maps, which a chart copies as they are: its defaults for them do not list what they may hold."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart in one version."""

    name: str
    version: str
    app_version: str
    defaults: dict[str, Any]
    folder: Path | None = None
    """Of a local chart."""
    facts: dict[str, Any] = field(default_factory=dict)
    """Of one in a repository: its entry in `schemas/charts.json`."""


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A custom resource definition that a chart brings."""

    name: str
    group: str
    kind: str
    stays: bool
    """When the release goes: Helm never removes what stands in `crds/`, nor what is marked to be kept."""


def find(release: dict[str, Any]) -> Chart:
    """The chart that a release names, or the error that Helm gives."""
    wanted, version = str(release["chart"]), release.get("version")
    folder = Path(wanted)
    if wanted.startswith((".", "/")) or folder.is_dir():
        return _local(wanted, folder)
    if not isinstance(version, str) or not re.fullmatch(r"v?\d+\.\d+\.\d+([-+].*)?", version):
        raise Refused(
            f"The chart {wanted} is not pinned: version is {version if isinstance(version, str) else 'not set'}",
            "A chart from a repository needs an exact version, or the next deploy installs another one.",
            path=("version",),
        )
    repository, _, name = wanted.rpartition("/")
    repository = str(release.get("repository") or repository).rstrip("/")
    facts, values = _known(), _values().get(name, {})
    if name not in facts or repository != facts[name]["repository"] or version != values["version"]:
        there = ", ".join(f"{each['repository']} {key} {_values()[key]['version']}" for key, each in facts.items())
        raise Refused(
            f'could not download chart: chart "{name}" version "{version}" not found in {repository or "none"}',
            f"The rehearsal knows {there}.",
            path=("chart",),
        )
    return Chart(
        name=name, version=version, app_version=values["app_version"], defaults=values["values"], facts=facts[name]
    )


def values(release: dict[str, Any]) -> dict[str, Any] | None:
    """All that a release sets, in one document; None while some of it is not known."""
    if not known([release.get(name) for name in ("values", *_SETS)]):
        return None
    merged: dict[str, Any] = {}
    for index, document in enumerate(release.get("values") or []):
        try:
            parsed = yaml.load(document, Loader=_LOADER)  # noqa: S506 - a safe one
        except yaml.YAMLError as error:
            raise Refused(f"failed to parse values: {error}", path=("values", index)) from error
        if not isinstance(parsed, dict | None):
            raise Refused(f"failed to parse values: not a map but {parsed!r}", path=("values", index))
        merged = merge(merged, parsed or {})
    for each in (each for name in _SETS for each in release.get(name) or []):
        steps = [step.replace("\\.", ".") for step in re.split(r"(?<!\\)\.", each["name"])]
        value = each["value"]
        for step in reversed(steps):
            value = {step: value}
        merged = merge(merged, value)
    return merged


def merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """As Helm does: maps are merged, anything else is replaced, and null removes."""
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def unknown(set_: dict[str, Any], defaults: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """What is set and does nothing, because the chart has no such value; Helm says nothing of it."""
    for key, value in set_.items():
        here = (*path, key)
        if key not in defaults:
            yield f"{'.'.join(here)}: the chart has no such value"
            continue
        default = defaults[key]
        for kind, what in ((dict, "a map"), (list, "a list")):
            if isinstance(default, kind) and value is not None and not isinstance(value, kind):
                yield f"{'.'.join(here)}: the chart has {what} there, not {value!r}"
        if isinstance(value, dict) and isinstance(default, dict) and default and key not in _FREE:
            yield from unknown(value, default, here)


def definitions(chart: Chart, values_: dict[str, Any]) -> list[Definition]:
    """The kinds that a release of the chart with these values brings."""
    settings = values_.get("crds", {}) if chart.facts.get("crds_setting") else {"install": True, "keep": True}
    return [
        Definition(name=name, group=chart.facts["group"], kind=kind, stays=bool(settings["keep"]))
        for kind, name in chart.facts.get("kinds", {}).items()
        if settings["install"]
    ]


def held(name: str) -> set[str]:
    """The kinds whose objects only the controller that comes with this chart lets go."""
    facts = _known().get(name, {})
    return set(facts["kinds"]) if facts.get("finalizers") else set()


def makes() -> dict[str, Any]:
    """Kind -> the workload that its controller makes of an object."""
    return {kind: made for facts in _known().values() for kind, made in facts["makes"].items()}


def _local(wanted: str, folder: Path) -> Chart:
    file = folder / "Chart.yaml"
    if not file.is_file():
        raise Refused(
            f'could not download chart: path "{wanted}" not found',
            "A local chart is a directory with a Chart.yaml.",
            path=("chart",),
        )
    about = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    if not about.get("name") or not about.get("version"):
        raise Refused(
            f"validation: {file}: chart.metadata.name and chart.metadata.version are required", path=("chart",)
        )
    beside = folder / "values.yaml"
    return Chart(
        name=str(about["name"]),
        version=str(about["version"]),
        app_version=str(about.get("appVersion", "")),
        defaults=yaml.safe_load(beside.read_text(encoding="utf-8")) or {} if beside.is_file() else {},
        folder=folder,
    )


@cache
def _known() -> dict[str, Any]:
    return dict(json.loads((_SCHEMAS / "charts.json").read_text(encoding="utf-8")))


@cache
def _values() -> dict[str, Any]:
    return dict(json.loads(gzip.decompress((_SCHEMAS / "chart-values.json.gz").read_bytes())))
