"""`metaflow-gcp image`: what it starts, in which order, and what it says when that fails."""

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from metaflow_gcp_tools.commands.image import images
from tests.tools.commands.image.conftest import PREFIX
from tests.tools.commands.image.stand_in_programs import HANGS, TOKEN
from tests.tools.conftest import PROGRAM
from tests.tools.stand_in_google import Refusal


def _reference(ran, name):
    return next(row["reference"] for row in ran.document["result"]["images"] if row["name"] == name)


def test_build_starts_docker_once_for_each_image(image, machine):
    ran = image("build", "cpu", "gpu", "--json")
    assert ran.exit_code == 0
    cpu, gpu = machine.commands()
    assert re.fullmatch(
        rf"docker build --platform linux/amd64 --file {machine.docker}/cpu/Dockerfile "
        rf"--tag {PREFIX}/metaflow-cpu:[0-9a-f]{{16}} {machine.docker}",
        cpu,
    )
    assert "--build-arg PROFILE=cuda12" in gpu
    assert machine.calls[-1]["buildkit"] == "1"
    assert [row["built"] for row in ran.document["result"]["images"]] == [True, True]


def test_the_same_inputs_are_built_once(image, machine):
    image("build", "cpu", "gpu")
    machine.forget()
    again = image("build", "cpu", "gpu")
    assert again.exit_code == 0
    assert machine.commands() == []
    assert again.stderr.count("is on this machine: nothing to build") == 2


def test_what_a_colleague_pushed_is_not_built(image, machine):
    image("build", "cpu")
    image("push", "cpu")
    (machine.folder / "built").unlink()
    ran = image("build", "cpu")
    assert "is in the registry: nothing to build" in ran.stderr
    assert len(machine.commands("docker build")) == 1


@pytest.mark.parametrize(
    ("file", "concerned"),
    [
        ("check.py", {"cpu", "gpu", "gpu-guide"}),
        ("cpu/requirements.txt", {"cpu"}),
        ("gpu/cuda12/requirements.txt", {"gpu"}),
        ("gpu/Dockerfile", {"gpu", "gpu-guide"}),
        ("images.toml", set()),
    ],
)
def test_the_tag_follows_the_inputs(machine, file, concerned):
    names = ("cpu", "gpu", "gpu-guide")

    def tags():
        return {image.name: image.tag for image in images.read(machine.docker, names, ())}

    before = tags()
    changed = machine.docker / file
    changed.write_text(changed.read_text() + "\n# changed\n")
    after = tags()
    assert {name for name in names if before[f"metaflow-{name}"] != after[f"metaflow-{name}"]} == concerned


def test_arguments_of_the_build_are_inputs(image, machine):
    with_toolkit = image("build", "gpu", "--build-arg", "EXTRA=toolkit", "--json")
    [plain] = images.read(machine.docker, ["gpu"], ())
    assert not _reference(with_toolkit, "metaflow-gpu").endswith(plain.tag)
    assert "--build-arg EXTRA=toolkit --build-arg PROFILE=cuda12" in machine.commands("docker build")[-1]


def test_push_moves_latest_when_everything_is_there(image, machine):
    built = image("build", "cpu", "gpu", "--json")
    cpu, gpu = (_reference(built, f"metaflow-{name}") for name in ("cpu", "gpu"))
    machine.forget()
    ran = image("push", "cpu", "gpu")
    assert ran.exit_code == 0
    assert machine.commands() == [
        "gcloud auth print-access-token",
        "docker login --username oauth2accesstoken --password-stdin us-west1-docker.pkg.dev",
        f"docker push {cpu}",
        f"docker push {gpu}",
        f"gcloud artifacts docker tags add --quiet {cpu} {PREFIX}/metaflow-cpu:latest",
        f"gcloud artifacts docker tags add --quiet {gpu} {PREFIX}/metaflow-gpu:latest",
    ]
    assert ran.stdout.splitlines() == [f'@kubernetes(image="{cpu}")', f'@kubernetes(image="{gpu}")']


def test_a_second_push_does_nothing(image, machine):
    machine.built("cpu")
    image("push", "cpu")
    before = machine.commands()
    again = image("push", "cpu", "--json")
    assert machine.commands() == before
    [row] = again.document["result"]["images"]
    assert (row["pushed"], row["moved_latest"]) == (False, False)


def test_an_older_image_becomes_latest_again(image, machine):
    machine.built("cpu")
    image("push", "cpu")
    check = machine.docker / "check.py"
    text = check.read_text()
    check.write_text(text + "\n")
    machine.built("cpu")
    image("push", "cpu")
    check.write_text(text)
    back = image("push", "cpu", "--json")
    [row] = back.document["result"]["images"]
    assert (row["pushed"], row["moved_latest"]) == (False, True)


