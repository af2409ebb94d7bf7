"""What a client does with the profile: run once, and looked at by many tests."""

import json
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.metaflow import deploying
from tests.metaflow.clients import Client
from tests.metaflow.deploying import Deployed
from tests.metaflow.laptop import Laptop, laptop, objects
from tests.metaflow.stand_ins import Kubernetes, MetadataService, Request

_READ = """
import json, os, sys
from metaflow import metaflow_config

with open(os.path.join(os.environ["METAFLOW_HOME"], "config.json")) as file:
    keys = json.load(file)
print(json.dumps({key: getattr(metaflow_config, key.removeprefix("METAFLOW_"), None) for key in keys}))
"""


def what_is_read(client: Client, profile: dict[str, str], home: Path) -> dict[str, str | None]:
    """What the client makes of a configuration. Its setting `X` comes from `METAFLOW_X`, or from nowhere."""
    (home / "config.json").write_text(json.dumps(profile))
    env = {"METAFLOW_HOME": str(home), "HOME": str(home)}
    told = subprocess.run([client.python, "-c", _READ], env=env, capture_output=True, text=True, check=True)
    return dict(json.loads(told.stdout))


@dataclass(frozen=True, kw_only=True)
class Recording:
    told: dict[str, str]
    """Command -> what it printed."""
    compiled: dict[str, Any]
    """The workflow template that `argo-workflows create --only-json` prints."""
    requests: list[Request]
    """What was asked of Kubernetes."""
    objects: list[str]
    """What was put into the bucket."""
    read: dict[str, str | None]
    """What the client made of the profile."""
    deployed: Deployed
    """What came of the flows in `variants`."""

    def requests_for(self, verb: str, resource: str) -> list[Request]:
        return [each for each in self.requests if (each.verb, each.resource) == (verb, resource)]

    @classmethod
    def load(cls, file: Path) -> "Recording":
        saved = json.loads(file.read_text())
        deployed = Deployed(**saved["deployed"] | {"requests": _requests(saved["deployed"])})
        return cls(**saved | {"requests": _requests(saved), "deployed": deployed})

    def save(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self)))


def _requests(saved: dict[str, Any]) -> list[Request]:
    return [Request(**each) for each in saved["requests"]]


def record(folder: Path, client: Client, profile: dict[str, str]) -> Recording:
    mine = folder / client.release
    mine.mkdir()
    with (
        Kubernetes() as kubernetes,
        MetadataService() as service,
        laptop(mine, client, profile, kubernetes, service) as machine,
    ):
        told = {"configure show": machine.metaflow("configure", "show"), "status": machine.metaflow("status")}
        compiled = _deploy(machine)
        _run(machine, kubernetes)
        requests = list(kubernetes.requests)
        bucket = profile["METAFLOW_DATASTORE_SYSROOT_GS"].removeprefix("gs://").split("/")[0]
        return Recording(
            told=told,
            compiled=compiled,
            requests=requests,
            objects=objects(machine.environment["STORAGE_EMULATOR_HOST"], bucket),
            read=what_is_read(client, profile, machine.folder / "home"),
            deployed=deploying.deploy(machine, kubernetes),
        )


_DEPLOYED = ("deployed.py", "--with", "kubernetes", "argo-workflows")


def _deploy(machine: Laptop) -> dict[str, Any]:
    """A deployed flow's life: printed, made, changed, started by hand, removed. Returns what was printed."""
    commands = (("create", "--only-json"), ("create",), ("create",), ("trigger",), ("delete",))
    ran = machine.fork([[*_DEPLOYED, *command] for command in commands])["ran"]
    assert [each["code"] for each in ran] == [0] * len(commands), ran
    printed = ran[0]["said"]
    return dict(json.JSONDecoder().raw_decode(printed[printed.index("{\n") :])[0])


def _run(machine: Laptop, kubernetes: Kubernetes) -> None:
    """From the laptop, until everything that goes to the cluster is there and looked after."""

    def watched() -> bool:
        asked = [(each.verb, each.resource) for each in list(kubernetes.requests)]
        return asked.count(("create", "jobs")) == 2 and ("get", "jobsets") in asked and ("list", "pods") in asked

    machine.run_until(watched, "laptop.py", "run")
