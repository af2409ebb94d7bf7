"""docker/: what the images are built from, and that it keeps its promises, as far as no container is needed."""

import fnmatch
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from metaflow_gcp_tools.commands.image import images
from tests.images import cpu_set
from tests.images.dockerfiles import DOCKER, Run, instructions
from tests.metaflow.clients import install

ROOT = DOCKER.parent
BIN = Path(sys.executable).parent
DOCKERFILES = [DOCKER / name / "Dockerfile" for name in ("cpu", "gpu")]
TABLE = tomllib.loads((DOCKER / "images.toml").read_text())
LOCKS = sorted(file.relative_to(DOCKER).as_posix() for file in DOCKER.rglob("*.txt"))
NAMED = re.compile(r"^([\w.-]+)==(\S+) \\$", re.MULTILINE)


def locked(lock: str) -> dict[str, str]:
    return dict(NAMED.findall((DOCKER / lock).read_text()))


@pytest.fixture(scope="session")
def cpu_packages() -> Path:
    return cpu_set.install()


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda file: file.parent.name)
def test_hadolint_finds_nothing_and_nothing_is_ignored(dockerfile):
    ended = subprocess.run([BIN / "hadolint", dockerfile], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "")
    assert "hadolint" not in dockerfile.read_text()
    assert not list(ROOT.glob(".hadolint.y*ml"))


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda file: file.parent.name)
def test_what_runs_is_pinned_not_root_and_checked(dockerfile):
    found = list(instructions(dockerfile))
    bases = {each.text for each in found if each.name == "ARG" and not each.stage}
    assert any(re.fullmatch(r"BASE=python:3\.11\.\d+-slim-bookworm", base) for base in bases)
    stages = {each.stage for each in found if each.name == "FROM"}
    for each in found:
        if each.name == "FROM":
            assert re.match(rf"(\$\{{\w+\}}|{'|'.join(stages)}) AS ", each.text)
    users = [each.text for each in found if each.name == "USER"]
    assert users[-1] == "1000"
    assert any("METAFLOW_SKIP_INSTALL_DEPENDENCIES=1" in each.text for each in found if each.name == "ENV")
    assert [each for each in found if each.name == "HEALTHCHECK" and "check.py" in each.text]
    labels = " ".join(each.text for each in found if each.name == "LABEL")
    for label in ("title", "description", "base.name"):
        assert f"org.opencontainers.image.{label}=" in labels
    # What changes often comes last, and nothing after it is costly.
    assert not [each for each in found if each.stage == "task" and isinstance(each, Run)]


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda file: file.parent.name)
def test_whatever_is_installed_has_its_hash(dockerfile):
    for each in instructions(dockerfile):
        if isinstance(each, Run) and "pip" in each.shell:
            installs = re.findall(r"pip\" install (.*?)(?=&&|$)", each.shell)
            assert installs
            for install_ in installs:
                assert {"--no-deps", "--require-hashes"} <= set(install_.split())


@pytest.mark.parametrize("name", TABLE)
def test_the_tag_is_over_everything_that_goes_in(name):
    """What a Dockerfile copies or mounts from docker/ is among the files that the tag is made of, and gets there."""
    [image] = images.read(DOCKER, [name], [])
    used = set()
    for each in instructions(DOCKER / image.dockerfile, **dict(image.build_args)):
        if isinstance(each, Run):
            used |= {file.relative_to(DOCKER).as_posix() for file in each.bound.values()}
        elif each.name in ("COPY", "ADD") and "--from" not in each.text:
            used |= set(each.text.split()[:-1])
    assert used <= set(image.files)
    passed = [line.removeprefix("!") for line in (DOCKER / ".dockerignore").read_text().splitlines() if line[:1] == "!"]
    assert [file for file in used if not any(fnmatch.fnmatch(file, pattern) for pattern in passed)] == []


