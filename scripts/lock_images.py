"""Resolve what the images in docker/ hold: *.in -> *.txt, for Python 3.11 on Linux x86-64, with a hash for every file.

    python scripts/lock_images.py             keeps the versions that are locked, where the *.in files allow
    python scripts/lock_images.py --upgrade   takes the newest
    python scripts/lock_images.py --check     writes nothing; exit code 1 when a lock is not what its *.in files ask for

Nothing is installed, and no address is written: where packages come from, the machine's own settings say.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

DOCKER = Path(__file__).parents[1] / "docker"
PLATFORM = ("--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_28")
SHAPE = ("--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header", "--quiet")
WHEELS = ("--only-binary", ":all:")


def locks() -> Iterator[tuple[str, list[str]]]:
    """Each lock, and what is asked of uv for it; those that build on others come later."""
    for name in ("cpu", *PROFILES):
        yield f"{name}/requirements.txt", [f"{name}/requirements.in", *WHEELS]
    # There are no wheels of flash-attention; its dependencies are PyTorch's.
    yield "gpu/flash-attention.txt", ["gpu/flash-attention.in", "--no-deps"]
    yield "gpu/flash-attention-build.txt", ["gpu/flash-attention-build.in", *WHEELS]


PROFILES = tuple(sorted(f"gpu/{file.parent.name}" for file in DOCKER.glob("gpu/*/requirements.in")))


def parts() -> Iterator[tuple[str, list[str]]]:
    """PyTorch and what it needs, of the same versions: the layer below all others."""
    for name in PROFILES:
        yield f"{name}/torch.txt", ["-", "--constraint", f"{name}/requirements.txt", *WHEELS]


def compile_(lock: str, what: list[str], folder: Path, *more: str) -> None:
    uv = Path(sys.executable).with_name("uv")
    subprocess.run(
        [uv, "pip", "compile", *PLATFORM, *SHAPE, *more, *what, "--output-file", lock],
        cwd=folder,
        input="torch",
        text=True,
        check=True,
    )


def compile_all(folder: Path, *more: str) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda lock: compile_(lock[0], lock[1], folder, *more), locks()))
        list(pool.map(lambda lock: compile_(lock[0], lock[1], folder, *more), parts()))


def check() -> list[str]:
    """The locks that would change."""
    with tempfile.TemporaryDirectory() as copy:
        folder = Path(copy, "docker")
        shutil.copytree(DOCKER, folder)
        compile_all(folder)
        return [
            lock for lock, _ in (*locks(), *parts()) if (folder / lock).read_bytes() != (DOCKER / lock).read_bytes()
        ]


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        changed = check()
        for lock in changed:
            print(f"docker/{lock} is not what its *.in files ask for: run `make lock`", file=sys.stderr)
        return 1 if changed else 0
    compile_all(DOCKER, *arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
