"""The flows in examples/flows: the real client compiles each for Argo and for Kubernetes, and runs what it can here.

The image of CPU steps is the environment that its Dockerfile's own RUN line makes; a pod is a process in it.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metaflow_gcp_tools.commands.image import images
from tests.images import cpu_set
from tests.metaflow import clients
from tests.metaflow.checks import check
from tests.metaflow.clients import Client
from tests.metaflow.deploying import Deployed
from tests.metaflow.deployment import Deployment
from tests.metaflow.laptop import FORWARD, PATIENCE, Laptop, laptop, objects
from tests.metaflow.pods import Pod, of_job, of_job_set, of_template
from tests.metaflow.recording import Recording
from tests.metaflow.running import RunningKubernetes
from tests.metaflow.stand_ins import Answer, Kubernetes, MetadataService, Server

ROOT = Path(__file__).parents[2]
FLOWS = ROOT / "examples/flows"
NAMES = sorted(file.stem for file in FLOWS.glob("*.py") if file.stem != "smoke")
ON_GPUS = {"gpu": 1, "parallel_training": 2}
"""Flow -> pods with a GPU."""


@pytest.fixture(scope="module")
def newest(prepared: Path) -> Client:
    return clients.client("newest")


@pytest.fixture
def machine(
    tmp_path: Path, client: Client, prepared: Path, deployment: Deployment
) -> Iterator[tuple[Laptop, Kubernetes]]:
    with (
        Kubernetes() as kubernetes,
        MetadataService() as service,
        laptop(tmp_path, client, deployment.profile, kubernetes, service) as made,
    ):
        for file in FLOWS.glob("*.py"):
            shutil.copy(file, made.folder / "flows")
        yield made, kubernetes


def test_there_are_as_many_as_the_page_says() -> None:
    assert NAMES == [
        "foreach_spot",
        "gpu",
        "hello",
        "on_event",
        "parallel_training",
        "scheduled",
        "with_secrets",
    ]


def test_each_compiles_for_argo_and_names_what_is_there(
    machine: tuple[Laptop, Kubernetes], deployment: Deployment
) -> None:
    made, _ = machine
    create = ("--with", "kubernetes", "argo-workflows", "create", "--only-json")
    ran = made.fork([[f"{name}.py", *create] for name in NAMES])["ran"]
    bucket = deployment.profile["METAFLOW_DATASTORE_SYSROOT_GS"].removeprefix("gs://").split("/")[0]
    stored = objects(made.environment["STORAGE_EMULATOR_HOST"], bucket)
    nothing = Deployed(said={}, requests=[], options=[], decorators=[])
    recorded = Recording(told={}, compiled={}, requests=[], objects=stored, read={}, deployed=nothing)
    for name, ended in zip(NAMES, ran, strict=True):
        printed = ended["said"]
        assert ended["code"] == 0, printed
        template = json.JSONDecoder().raw_decode(printed[printed.index("{\n") :])[0]
        pods = [
            pod for pod in of_template(template, deployment.workflow_defaults) if pod.env and "hook" not in pod.step
        ]
        assert len(pods) >= 2, name
        for pod in pods:
            if pod.node_selector:
                _check_spot(pod)
            else:
                check(pod, deployment, recorded)
        assert sum(pod.gpus for pod in pods) == ON_GPUS.get(name, 0), name
        _check_images(pods, deployment)


def _check_spot(pod: Pod) -> None:
    assert pod.step == "count"
    assert pod.node_selector == {"cloud.google.com/gke-spot": "true"}
    [toleration] = pod.tolerations
    # With this taint node auto-provisioning makes spot nodes.
    assert (toleration["key"], toleration["value"]) == ("cloud.google.com/gke-spot", "true")


def _check_images(pods: list[Pod], deployment: Deployment) -> None:
    """They are in the team's registry once `image build` and `image push` ran for them."""
    table = images.read(ROOT / "docker", ["cpu", "gpu", "gpu-cuda13", "gpu-guide"], ())
    built = {f"{deployment.profile['METAFLOW_DEFAULT_CONTAINER_REGISTRY']}/{image.name}:latest" for image in table}
    for pod in pods:
        assert pod.image in (built if pod.gpus else {deployment.profile["METAFLOW_DEFAULT_CONTAINER_IMAGE"]})


