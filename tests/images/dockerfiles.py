"""Dockerfiles, read as far as the tests need."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCKER = Path(__file__).parents[2] / "docker"


@dataclass(frozen=True)
class Instruction:
    name: str
    """`FROM`, `COPY`, ..."""
    text: str
    stage: str


@dataclass(frozen=True)
class Run(Instruction):
    """Its mounts taken apart: target in the build -> what is mounted there."""

    bound: dict[str, Path]
    cached: tuple[str, ...]
    shell: str


def instructions(file: Path, **args: str) -> Iterator[Instruction]:
    """In order; `${NAME}` of `args` filled in."""
    text = re.sub(r"^\s*#.*\n", "", file.read_text(), flags=re.MULTILINE)
    text = re.sub(r"\\\n\s*", " ", text)
    for name, value in args.items():
        text = text.replace(f"${{{name}}}", value)
    stage = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, rest = line.partition(" ")
        if name == "FROM":
            stage = rest.split()[-1]
        if name == "RUN":
            yield _run(rest, stage)
        else:
            yield Instruction(name, rest, stage)


def _run(text: str, stage: str) -> Run:
    mounts = [dict(option.split("=", 1) for option in mount.split(",")) for mount in re.findall(r"--mount=(\S+)", text)]
    return Run(
        "RUN",
        text,
        stage,
        bound={mount["target"]: DOCKER / mount["source"] for mount in mounts if mount["type"] == "bind"},
        cached=tuple(mount["target"] for mount in mounts if mount["type"] == "cache"),
        shell=re.sub(r"--mount=\S+\s*", "", text),
    )
