"""The platform synthesized by a library with a fault in it."""

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

LIBRARY = Path(__file__).parents[2] / "constructs" / "src" / "metaflow_gcp"
WAY = "fault in a construct"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One change of one file."""

    what: str
    file: str
    old: str
    new: str


def faults() -> list[Fault]:
    document = tomllib.loads((Path(__file__).parent / "constructs.toml").read_text("utf-8"))
    return [Fault(**each) for each in document["fault"]]


def synthesized(fault: Fault, environment: dict[str, str], folder: Path) -> str:
    """Writes the stacks below the folder; what main.py ended with, if it did not go through."""
    copy = folder / "library" / "metaflow_gcp"
    shutil.copytree(LIBRARY, copy, ignore=shutil.ignore_patterns("__pycache__"))
    text = (copy / fault.file).read_text("utf-8")
    if fault.old not in text:
        raise ValueError(f"{fault.file} no longer has {fault.old!r}: change tests/mutants/constructs.toml")
    (copy / fault.file).write_text(text.replace(fault.old, fault.new), "utf-8")
    ran = subprocess.run(
        [sys.executable, "main.py"],
        cwd=LIBRARY.parents[2],
        env={**environment, "CDKTF_OUTDIR": str(folder / "out"), "PYTHONPATH": str(copy.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    shutil.rmtree(copy.parent)
    return "" if ran.returncode == 0 else _last(ran.stderr) or f"main.py ended with {ran.returncode}"


def _last(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def clean_environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("METAFLOW_GCP_")}
