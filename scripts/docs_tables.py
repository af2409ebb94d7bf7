"""Writes the tables in docs/ that are made from the synthesized stacks: what idles, and what the client is told.

    python scripts/docs_tables.py

A test compares them with what it would write.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent.parent
SETTINGS = {"METAFLOW_GCP_ORG_PREFIX": "acme", "METAFLOW_GCP_PROJECT": "acme-metaflow"}

FOOTPRINT = """\
# What runs at rest

What the platform's own services request while nobody runs a flow, with the settings' defaults. GKE's own components on
the system pool come on top. Task and GPU pools are at zero nodes.

"""
PROFILE = """\
# The client's profile

What the services stack writes into the bucket as `metaflow-gcp/config.json`: Metaflow's configuration, complete.
`<...>` stands for what is known once the platform is deployed.

The setting `client_profile` adds further keys for the whole team, such as `METAFLOW_KUBERNETES_CPU = "2"`. It takes
what the supported clients read, except for the keys of this table; nothing else would do anything. They go to everybody
who uses the platform: no secrets.

"""
WRITTEN_BY = "\nWritten by `python scripts/docs_tables.py`.\n"


@dataclass(frozen=True, kw_only=True)
class Part:
    """Containers of one kind that always run."""

    name: str
    pods: int
    millicpus: int
    mebibytes: int


def main() -> None:
    for name, text in documents().items():
        (PROJECT / "docs" / name).write_text(text, "utf-8")


def documents() -> dict[str, str]:
    """File name in docs/ -> its text."""
    services = synthesized()
    return {"idle-footprint.md": _footprint(list(parts(services))), "client-profile.md": _profile(services)}


def synthesized() -> dict[str, Any]:
    """The services stack of the settings' defaults."""
    with tempfile.TemporaryDirectory() as folder:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("METAFLOW_GCP_")}
        (Path(folder) / "settings.toml").touch()
        here = {"METAFLOW_GCP_SETTINGS": f"{folder}/settings.toml", "CDKTF_OUTDIR": f"{folder}/cdktf.out"}
        subprocess.run([sys.executable, "main.py"], cwd=PROJECT, env=inherited | SETTINGS | here, check=True)
        return dict(json.loads(Path(folder, "cdktf.out/stacks/services/cdk.tf.json").read_text("utf-8")))


def parts(services: dict[str, Any]) -> Iterator[Part]:
    """Everything of ours that runs at rest: our Deployments, and what the charts' values ask for."""
    for deployment in services["resource"]["kubernetes_deployment_v1"].values():
        spec = deployment["spec"]
        for container in spec["template"]["spec"]["container"]:
            yield _part(container["name"], container["resources"], int(spec["replicas"]))
    for release in services["resource"].get("helm_release", {}).values():
        values = json.loads(release["values"][0])
        for path, resources in _resources(values):
            # Neither runs at rest: a helper beside each task, and what runs while the chart is installed.
            if path[0] not in {"executor", "mainContainer", "hooks"}:
                name = " ".join((release["name"], *(step for step in path if step != "resources")))
                yield _part(name, resources, values["eventBus"]["replicas"] if path[0] == "eventBus" else 1)


def _resources(values: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    if isinstance(values, dict):
        if "requests" in values:
            yield path, values
        for key, value in values.items():
            yield from _resources(value, (*path, key))


def _part(name: str, resources: dict[str, Any], pods: int) -> Part:
    requests = resources["requests"]
    return Part(
        name=name,
        pods=pods,
        millicpus=pods * _millicpus(requests["cpu"]),
        mebibytes=pods * _mebibytes(requests["memory"]),
    )


def _millicpus(quantity: str) -> int:
    return int(quantity.removesuffix("m")) if quantity.endswith("m") else int(quantity) * 1000


def _mebibytes(quantity: str) -> int:
    return int(quantity.removesuffix("Mi")) if quantity.endswith("Mi") else int(quantity.removesuffix("Gi")) * 1024


def _footprint(found: list[Part]) -> str:
    total = Part(
        name="**together**",
        pods=sum(part.pods for part in found),
        millicpus=sum(part.millicpus for part in found),
        mebibytes=sum(part.mebibytes for part in found),
    )
    rows = [
        f"| {part.name} | {part.pods} | {part.millicpus} m | {part.mebibytes} Mi |"
        for part in [*sorted(found, key=lambda part: part.name), total]
    ]
    heading = ["| container | instances | CPU | memory |", "|---|---:|---:|---:|"]
    return FOOTPRINT + "\n".join([*heading, *rows]) + "\n" + WRITTEN_BY


def _profile(services: dict[str, Any]) -> str:
    profile = json.loads(services["output"]["client_profile"]["value"])
    rows = [f"| `{key}` | `{_readable(value)}` |" for key, value in profile.items()]
    return PROFILE + "\n".join(["| key | value |", "|---|---|", *rows]) + "\n" + WRITTEN_BY


def _readable(value: str) -> str:
    """References as `<what they name>`."""
    return re.sub(r"\$\{(.*?)\}", lambda found: f"<{_named(found[1])}>", value)


def _named(reference: str) -> str:
    if ".outputs." in reference:
        return reference.rsplit(".", 1)[-1].replace("_", " ")
    kind, name, *rest = reference.split(".")
    kind = kind.removeprefix("data") or name
    return f"{kind.removeprefix('kubernetes_').removesuffix('_v1').replace('_', ' ')} {rest[-1].split('[')[0]}"


if __name__ == "__main__":
    main()
