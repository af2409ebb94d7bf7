"""What the two CDKs write for the same settings: the same bytes, but for the lines below.

CDK Terrain writes empty lists and objects on one line, CDKTF on two: that is taken out first.
"""

import os
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.synthesis import synthesize

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "tests/stacks/settings"

CDK = ('"version": "0.21.0"', f'"version": "{version("cdktn")}"')
"""In `//` and in the manifest: whose version wrote the file. Terraform and our tools do not read it."""

GOOGLE = ('"source": "google",', '"source": "hashicorp/google",')
KUBERNETES = ('"source": "kubernetes",', '"source": "hashicorp/kubernetes",')
"""Terraform reads a name without a namespace as one of `hashicorp`."""

RANDOM = ('"version": "3.7.2"', '"version": "3.8.1"')
"""There are no bindings of CDK Terrain for 3.7.2. 3.8 adds two resources that we do not use."""

EXPECTED = {
    "manifest.json": {CDK},
    "platform.json": set(),
    "stacks/apis/cdk.tf.json": {CDK, GOOGLE},
    "stacks/infra/cdk.tf.json": {CDK, GOOGLE, RANDOM},
    "stacks/services/cdk.tf.json": {CDK, GOOGLE, KUBERNETES},
}


@pytest.mark.parametrize("settings", ["minimal", "everything", "existing-network"])
def test_only_these_lines_differ(settings, tmp_path):
    environment = {"METAFLOW_GCP_SETTINGS": str(SETTINGS / f"{settings}.toml")}
    synthesize(tmp_path / "cdktn", **environment)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("METAFLOW_", "CDKTF_", "NODE_"))}
    subprocess.run(
        [ROOT / ".venv/bin/python", "main.py"],
        cwd=ROOT,
        env={**clean, **environment, "CDKTF_OUTDIR": str(tmp_path / "cdktf")},
        check=True,
    )
    assert {each: differences(tmp_path / "cdktf" / each, tmp_path / "cdktn" / each) for each in EXPECTED} == EXPECTED


def differences(cdktf: Path, cdktn: Path) -> set[tuple[str, str]]:
    of_cdktf = re.sub(r"([\[{])\n *([\]}])", r"\1\2", cdktf.read_text("utf-8")).splitlines(keepends=True)
    of_cdktn = cdktn.read_text("utf-8").splitlines(keepends=True)
    return {(one.strip(), other.strip()) for one, other in zip(of_cdktf, of_cdktn, strict=True) if one != other}
