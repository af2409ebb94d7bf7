"""Writes the tables in pages that are made from the synthesized stacks: what idles and costs, what the client is told.

    python scripts/docs_tables.py

A test compares them with what it would write.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

sys.path.insert(0, str(Path(__file__).parents[1]))

from metaflow_gcp.metaflow.argo import events_rights, jobset_rights, workflows_rights
from metaflow_gcp_tools.clock import graph
from metaflow_gcp_tools.clock.expected import expected
from metaflow_gcp_tools.commands.plan import costs, show_costs
from metaflow_gcp_tools.commands.plan.contents import Stacks
from metaflow_gcp_tools.prices.book import Book
from rehearsal.cloud.quantities import amount
from scripts import marked

PROJECT = Path(__file__).parent.parent
DOCS = PROJECT / "docs"
_WAYS: dict[str, Literal["create", "delete"]] = {"deployment": "create", "destruction": "delete"}
_TURNS = (10, 20)
"""Terraform's default, and what scripts/deploy.py asks for."""
SETTINGS = {"METAFLOW_GCP_ORG_PREFIX": "acme", "METAFLOW_GCP_PROJECT": "acme-metaflow"}

ENDPOINT = {
    "google_compute_global_forwarding_rule": {"it": {"name": "lb-metaflow-default-443"}},
    "google_compute_security_policy": {"it": {"name": "lb-metaflow-default", "rule": [{}, {}]}},
}
"""What of it costs while nobody comes; it is off by default."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """Containers of one kind that always run."""

    name: str
    pods: int
    millicpus: int
    mebibytes: int


def main() -> None:
    for name, text in documents(synthesized()).items():
        (DOCS / name).write_text(text, "utf-8")


def documents(stacks: dict[str, dict[str, Any]]) -> dict[str, str]:
    """File name, from docs/ on -> its text."""
    services = stacks["services"]
    written = {
        "../README.md": _prices(stacks),
        "idle-footprint.md": _footprint(list(parts(services))),
        "client-profile.md": _profile(services),
        "rights.md": _rights(services),
        "rehearsal.md": _times(stacks),
    }
    return {name: marked.put((DOCS / name).read_text("utf-8"), "docs_tables.py", it) for name, it in written.items()}


def synthesized() -> dict[str, dict[str, Any]]:
    """The stacks of the settings' defaults."""
    with tempfile.TemporaryDirectory() as folder:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("METAFLOW_GCP_")}
        (Path(folder) / "settings.toml").touch()
        here = {"METAFLOW_GCP_SETTINGS": f"{folder}/settings.toml", "CDKTF_OUTDIR": f"{folder}/cdktf.out"}
        subprocess.run([sys.executable, "main.py"], cwd=PROJECT, env=inherited | SETTINGS | here, check=True)
        return Stacks.read(Path(folder, "cdktf.out")).configurations


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
        millicpus=pods * int(1000 * (amount(requests["cpu"]) or 0)),
        mebibytes=pods * int((amount(requests["memory"]) or 0) / 2**20),
    )


def _times(stacks: dict[str, dict[str, Any]]) -> str:
    """How long a deployment and its destruction take, with Terraform's ten turns and with those of `make deploy`."""
    graphs = {name: graph.read(configuration) for name, configuration in stacks.items()}
    rows = ["| expected | " + " | ".join(f"{turns} at a time" for turns in _TURNS) + " |", "|---|---:|---:|"]
    for name, way in _WAYS.items():
        seconds = [expected(graphs, way, parallelism=turns).seconds for turns in _TURNS]
        rows.append(f"| {name} | " + " | ".join(f"{each // 60} min {each % 60} s" for each in seconds) + " |")
    return "\n".join(rows) + "\n"


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
    return "\n".join([*heading, *rows]) + "\n"


def _prices(stacks: dict[str, dict[str, Any]]) -> str:
    """By the list that comes with the command: the same on every day and machine."""
    [provider] = stacks["infra"]["provider"]["google"]
    found = costs.of(Stacks(stacks), Book.shipped(), provider["region"])
    endpoint = costs.of(Stacks({"infra": {"resource": ENDPOINT}}), Book.shipped(), provider["region"])
    extra = " and ".join(each.what for each in endpoint.at_rest)
    currency = found.book.currency
    at_rest = [f"| {cost.what} | {show_costs.month(cost)} |" for cost in found.at_rest]
    hours = [f"| {each.pool} | {each.machine} | {show_costs.hour(each.hour)} |" for each in found.hours]
    return "\n".join(
        [
            f"In {found.region}, with the prices of {found.book.date}:\n",
            f"| at rest | {currency} a month |",
            "|---|---:|",
            *at_rest,
            f"| **total, without usage-based costs** | **{found.month:.2f}** |",
            f"| with `endpoint.enabled`, also {extra} | + {endpoint.month:.2f} |\n",
            f"| pool | a node | {currency} an hour |",
            "|---|---|---:|",
            *hours,
            "",
        ]
    )


def _profile(services: dict[str, Any]) -> str:
    profile = json.loads(services["output"]["client_profile"]["value"])
    rows = [f"| `{key}` | `{_readable(value)}` |" for key, value in profile.items()]
    return "\n".join(["| key | value |", "|---|---|", *rows]) + "\n"


def _rights(services: dict[str, Any]) -> str:
    """Of the accounts that roles are bound to; a right without a reason is an error."""
    resources = services["resource"]
    granted = {
        "argo-controller-config": workflows_rights.CONTROLLER_CONFIG,
        "argo-controller-workflows": workflows_rights.CONTROLLER,
        "argo-server-config": workflows_rights.SERVER_CONFIG,
        "argo-server-workflows": workflows_rights.SERVER,
        "argo-executor": workflows_rights.EXECUTOR,
        "argo-events-controller": events_rights.CONTROLLER,
        "metaflow-sensor": events_rights.SENSOR,
        "jobset-executor": jobset_rights.EXECUTOR,
    }
    text: dict[str, list[str]] = {}
    in_ = ""
    for binding in resources["kubernetes_role_binding_v1"].values():
        if binding["subject"][0]["kind"] != "ServiceAccount":
            continue
        account = _referred(resources, binding["subject"][0]["name"])
        where = _referred(resources, account["metadata"]["namespace"])["metadata"]["name"]
        lines = text.setdefault(f"## `{account['metadata']['name']}` in the namespace `{where}`", [])
        role = _referred(resources, binding["role_ref"]["name"])
        held = _referred(resources, role["metadata"]["namespace"])["metadata"]["name"]
        if not lines or held != in_:
            lines += [f"\nIn `{held}`:\n", "| on | may | of these unseen | for |", "|---|---|---|---|"]
        in_ = held
        for rule in role["rule"]:
            names = tuple(rule.get("resource_names", ()))
            [right] = [
                each
                for each in granted[role["metadata"]["name"]]
                if (list(each.resources), list(each.verbs), each.names) == (rule["resources"], rule["verbs"], names)
            ]
            on = _listed(rule["resources"]) + (f" named {_listed(names)}" if names else "")
            lines.append(f"| {on} | {_listed(rule['verbs'])} | {_listed(right.unseen)} | {right.why} |")
    return "\n\n".join("\n".join([title, *lines]) for title, lines in sorted(text.items())) + "\n"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{each}`" for each in names)


def _referred(resources: dict[str, Any], reference: str) -> dict[str, Any]:
    kind, name = reference.removeprefix("${").split(".")[:2]
    return dict(resources[kind][name])


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