def test_the_token_goes_to_docker_login_and_nowhere_else(image, machine):
    own = machine.home / ".docker"
    (own / "contexts").mkdir(parents=True)
    configuration = json.dumps({"currentContext": "colima", "credsStore": "osxkeychain", "auths": {"other": {}}})
    (own / "config.json").write_text(configuration)
    machine.built("cpu")
    ran = image("push", "cpu")
    assert ran.exit_code == 0
    [login] = [call for call in machine.calls if call["command"][:2] == ["docker", "login"]]
    assert login["stdin"].strip() == TOKEN
    # The daemon is the person's; the token is kept by no helper.
    assert login["config_json"] == {"currentContext": "colima"}
    assert all(TOKEN not in " ".join(call["command"]) for call in machine.calls)
    assert TOKEN not in ran.stdout + ran.stderr
    assert (own / "config.json").read_text() == configuration
    assert not Path(login["docker_config"]).exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_ended_in_the_middle_it_leaves_no_token_and_no_docker(machine, google, environment, number):
    machine.built("cpu")
    machine.let(docker_push=(0, HANGS))
    command = [PROGRAM, "image", "push", "cpu", "--docker", machine.docker]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        deadline = time.monotonic() + 60
        while not machine.commands("docker push") and time.monotonic() < deadline:
            time.sleep(0.05)
        [pushing] = [psutil.Process(each.pid) for each in psutil.Process(process.pid).children()]
        process.send_signal(number)
        said = process.communicate(timeout=60)[0].decode()
    assert process.returncode == (130 if number == signal.SIGINT else 128 + number)
    assert "Traceback" not in said
    assert not pushing.is_running()
    [login] = [call for call in machine.calls if call["command"][:2] == ["docker", "login"]]
    assert not Path(login["docker_config"]).exists()


def test_dry_run_shows_every_command_and_runs_none(image, machine, google):
    shown = [image(*command, "cpu", "--dry-run").stdout for command in [("build",), ("build", "--cloud"), ("push",)]]
    for line in (
        "$ docker build ",
        "$ gcloud builds submit ",
        "$ gcloud auth print-access-token |",
        "$ docker login ",
        "$ docker push ",
        "$ gcloud artifacts docker tags add ",
    ):
        assert line in "".join(shown)
    assert '"serviceAccount"' not in shown[1]
    assert f'"{PREFIX}/metaflow-cpu:' in shown[1]
    assert machine.calls == []
    assert google.calls == []


def test_cloud_build_pushes_under_the_tag_alone(image, machine):
    ran = image(
        "build", "gpu", "--cloud", "--service-account", "builder@acme-metaflow.iam.gserviceaccount.com", "--json"
    )
    assert ran.exit_code == 0
    [call] = machine.calls
    line = " ".join(call["command"])
    assert line.startswith(f"gcloud builds submit {machine.docker} --config ")
    assert line.endswith("--project acme-metaflow --region us-west1")
    config = call["config"]
    assert config["images"] == [_reference(ran, "metaflow-gpu")]
    [step] = config["steps"]
    assert step["args"][:2] == ["docker", "build"]
    assert step["args"][-1] == "."
    assert "./gpu/Dockerfile" in step["args"]
    assert config["serviceAccount"].endswith("/serviceAccounts/builder@acme-metaflow.iam.gserviceaccount.com")
    assert image("build", "gpu", "--cloud").stderr.count("nothing to build") == 1
    pushed = image("push", "gpu", "--json")
    assert pushed.document["result"]["images"][0]["moved_latest"] is True
    assert machine.commands("docker") == []


