"""Whether the images and charts that a deployment pulls are there: their registries are asked."""

from collections.abc import Callable, Iterator
from functools import partial

from metaflow_gcp_tools.checks import Check, State
from metaflow_gcp_tools.clients.registries import charts, images
from metaflow_gcp_tools.clients.registries.answer import Answer
from metaflow_gcp_tools.clients.registries.charts import Chart
from metaflow_gcp_tools.clients.registries.connection import Login
from metaflow_gcp_tools.clients.registries.images import Reference
from metaflow_gcp_tools.clients.together import together
from metaflow_gcp_tools.platform.manifest import Manifest, PulledChart, PulledImage

_GOOGLES = (".pkg.dev", ".gcr.io")
"""Domains of the registries that take Google's credentials; with the dot, so that nobody else's name ends so.
https://cloud.google.com/artifact-registry/docs/docker/authentication"""

_OF_TASKS = "images.task"
"""Steps run in it. Nothing that is deployed does."""


def check(manifest: Manifest, timeout: float, login: Callable[[], Login | None]) -> Iterator[Check]:
    """`login` is asked for when an image is in a registry of Google's: it may be the team's own."""
    questions = [partial(_image, image, timeout, login) for image in manifest.images]
    questions += [partial(_chart, chart, timeout) for chart in manifest.charts]
    yield from together(questions)


def _image(image: PulledImage, timeout: float, login: Callable[[], Login | None]) -> Check:
    google = f".{Reference.parse(image.name).registry}".endswith(_GOOGLES)
    answer = images.ask(image.name, timeout, login() if google else None)
    return _check(f"{image.name} ({image.setting})", image.setting, answer)


def _chart(chart: PulledChart, timeout: float) -> Check:
    asked = Chart(name=chart.name, repository=chart.repository, version=chart.version, app_version=chart.app_version)
    return _check(f"chart {chart.name} {chart.version} ({chart.setting})", chart.setting, charts.ask(asked, timeout))


def _check(name: str, setting: str, answer: Answer) -> Check:
    state, next_step = answer.state, ""
    if state is State.FAIL:
        if setting == _OF_TASKS:
            state = State.WARN
        next_step = f"set `{setting}` to one that is there, or push it first"
        if not setting.startswith("images."):
            next_step = "the project names it: see docs/operations.md, `make verify-externals`"
    elif state is State.UNKNOWN:
        next_step = "check your network and proxy settings (HTTPS_PROXY) and, if it is private, your rights; then retry"
    return Check(topic="images", name=name, state=state, says=answer.says, next_step=next_step)
