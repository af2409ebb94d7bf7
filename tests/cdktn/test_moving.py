"""docs/moving-to-cdktn.md, with the real CLI and the real Terraform on the simulated cloud."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from rehearsal.cloud.model import Cloud
from rehearsal.run import mirror, seed

ROOT = Path(__file__).parents[2]
STACKS = ("apis", "infra", "services")
CDKTF, CDKTN = ".venv", ".venv-cdktn"
RANDOM = {CDKTF: "3.7.2", CDKTN: "3.8.1"}
"""By its version in the JSON one sees which CDK wrote it."""
NOTHING = "No changes. Your infrastructure matches the configuration."


@pytest.fixture
def cli(tmp_path):
    """Run the CLI of an environment, as `make deploy` and `make diff` do; returns what it said."""
    cloud = Cloud(tmp_path / "cloud.sqlite")
    seed.add_projects(cloud, {"acme-metaflow"})
    settings = {
        "METAFLOW_GCP_SETTINGS": str(ROOT / "tests/stacks/settings/minimal.toml"),
        "METAFLOW_GCP_BACKEND__DIRECTORY": str(tmp_path / "state"),
        "CI": "1",
    }
    environment = mirror.environment(mirror.write(tmp_path), cloud.path) | settings
    # The library's, for this process.
    del environment["NODE_OPTIONS"]
    output = tmp_path / "cdktf.out"

    def cli(venv, *arguments):
        done = subprocess.run(
            [ROOT / venv / "bin/cdktf", *arguments, "--output", os.path.relpath(output, ROOT)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        written = json.loads((output / "stacks/infra/cdk.tf.json").read_text())
        assert written["terraform"]["required_providers"]["random"]["version"] == RANDOM[venv]
        return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)

    return cli


@pytest.mark.long
def test_a_deployed_platform_goes_there_and_back_with_empty_plans(cli):
    cli(CDKTF, "deploy", *STACKS, "--auto-approve")
    for stack in STACKS:
        assert NOTHING in cli(CDKTN, "diff", stack)
    cli(CDKTN, "deploy", *STACKS, "--auto-approve")
    for stack in STACKS:
        assert NOTHING in cli(CDKTF, "diff", stack)
