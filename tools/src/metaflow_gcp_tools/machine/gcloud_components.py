"""How gcloud's components get onto this machine: by gcloud itself, or by the package manager that gcloud is from.

gcloud refuses `components install` where a package manager brought it, and names the packages: with apt and with yum it
has them in two files of its installation, `.install/command_mapping.yaml` and `.install/component_mapping.yaml`
(googlecloudsdk/core/updater/update_manager.py of gcloud 528.0.0).
"""

import json
import shutil
from pathlib import Path

INSTALL_PAGE = "https://cloud.google.com/sdk/docs/install"

PLUGIN = "gke-gcloud-auth-plugin"
"""What kubectl logs in to GKE with."""

LOG_IN = "run `gcloud auth login`, then retry"

PACKAGES = {
    PLUGIN: "google-cloud-cli-gke-gcloud-auth-plugin",
    "kubectl": "kubectl",
}
"""Component -> Google's package for apt and yum: `component_mapping.yaml` of both."""


def install(*components: str) -> str:
    """The command that installs these, as a next step."""
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        return f"install gcloud ({INSTALL_PAGE}), and run `gcloud components install {' '.join(components)}`"
    if gcloud.startswith("/snap/"):
        return _beside_snap(components)
    return f"run `{_packaged(gcloud, 'update', components) or 'gcloud components install ' + ' '.join(components)}`"


def update(component: str) -> str:
    """The command that brings a newer version of this one."""
    gcloud = shutil.which("gcloud")
    return f"run `{(gcloud and _packaged(gcloud, 'update-all', (component,))) or 'gcloud components update'}`"


def _beside_snap(components: tuple[str, ...]) -> str:
    ways = {
        "kubectl": "run `sudo snap install kubectl --classic`",
        PLUGIN: f"a gcloud from snap has no components: install gcloud from Google's archive or "
        f"package instead, with `{PACKAGES[PLUGIN]}` ({INSTALL_PAGE})",
    }
    return "; ".join(ways[each] for each in components)


def _packaged(gcloud: str, name: str, components: tuple[str, ...]) -> str | None:
    """What gcloud itself would tell to run; `None`: its own component manager works."""
    root = Path(gcloud).resolve().parent.parent
    commands, packages = (_mapping(root / ".install" / f"{each}_mapping.yaml") for each in ("command", "component"))
    named = " ".join(packages.get(each, PACKAGES[each]) for each in components)
    if name in commands:
        return commands[name].replace("{package}", named)
    return f"sudo apt-get install {named}` or `sudo dnf install {named}" if _is_managed(root) else None


def _mapping(file: Path) -> dict[str, str]:
    """`name: value` in each line; empty when there is no such file."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    return {name.strip(): value.strip() for name, colon, value in (line.partition(": ") for line in lines) if colon}


def _is_managed(root: Path) -> bool:
    try:
        return bool(json.loads((root / "lib/googlecloudsdk/core/config.json").read_text("utf-8"))["disable_updater"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
