"""Measures synth: this app with lazy bindings and with the stock ones, and with 1, 10 and 50 GPU pools.

On each CDK that is set up here: CDK Terrain is, after `make setup LANE=cdktn`.

One table, one run; the ways take turns, and the medians are compared, for machines are noisy. Memory is the peak of
the whole process tree (Python and the Node that it starts), summed as proportional set size where the system tells it;
it is watched in a run of its own, for watching takes time.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

PROJECT = Path(__file__).parent.parent
PYTHONS = {"CDKTF": PROJECT / ".venv/bin/python", "CDK Terrain": PROJECT / ".venv-cdktn/bin/python"}
RUNS = 3
SAMPLE_SECONDS = 0.02


@dataclass(kw_only=True)
class Way:
    """One way to synthesize, and what was measured."""

    cdk: str
    bindings: str
    env: Mapping[str, str] = field(default_factory=dict)
    gpu_pools: int = 1
    seconds: list[float] = field(default_factory=list)
    megabytes: float = 0.0
    digest: str = ""
    resources: int = 0

    @property
    def name(self) -> str:
        pools = f", {self.gpu_pools} GPU pools" if self.gpu_pools > 1 else ""
        return f"{self.cdk}, {self.bindings}{pools}"

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def main() -> None:
    console = Console()
    cdks = [cdk for cdk, python in PYTHONS.items() if python.exists()]
    lazy = {cdk: Way(cdk=cdk, bindings="lazy") for cdk in cdks}
    stock = {cdk: Way(cdk=cdk, bindings="stock", env={"METAFLOW_GCP_EAGER_BINDINGS": "1"}) for cdk in cdks}
    larger = {pools: Way(cdk=cdks[0], bindings="lazy", gpu_pools=pools) for pools in (10, 50)}
    ways = [*(way for cdk in cdks for way in (lazy[cdk], stock[cdk])), *larger.values()]
    with tempfile.TemporaryDirectory() as folder:
        # The first run on a machine unpacks the bindings: not what is measured here.
        for cdk in cdks:
            _synthesize(Way(cdk=cdk, bindings="lazy"), Path(folder))
        for run in range(RUNS):
            for way in ways:
                console.print(f"run {run + 1} of {RUNS}: {way.name}", style="dim")
                _synthesize(way, Path(folder))
        for way in ways:
            console.print(f"memory: {way.name}", style="dim")
            _synthesize(way, Path(folder), watch=True)
    console.print(_table(ways, stock))
    different = [cdk for cdk in cdks if lazy[cdk].digest != stock[cdk].digest]
    console.print(f"Bytes of lazy and stock: {'DIFFERENT on ' + ', '.join(different) if different else 'identical'}")
    per_pool = (larger[50].median - lazy[cdks[0]].median) / (50 - 1)
    console.print(f"A further GPU pool: {per_pool * 1000:.1f} ms")
    sys.exit(1 if different else 0)


def _table(ways: list[Way], stock: dict[str, Way]) -> Table:
    table = Table(title=f"Synth of the whole app, median of {RUNS} interleaved runs", title_justify="left")
    for heading in ("", "resources", "seconds", "peak MB of all processes", "times faster than stock"):
        table.add_column(heading, justify="right" if heading else "left")
    for way in ways:
        table.add_row(
            way.name,
            str(way.resources),
            f"{way.median:.2f}",
            f"{way.megabytes:.0f}",
            f"{stock[way.cdk].median / way.median:.1f}",
        )
    return table


def _synthesize(way: Way, folder: Path, *, watch: bool = False) -> None:
    outdir = folder / "cdktf.out"
    pools = {f"pool-{number}": {"machine_type": "g2-standard-12", "max_nodes": 1} for number in range(way.gpu_pools)}
    env = {
        **{key: value for key, value in os.environ.items() if not key.startswith("METAFLOW_GCP_")},
        "METAFLOW_GCP_ORG_PREFIX": "acme",
        "METAFLOW_GCP_PROJECT": "acme-ml",
        "METAFLOW_GCP_GPU_POOLS": json.dumps(pools),
        "METAFLOW_GCP_SETTINGS": str(folder / "none.toml"),
        "CDKTF_OUTDIR": str(outdir),
        **way.env,
    }
    (folder / "none.toml").touch()
    start = time.monotonic()
    process = psutil.Popen([PYTHONS[way.cdk], "main.py"], cwd=PROJECT, env=env, stdout=subprocess.DEVNULL)
    peak = 0.0
    while watch and process.poll() is None:
        peak = max(peak, _memory(process))
        time.sleep(SAMPLE_SECONDS)
    process.wait()
    if watch:
        way.megabytes = peak
    else:
        way.seconds.append(time.monotonic() - start)
    if process.returncode:
        sys.exit(f"synth failed ({way.name})")
    files = sorted(outdir.glob("stacks/*/cdk.tf.json"))
    way.digest = sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    # As `metaflow-gcp plan` and the rehearsal count them: without Terraform's own guard in each stack.
    way.resources = sum(
        len(instances)
        for file in files
        for type_, instances in json.loads(file.read_text()).get("resource", {}).items()
        if type_ != "terraform_data"
    )


def _memory(process: psutil.Process) -> float:
    total = 0
    try:
        tree = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    for each in tree:
        try:
            info = each.memory_full_info()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        total += getattr(info, "pss", 0) or info.rss
    return total / 1e6


if __name__ == "__main__":
    main()
