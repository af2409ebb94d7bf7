"""Terraform's plans: `terraform plan -out FILE`, or what `terraform show -json FILE` makes of one.

The JSON: https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.problems import CommandFailed, WrongUse, last_line

TIMEOUT_SECONDS = 120.0
"""Terraform starts every provider of the stack to show its plan."""

MAJOR = "1"
"""Of the JSON's `format_version`. Within it nothing is removed or changes its meaning."""

LONGEST = 600
"""Characters of what Terraform says."""

_A_PLAN = (
    "pass the file that `terraform plan -out FILE` wrote, in its stack's folder, "
    "or the output of `terraform show -json FILE`"
)


def read(file: Path) -> dict[str, Any]:
    """The plan as a JSON document.

    Raises `WrongUse` for what is no plan, `CommandFailed` when Terraform cannot show a plan file.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise WrongUse.of(what=f"{file} cannot be read: {error.strerror}", next_step=_A_PLAN) from None
    # A plan file is a zip archive.
    if content.startswith(b"PK\x03\x04"):
        content = _show(file)
    try:
        document = json.loads(content)
    except ValueError:
        raise WrongUse.of(what=f"{file} is neither a plan file nor JSON", next_step=_A_PLAN) from None
    if not isinstance(document, dict) or not {"format_version", "planned_values"} <= document.keys():
        raise WrongUse.of(what=f"{file} is JSON, but not a Terraform plan", next_step=_A_PLAN)
    version = str(document["format_version"])
    if version.partition(".")[0] != MAJOR:
        raise WrongUse.of(
            what=f"{file} has format version {version}, but this metaflow-gcp reads {MAJOR}.x",
            next_step="make the plan with Terraform 1.x, or install a newer metaflow-gcp",
        )
    return document


def _show(file: Path) -> bytes:
    """Only Terraform reads its plan files, with the providers of the stack."""
    terraform = shutil.which("terraform")
    if terraform is None:
        raise CommandFailed.of(
            what=f"{file} is a plan file, but Terraform, which reads them, is not on the PATH",
            next_step="install Terraform, or pass the output of `terraform show -json` from a machine that has it",
        )
    folder = file.resolve().parent
    try:
        ended = subprocess.run(
            [terraform, "show", "-no-color", "-json", file.resolve()],
            cwd=folder,
            env={**os.environ, "TF_IN_AUTOMATION": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CommandFailed.of(
            what=f"`terraform show -json {file}` did not finish within {TIMEOUT_SECONDS:.0f} s",
            next_step=f"run it in {folder} to see why",
        ) from None
    if ended.returncode:
        raise CommandFailed.of(
            what=f"Terraform cannot show {file}: {_error(ended.stderr.decode('utf-8', 'replace'))}",
            next_step="pass a plan file in the folder in which it was made, initialized by `terraform init` "
            f"(it is in {folder}), or the output of `terraform show -json`",
        )
    return ended.stdout


def _error(said: str) -> str:
    """Terraform's own words, as one line: an error has a title, an empty line, and sentences in lines of 78."""
    lines = [line.strip("\u2502\u2577\u2575 ") for line in said.splitlines()]
    start = next((number for number, line in enumerate(lines) if line.startswith("Error: ")), None)
    if start is None:
        return last_line(said)
    error = [line for line in lines[start:] if line]
    return " ".join(error)[len("Error: ") :][:LONGEST]
