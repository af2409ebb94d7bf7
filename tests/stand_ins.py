"""Stand-ins for gcloud and kubectl, for the tests of the documents: no account, and no cluster.

`python tests/stand_ins.py gcloud auth login` accepts the commands below with the flags that the real tools have,
refuses everything else.
"""

import json
import sys
from collections.abc import Callable
from os import environ
from pathlib import Path
from typing import NoReturn

from rehearsal.cloud.model import ENVIRONMENT, Cloud

Options = dict[str, str]


def accept(_cloud: Cloud, *_arguments: str, **_options: str) -> None:
    """Needs an account to do anything."""


def tell_gcloud_s_version(_cloud: Cloud, **_options: str) -> None:
    print(json.dumps({"Google Cloud SDK": "545.0.0"}))  # noqa: T201 - as the real one


def tell_kubectl_s_version(_cloud: Cloud, **_options: str) -> None:
    print(json.dumps({"clientVersion": {"gitVersion": "v1.34.1"}}))  # noqa: T201 - as the real one


COMMANDS: dict[str, tuple[Callable[..., None], set[str]]] = {
    "gcloud auth login": (accept, set()),
    "gcloud auth application-default login": (accept, set()),
    "gcloud config set": (accept, set()),
    "gcloud components install": (accept, set()),
    "gcloud version": (tell_gcloud_s_version, {"format"}),
    "gcloud storage buckets create": (
        accept,
        {"location", "project", "uniform_bucket_level_access", "public_access_prevention"},
    ),
    "gcloud storage buckets update": (accept, {"versioning"}),
    "kubectl version": (tell_kubectl_s_version, {"client", "output"}),
}
SWITCHES = {"uniform_bucket_level_access", "public_access_prevention", "versioning", "client"}


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


def fail(message: str) -> NoReturn:
    sys.exit(f"stand-in: {message}")


if __name__ == "__main__":
    main(sys.argv[1:])
