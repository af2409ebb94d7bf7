"""The programs on this machine, and their versions."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from packaging.version import Version

from metaflow_gcp_tools.checks import Check, State
from metaflow_gcp_tools.machine import gcloud_components
from metaflow_gcp_tools.problems import last_line

TIMEOUT_SECONDS = 30.0
"""gcloud takes seconds on a cold disk."""

_KUBECTL_PAGE = "https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl"


@dataclass(frozen=True, kw_only=True)
class Tool:
    name: str
    arguments: tuple[str, ...]
    """That make it tell its version."""
    version: Callable[[str], str]
    """Finds the version in what it tells."""
    purpose: str
    install: Callable[[], str]
    """The page and the command that bring it, on this machine."""
    at_least: str = "0"
    blocks: bool = False
    """Whether a deployment fails without it."""


TOOLS = (
    Tool(
        name="terraform",
        arguments=("version", "-json"),
        version=lambda said: json.loads(said)["terraform_version"],
        purpose="deploys",
        install=lambda: "install it: https://developer.hashicorp.com/terraform/install",
        # What the stacks themselves ask for (`required_version`).
        at_least="1.11",
        blocks=True,
    ),
    Tool(
        name="gcloud",
        arguments=("version", "--format=json"),
        version=lambda said: json.loads(said)["Google Cloud SDK"],
        purpose="logs in",
        install=lambda: f"install it: {gcloud_components.INSTALL_PAGE}",
    ),
    Tool(
        name="kubectl",
        arguments=("version", "--client", "--output=json"),
        version=lambda said: json.loads(said)["clientVersion"]["gitVersion"],
        purpose="reaches the cluster",
        install=lambda: f"{gcloud_components.install('kubectl')}; see {_KUBECTL_PAGE}",
    ),
    Tool(
        name=gcloud_components.PLUGIN,
        arguments=("--version",),
        version=lambda said: said.split()[-1].partition("+")[0],
        purpose="logs kubectl in",
        install=lambda: f"{gcloud_components.install(gcloud_components.PLUGIN)}; see {_KUBECTL_PAGE}#install_plugin",
    ),
)


def check(tool: Tool) -> Check:
    """Whether it is there, starts, and is new enough."""
    path = shutil.which(tool.name)
    if path is None:
        return _wrong(tool, f"is not on the PATH; it {tool.purpose}")
    try:
        ended = subprocess.run(
            [path, *tool.arguments], capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=True
        )
        said = tool.version(ended.stdout).removeprefix("v")
        found = _numbers(said)
    except subprocess.CalledProcessError as error:
        return _wrong(tool, f"{path} exited with code {error.returncode}: {last_line(error.stderr)}")
    except subprocess.TimeoutExpired:
        return _wrong(tool, f"no response from {path} within {TIMEOUT_SECONDS:g} s", State.UNKNOWN)
    except (ValueError, LookupError, TypeError, AttributeError, OSError):
        return _wrong(tool, f"{path} printed a version that cannot be parsed", State.UNKNOWN)
    if found < Version(tool.at_least):
        return _wrong(tool, f"{said} is too old, {tool.at_least} or newer is needed; it {tool.purpose}")
    return Check.passed("tools", tool.name, said)


def _numbers(version: str) -> Version:
    """Without what vendors add to it: `1.33.0-dispatcher`. Raises `ValueError` when there are none."""
    numbers = re.match(r"\d+(\.\d+)*", version)
    return Version(numbers[0] if numbers else "")


def _wrong(tool: Tool, says: str, state: State | None = None) -> Check:
    """As bad as it is to lack the tool, unless `state` is known."""
    state = state or (State.FAIL if tool.blocks else State.WARN)
    return Check(topic="tools", name=tool.name, state=state, says=says, next_step=tool.install())
