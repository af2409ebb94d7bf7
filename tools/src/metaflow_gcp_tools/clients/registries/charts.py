"""Asks for a chart: in a Helm repository its index and the archive that this names, in a registry its manifest.

https://helm.sh/docs/topics/chart_repository/, https://helm.sh/docs/topics/registries/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from metaflow_gcp_tools.checks import State
from metaflow_gcp_tools.clients.registries import connection, images
from metaflow_gcp_tools.clients.registries.answer import Answer
from metaflow_gcp_tools.clients.unanswered import Unanswered

_OK, _NOT_FOUND = 200, 404


@dataclass(frozen=True, kw_only=True)
class Chart:
    name: str
    repository: str
    """`https://` for an index, `oci://` for a registry."""
    version: str
    app_version: str
    """Of what it installs."""


def ask(chart: Chart, timeout: float) -> Answer:
    if chart.repository.startswith("oci://"):
        # Registries know no plus: Helm writes an underscore for it.
        version = chart.version.replace("+", "_")
        return images.ask(f"{chart.repository.removeprefix('oci://')}/{chart.name}:{version}", timeout)
    try:
        with connection.session() as opened:
            return _in_repository(opened, chart, timeout)
    except Unanswered as error:
        return Answer(state=State.UNKNOWN, says=error.what)


def _in_repository(opened: Any, chart: Chart, timeout: float) -> Answer:
    entries = _entries(opened, f"{chart.repository}/", timeout)
    found = [each for each in entries.get(chart.name) or () if str(each.get("version")) == chart.version]
    if not found:
        return _failed(f"{chart.repository} does not list version {chart.version} of {chart.name}")
    entry = found[0]
    installs = entry.get("appVersion")
    if str(installs) != chart.app_version:
        return _failed(f"{chart.name} {chart.version} installs {installs} there, not {chart.app_version}")
    archive = urljoin(f"{chart.repository}/", str((entry.get("urls") or ["."])[0]))
    response = connection.ask(opened, "HEAD", archive, timeout)
    if response.status_code == _NOT_FOUND:
        return _failed(f"{chart.repository} lists it, but there is no {archive}")
    if response.status_code != _OK:
        raise connection.refused(response)
    digest = entry.get("digest")
    return Answer(state=State.PASS, says=f"{chart.repository} has it", digest=f"sha256:{digest}" if digest else None)


def _failed(says: str) -> Answer:
    return Answer(state=State.FAIL, says=says)


def _entries(opened: Any, repository: str, timeout: float) -> Mapping[str, Any]:
    import yaml

    response = connection.ask(opened, "GET", urljoin(repository, "index.yaml"), timeout)
    if response.status_code != _OK:
        # 404, too: a repository without an index says nothing about its charts.
        raise connection.refused(response)
    # The index of argo-helm has megabytes: libyaml reads it in a second, Python alone in half a minute.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return dict(yaml.load(response.text, Loader=loader)["entries"])  # noqa: S506 - a safe loader in either case
    except (yaml.YAMLError, TypeError, KeyError, ValueError):
        raise connection.no_answer(f"{repository}index.yaml is not an index of charts") from None