@pytest.mark.long
def test_the_locks_are_what_their_inputs_ask_for():
    """Resolved anew by uv against the package index, for Python 3.11 on the images' platform; nothing is installed."""
    ended = subprocess.run(
        [sys.executable, ROOT / "scripts/lock_images.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_lock_that_is_not_is_found(tmp_path):
    script = tmp_path / "scripts/lock_images.py"
    script.parent.mkdir()
    script.write_text((ROOT / "scripts/lock_images.py").read_text())
    lock = tmp_path / "docker/cpu/requirements.txt"
    lock.parent.mkdir(parents=True)
    (lock.parent / "requirements.in").write_text("packaging\n")
    (tmp_path / "docker/gpu").mkdir()
    (tmp_path / "docker/gpu/flash-attention.in").write_text("six\n")
    (tmp_path / "docker/gpu/flash-attention-build.in").write_text("six\n")
    lock_images = [sys.executable, script]
    subprocess.run(lock_images, check=True)
    assert subprocess.run([*lock_images, "--check"], check=False).returncode == 0
    (lock.parent / "requirements.in").write_text("packaging\nsix\n")
    ended = subprocess.run([*lock_images, "--check"], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "docker/cpu/requirements.txt" in ended.stderr


@pytest.mark.parametrize("lock", LOCKS)
def test_every_file_has_its_hash_and_no_address(lock):
    text = (DOCKER / lock).read_text()
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert entries
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+ \\\n", entry)
        assert re.findall(r"--hash=sha256:[0-9a-f]{64}", entry)
    assert "://" not in text
    assert "--index" not in text


@pytest.mark.parametrize("profile", ["cuda12", "cuda13", "guide"])
def test_the_layer_of_pytorch_is_part_of_the_whole(profile):
    whole, part = locked(f"gpu/{profile}/requirements.txt"), locked(f"gpu/{profile}/torch.txt")
    assert part.items() <= whole.items()
    assert "torch" in part
    assert "transformers" not in part
    # CUDA comes from the wheels.
    assert any(name.startswith("nvidia-cuda-runtime") for name in part)
    assert {"accelerate", "datasets", "evaluate", "peft", "safetensors", "transformers"} <= whole.keys()


def test_the_guides_versions():
    guide = locked("gpu/guide/requirements.txt")
    assert guide["torch"].startswith("2.7.")
    assert guide["transformers"].startswith("4.55.")


@pytest.mark.parametrize("release", ["newest", "oldest"])
def test_what_metaflow_installs_in_tasks_is_baked_in(release):
    """As the client itself says it."""
    code = (
        "from metaflow.metaflow_environment import MetaflowEnvironment as E\n"
        "print(E(None)._get_install_dependencies_cmd('gs'))"
    )
    python = install(release).python
    said = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "METAFLOW_SKIP_INSTALL_DEPENDENCIES" in said
    wanted = re.search(r"-m pip install (.*?);", said)
    assert wanted
    packages = {each for each in wanted[1].split() if not each.startswith("-")}
    assert packages >= {"google-cloud-storage", "requests"}
    for lock in ("cpu/requirements.txt", *(f"gpu/{profile}/requirements.txt" for profile in ("cuda12", "guide"))):
        assert packages <= locked(lock).keys()


def _check(python_folder: Path, folder: Path, *files: str, **env: str) -> subprocess.CompletedProcess[str]:
    """check.py with these *.in files, in this environment."""
    for file in ("check.py", *files):
        (folder / Path(file).name).write_text((DOCKER / file).read_text())
    env = {"PATH": f"{python_folder}:{os.environ['PATH']}", "HOME": str(folder)} | env
    return subprocess.run(
        [python_folder / "python", folder / "check.py"],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_cpu_set_is_installed_by_its_run_line_and_imported(cpu_packages, tmp_path):
    ended = _check(
        cpu_packages / "bin", tmp_path, "metaflow.in", "cpu/requirements.in", METAFLOW_SKIP_INSTALL_DEPENDENCIES="1"
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "11 modules promised" in ended.stdout
    assert "CUDA: not available: no PyTorch in this image" in ended.stdout


def test_every_requirement_promises_a_module():
    for file in DOCKER.rglob("*.in"):
        if "flash-attention" not in file.name:
            for line in file.read_text().splitlines():
                pinned_only = re.match(r"(accelerate|datasets|numpy|pandas|peft|transformers)[=<]", line)
                assert line.startswith(("#", "-r ")) or pinned_only or "  # import " in line, line


def test_a_broken_image_is_told(tmp_path):
    """Without the packages and the setting; and with caches that belong to somebody else."""
    (tmp_path / ".cache").symlink_to("/proc/sys")  # Where root may not write either.
    ended = _check(BIN, tmp_path, "cpu/requirements.in")
    assert ended.returncode == 1
    assert "wrong: cannot import sklearn.linear_model: ModuleNotFoundError" in ended.stdout
    assert "wrong: METAFLOW_SKIP_INSTALL_DEPENDENCIES is not set" in ended.stdout
    assert f"cannot write to {tmp_path}/.cache" in ended.stdout


def test_cuda_is_told_and_demanded(tmp_path):
    (tmp_path / "torch.py").write_text(
        "__version__ = '2.10.0'\n"
        "class version: cuda = '12.8'\n"
        "class cuda:\n"
        "    is_available = lambda: True\n"
        "    device_count = lambda: 2\n"
        "    get_device_name = lambda index: 'NVIDIA L4'\n"
    )
    told = _check(BIN, tmp_path, METAFLOW_SKIP_INSTALL_DEPENDENCIES="1")
    assert told.returncode == 0
    assert told.stdout.endswith("CUDA: available: PyTorch 2.10.0 for CUDA 12.8: NVIDIA L4, NVIDIA L4\n")
    (tmp_path / "torch.py").unlink()
    demanded = subprocess.run(
        [BIN / "python", tmp_path / "check.py", "--cuda"], capture_output=True, text=True, check=False
    )
    assert demanded.returncode == 1
    assert "wrong: CUDA is not available" in demanded.stdout
