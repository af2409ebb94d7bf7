"""The filesystem mirror in which Terraform finds our providers, and the environment that points it there."""

import json
import os
import platform
import shlex
import sys
from itertools import product
from pathlib import Path

from rehearsal.cloud.model import ENVIRONMENT
from rehearsal.facts import PROVIDERS, REGISTRY, SAME, Facts

_PROJECT = Path(__file__).parent.parent.parent


def target() -> str:
    """Terraform's name of this platform."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    return f"{platform.system().lower()}_{machine}"


def write(folder: Path) -> Path:
    """Writes the mirror and the command line configuration beside it; returns the configuration's path."""
    versions = [(name, each) for name, version in PROVIDERS.items() for each in (version, *SAME.get(name, ()))]
    # The CDKTF CLI locks the providers for linux_amd64 on any machine.
    for (name, version), platform_ in product(versions, {target(), "linux_amd64"}):
        place = folder / "mirror" / REGISTRY / "hashicorp" / name / version / platform_
        place.mkdir(parents=True, exist_ok=True)
        executable = place / f"terraform-provider-{name}_v{version}_x5"
        # Through sh, because the first line of a script can hold neither spaces nor much length.
        executable.write_text(
            "#!/bin/sh\n"
            f"PYTHONPATH={shlex.quote(str(_PROJECT))}\n"
            "export PYTHONPATH\n"
            f"exec {shlex.quote(sys.executable)} -m rehearsal.plugin {name}\n"
        )
        executable.chmod(0o755)
    Facts("google")  # Taken apart now, so that the first provider does not have to.
    config = folder / "terraform.rc"
    mirror = json.dumps(str(folder / "mirror"))
    config.write_text(f"provider_installation {{\n  filesystem_mirror {{\n    path = {mirror}\n  }}\n}}\n")
    return config


def environment(config: Path, cloud: Path) -> dict[str, str]:
    """This process's environment, with Terraform led to our providers and away from the user's own settings."""
    mine = {
        name: value for name, value in os.environ.items() if not name.startswith(("TF_", "GOOGLE_", "KUBE_", "HELM_"))
    }
    return mine | {
        "TF_CLI_CONFIG_FILE": str(config),
        # The command the CDKTF CLI locks providers with asks the registry unless told otherwise.
        "TF_CLI_ARGS_providers_lock": f"-fs-mirror={shlex.quote(str(config.parent / 'mirror'))}",
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        # Provider and Terraform share a machine and a user: a certificate for each start costs more than it brings.
        "TF_DISABLE_PLUGIN_TLS": "1",
        # Each command decodes 26 MB of schema and ends: Go's garbage collector would take a fifth of its CPU time.
        "GOGC": "400",
        "CHECKPOINT_DISABLE": "1",
        # The CDKTF CLI would put our providers into the plugin cache of the user's home, beside the real ones.
        "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
        ENVIRONMENT: str(cloud),
    }