@pytest.mark.parametrize("client", ["newest"], indirect=True)
@pytest.mark.parametrize(("name", "kind"), [("gpu", "jobs"), ("parallel_training", "jobsets")])
def test_on_kubernetes_gpu_steps_run_in_the_gpu_image(
    machine: tuple[Laptop, Kubernetes], deployment: Deployment, name: str, kind: str
) -> None:
    made, kubernetes = machine
    made.run_until(lambda: bool(kubernetes.created(kind)), f"{name}.py", "run")
    [created] = kubernetes.created(kind)
    pods = [of_job(created)] if kind == "jobs" else list(of_job_set(created, ""))
    assert [pod.gpus for pod in pods] == [1] * ON_GPUS[name]
    _check_images(pods, deployment)


def test_tasks_run_to_the_end_in_the_cpu_image(tmp_path: Path, newest: Client, deployment: Deployment) -> None:
    """With what the image has and nothing else: no task installs a package."""
    more: dict[str, str] = {}
    with (
        RunningKubernetes(cpu_set.install(), more) as kubernetes,
        MetadataService() as service,
        laptop(tmp_path, newest, deployment.profile, kubernetes, service) as made,
    ):
        for name in ("STORAGE_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS", FORWARD):
            more[name] = made.environment[name]
        shutil.copy(FLOWS / "foreach_spot.py", made.folder / "flows")
        said = made.run("foreach_spot.py", "run", "--tasks", "1", "--max-workers", "1")
    assert "1229 primes in all" in said
    [log] = kubernetes.logs
    assert "Task is starting." in log
    assert "1229 primes below 10000" in log
    assert "pip" not in log


def test_smoke_leaves_nothing_behind_when_interrupted(tmp_path: Path, newest: Client, deployment: Deployment) -> None:
    """Deployed, started by its event, and waited for: nothing comes of it here, for Argo is not there."""
    with (
        Kubernetes() as kubernetes,
        Webhook() as webhook,
        MetadataService() as service,
        laptop(tmp_path, newest, deployment.profile, kubernetes, service) as made,
        subprocess.Popen(
            [newest.python, FLOWS / "smoke.py", "--only", "on_event"],
            env=made.environment | {"METAFLOW_ARGO_EVENTS_WEBHOOK_URL": webhook.url, "TMPDIR": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as smoke,
    ):
        assert webhook.came.wait(PATIENCE)
        smoke.send_signal(signal.SIGINT)
        said, _ = smoke.communicate(timeout=PATIENCE)
    assert smoke.returncode == 130, said
    assert webhook.events[0]["name"] == "first-flows-data-arrived"
    asked = [each.verb for each in kubernetes.requests if each.resource == "workflowtemplates"]
    assert "create" in asked
    assert asked[-1] == "delete"


class Webhook(Server):
    """Takes events."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.came = threading.Event()

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        self.events.append(body)
        self.came.set()
        return 200, {}


def _smoke(newest: Client, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [newest.python, FLOWS / "smoke.py", *arguments],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "USER": "ada",
            "TMPDIR": str(folder),
            "METAFLOW_HOME": str(home),
            "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(home),
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_smoke_runs_to_the_end_here(newest: Client, tmp_path: Path) -> None:
    ran = _smoke(newest, tmp_path, "--local", "--json")
    assert ran.returncode == 0, ran.stdout
    told = json.loads(ran.stdout)
    assert told["ok"] is True
    assert [each["flow"] for each in told["flows"]] == ["hello", "scheduled", "on_event"]
    logs = {each["flow"]: Path(each["log"]).read_text() for each in told["flows"]}
    assert "hello, world, from" in logs["hello"]
    assert "data of none arrived" in logs["on_event"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--only", "gpu", "--local"), 2, "there is no flow gpu --local"),
        (("--only", "hello", "--local", "--timeout", "0"), 1, "stopped"),
        # No platform is configured, and no kubeconfig.
        (("--only", "hello"), 1, "failed"),
    ],
)
def test_smoke_says_what_did_not_pass(
    newest: Client, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ran = _smoke(newest, tmp_path, *arguments)
    assert ran.returncode == code
    assert re.search(rf"\b{said}\b", ran.stdout + ran.stderr)
