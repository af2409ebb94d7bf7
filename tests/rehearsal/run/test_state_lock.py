"""Two people deploy at once: the real Terraform with its local backend, and `gcs` against a stand-in."""

import contextlib
import json
import os
import signal
import subprocess

import pytest

from rehearsal.cloud.model import Cloud
from rehearsal.faults.healing import cures
from tests.stand_in_storage import storage

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "GOOGLE_"))}


class Folder:
    """A stack whose second resource waits until somebody writes into a pipe."""

    def __init__(self, folder, backend, environment):
        self.folder, self.environment = folder, CLEAN | environment | {"CHECKPOINT_DISABLE": "1"}
        self.pipe, self.reached = folder / "pipe", folder / "reached"
        os.mkfifo(self.pipe)
        os.mkfifo(self.reached)
        waits = {"local-exec": {"command": f"echo > {self.reached}; cat {self.pipe}"}}
        second = {"input": "b", "depends_on": ["terraform_data.first"], "provisioner": [waits]}
        stack = {"terraform": {"backend": backend}, "resource": {"terraform_data": {"first": {"input": "a"}}}}
        stack["resource"]["terraform_data"]["second"] = second
        (folder / "cdk.tf.json").write_text(json.dumps(stack))
        self.run("init", "-input=false")

    def start(self, *arguments):
        return subprocess.Popen(
            ["terraform", *arguments, "-no-color"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments):
        process = self.start(*arguments)
        said, _ = process.communicate()
        return process.returncode, " ".join(said.split())

    @contextlib.contextmanager
    def applying(self):
        """While somebody applies: the first resource is there, the second is being made."""
        process = self.start("apply", "-auto-approve")
        self.reached.read_text()
        yield process
        process.communicate()

    def go_on(self):
        self.pipe.write_text("")

    def killed(self, process):
        os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(params=["local", "gcs"])
def place(request, tmp_path):
    """A folder, and what its state's lock says when it is held."""
    if request.param == "local":
        folder = Folder(tmp_path, {"local": {"path": str(tmp_path / "a.tfstate")}}, {})
        yield folder, "Error message: resource temporarily unavailable", (tmp_path / "a.tfstate").read_text
        return
    with storage() as (served, environment):
        backend = {"gcs": {"bucket": "states", "prefix": "metaflow"}}
        held = "googleapi: Error 412: At least one of the pre-conditions you specified did not hold., conditionNotMet"

        def state():
            return served.objects["states", "metaflow/default.tfstate"][1].decode()

        yield Folder(tmp_path, backend, environment), held, state


def test_the_second_is_refused_or_waits(place):
    folder, held, _ = place
    with folder.applying() as first:
        code, said = folder.run("plan", "-input=false")
        assert code == 1
        assert "Error acquiring the state lock" in said
        assert held in said
        second = folder.start("plan", "-detailed-exitcode", "-lock-timeout=300s")
        folder.go_on()
    assert first.returncode == 0
    said, _ = second.communicate()
    assert second.returncode == 0, said
    assert "No changes" in said


def test_a_lock_that_its_holder_left_behind(place, tmp_path):
    """In a bucket it stays, until somebody removes it; of a file it goes with the process."""
    folder, held, state = place
    with folder.applying() as first:
        folder.killed(first)
    in_bucket = "412" in held
    # Terraform writes a file at once, and a bucket every 20 seconds (its local backend's hook_state.go).
    assert ("first" in state()) != in_bucket
    code, said = folder.run("plan", "-detailed-exitcode")
    if in_bucket:
        assert code == 1
        [cure] = cures(Cloud(tmp_path / "cloud.sqlite"), tmp_path, said)
        assert cure.arguments[:2] == ("force-unlock", "-force")
        assert folder.run(*cure.arguments)[0] == 0
        code, said = folder.run("plan", "-detailed-exitcode")
    assert code == 2, said