FAILURES = [
    ("push", "docker_push", "denied: Permission 'artifactregistry.repositories.uploadArtifacts' denied", "[access]"),
    ("push", "docker_push", "write tcp: connection reset by peer", "retry"),
    ("push", "docker_login", "Error: unauthorized: authentication failed", "ask an administrator"),
    ("push", "gcloud_auth", "ERROR: You do not currently have an active account selected.", "gcloud auth login"),
    ("push", "gcloud_artifacts", "ERROR: PERMISSION_DENIED", "ask an administrator"),
    ("build", "docker_build", "failed to copy: write /var/lib/docker: no space left on device", "disk is full"),
    ("build", "docker_build", "toomanyrequests: You have reached your pull rate limit", "Docker Hub"),
    ("build", "docker_image", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", "start Docker"),
    ("build", "docker_build", "process /bin/sh did not complete successfully: exit code: 1", "code 17"),
]


@pytest.mark.parametrize(("command", "program", "said", "told"), FAILURES)
def test_a_failure_is_told_with_the_way_on_and_nothing_is_half_tagged(image, machine, command, program, said, told):
    if command == "push":
        machine.built("cpu")
    machine.let(**{program: (17, said)})
    ran = image(command, "cpu")
    assert ran.exit_code == 1
    assert told in ran.stderr
    assert said.split(":")[0] in ran.stderr
    assert [reference for reference in machine.tags() if reference.endswith(":latest")] == []


def test_when_the_second_of_two_pushes_fails_no_latest_moves_and_the_same_command_goes_on(image, machine):
    built = image("build", "cpu", "gpu", "--json")
    machine.let(**{f"docker push {_reference(built, 'metaflow-gpu')}": (1, "EOF")})
    ran = image("push", "cpu", "gpu")
    assert ran.exit_code == 1
    assert machine.commands("gcloud artifacts") == []
    machine.let()
    again = image("push", "cpu", "gpu", "--json")
    assert again.exit_code == 0
    assert len([each for each in machine.tags() if each.endswith(":latest")]) == 2


def test_the_json_of_a_failure_is_one_document(image, machine):
    machine.let(docker_build=(1, "no space left on device"))
    ran = image("build", "cpu", "--json")
    assert ran.exit_code == 1
    assert ran.stderr == ""
    assert "disk is full" in ran.document["problems"][0]["what"]


@pytest.mark.parametrize(("cluster", "fits"), [("us-west1-b", True), ("europe-west4", False), ("us-west10", False)])
def test_a_registry_in_another_region_is_refused_before_anything(image, machine, cluster, fits):
    machine.configure(cluster_location=cluster)
    ran = image("build", "cpu")
    assert ran.exit_code == (0 if fits else 1)
    assert fits or f"is in us-west1, and the cluster in {cluster}" in ran.stderr
    assert fits or machine.calls == []


def test_what_was_not_built_is_not_pushed(image, machine):
    ran = image("push", "cpu", "gpu")
    assert ran.exit_code == 1
    assert ran.stderr.count("has not been built yet") == 2
    assert "metaflow-gcp image build gpu" in ran.stderr
    assert machine.commands() == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("build", "tpu"), "images are: cpu, gpu"),
        (("build", "cpu", "--build-arg", "EXTRA"), "is not NAME=VALUE"),
        (("build", "cpu", "--service-account", "a@b"), "add --cloud"),
        (("push", "cpu", "gpu", "--default"), "takes one image"),
        (("push",), "IMAGE"),
    ],
)
def test_wrong_use(image, machine, arguments, told):
    ran = image(*arguments)
    assert ran.exit_code == 2
    assert told in ran.stderr
    assert machine.calls == []


def test_elsewhere_the_folder_must_be_given(run):
    ran = run("image", "build", "cpu")
    assert ran.exit_code == 2
    assert "--docker DIR" in ran.stderr


def test_without_docker_there_is_cloud_build(image, machine):
    (machine.folder / "docker").unlink()
    ran = image("build", "cpu")
    assert ran.exit_code == 1
    assert "docker is not on the PATH" in ran.stderr
    assert "--cloud" in ran.stderr
    assert image("build", "cpu", "--cloud").exit_code == 0


def test_default_is_ones_own_and_the_teams_is_printed(image, machine):
    config = machine.home / ".metaflowconfig/config.json"
    config.write_text('{"METAFLOW_DEFAULT_DATASTORE": "gs",\n "MINE":  1}\n')
    machine.built("cpu")
    ran = image("push", "cpu", "--default")
    assert ran.exit_code == 0
    reference = ran.stdout.split('"')[1]
    assert f'[images]\ntask = "{reference}"' in ran.stdout
    text = config.read_text()
    assert '"MINE":  1' in text
    assert json.loads(text)["METAFLOW_DEFAULT_CONTAINER_IMAGE"] == reference


def test_check_says_where_images_are_and_runs_their_health_check(image, machine):
    first = image("check", "cpu")
    assert first.exit_code == 1
    assert "run `metaflow-gcp image build cpu`" in first.stderr
    image("build", "cpu")
    image("push", "cpu")
    ran = image("check", "cpu", "--json")
    assert ran.exit_code == 0
    [row] = ran.document["result"]["images"]
    assert (row["in_registry"], row["is_latest"], row["on_this_machine"], row["healthy"]) == (True, True, True, True)
    [checked] = machine.commands("docker run")
    assert checked.endswith("python /opt/metaflow-gcp/check.py")
    machine.let(docker_run=(1, "wrong: cannot import pandas: ImportError"))
    ill = image("check", "cpu", "--json")
    assert ill.exit_code == 1
    assert "cannot import pandas" in ill.document["problems"][0]["what"]


def test_a_registry_that_refuses(image, google):
    google.refuse("artifactregistry.", Refusal(403, "no rights"))
    ran = image("build", "cpu")
    assert ran.exit_code == 1
    assert "returned 403: no rights" in ran.stderr
    assert "[access] users" in ran.stderr
