"""Stand-ins for gcloud and kubectl, for the tests of the documents: no account, and no cluster.

`python tests/stand_ins.py gcloud auth login` accepts the commands below with the flags that the real tools have,
refuses everything else, and answers from the simulated cloud: what a document names must be deployed there.
"""

import json
import sys
from collections.abc import Callable
from os import environ
from pathlib import Path
from typing import Any, NoReturn

from rehearsal.cloud.model import ENVIRONMENT, Cloud

Options = dict[str, str]


def copy(cloud: Cloud, source: str, destination: str, **_options: str) -> None:
    bucket, _, name = source.removeprefix("gs://").partition("/")
    for each in cloud.all("google_storage_bucket_object"):
        if (each.state["bucket"], each.state["name"]) == (bucket, name):
            Path(destination).write_text(str(each.state["content"]))
            return
    fail(f"there is no {source}")


def get_credentials(cloud: Cloud, name: str, **options: str) -> None:
    for each in cloud.all("google_container_cluster", options["project"]):
        if (each.state["name"], each.state["location"]) == (name, options["location"]) and "dns_endpoint" in options:
            _kubeconfig().parent.mkdir(exist_ok=True)
            _kubeconfig().write_text(json.dumps({"cluster": each.key.id}))
            return
    fail(f"no cluster {name} can be reached so: {options}")


def forward(cloud: Cloud, what: str, ports: str, **options: str) -> None:
    if not _kubeconfig().exists():
        fail("no credentials: gcloud container clusters get-credentials comes first")
    cluster = json.loads(_kubeconfig().read_text())["cluster"]
    _, name = what.split("/")
    _local, remote = ports.split(":")
    for each in cloud.all("kubernetes_service", cluster):
        found: Any = each.state
        ports_there = {str(port["port"]) for port in found["spec"][0]["port"]}
        if each.key.id == f"{options['namespace']}/{name}" and remote in ports_there:
            return
    fail(f"there is no port {remote} of {what} in {options['namespace']}")


def accept(_cloud: Cloud, *_arguments: str, **_options: str) -> None:
    """Needs an account to do anything."""


COMMANDS: dict[str, tuple[Callable[..., None], set[str]]] = {
    "gcloud auth login": (accept, set()),
    "gcloud auth application-default login": (accept, set()),
    "gcloud config set": (accept, set()),
    "gcloud components install": (accept, set()),
    "gcloud compute regions describe": (accept, {"flatten", "format", "project"}),
    "gcloud compute project-info describe": (accept, {"flatten", "format", "project"}),
    "gcloud storage buckets create": (
        accept,
        {"location", "project", "uniform_bucket_level_access", "public_access_prevention"},
    ),
    "gcloud storage buckets update": (accept, {"versioning"}),
    "gcloud storage cp": (copy, set()),
    "gcloud container clusters get-credentials": (get_credentials, {"location", "project", "dns_endpoint"}),
    "kubectl port-forward": (forward, {"namespace"}),
}
SWITCHES = {"uniform_bucket_level_access", "public_access_prevention", "versioning", "dns_endpoint"}


def parse(words: list[str]) -> tuple[list[str], Options]:
    arguments: list[str] = []
    options: Options = {}
    rest = iter(words)
    for word in rest:
        if not word.startswith("--"):
            arguments.append(word)
            continue
        name, given, value = word.removeprefix("--").partition("=")
        name = name.replace("-", "_")
        options[name] = value if given or name in SWITCHES else next(rest, "")
    return arguments, options


def main(line: list[str]) -> None:
    command = next((name for name in COMMANDS if line[: name.count(" ") + 1] == name.split()), None)
    if command is None:
        fail(f"unknown: {' '.join(line)}")
    act, allowed = COMMANDS[command]
    arguments, options = parse(line[command.count(" ") + 1 :])
    if not options.keys() <= allowed:
        fail(f"{command} has no {', '.join(sorted(options.keys() - allowed))}")
    act(Cloud(Path(environ[ENVIRONMENT])), *arguments, **options)


def _kubeconfig() -> Path:
    return Path.home() / ".kube" / "config"


def fail(message: str) -> NoReturn:
    sys.exit(f"stand-in: {message}")


if __name__ == "__main__":
    main(sys.argv[1:])
