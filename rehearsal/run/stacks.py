"""The stacks of a folder laid out like cdktf.out, and a copy of them whose state is nobody else's."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from rehearsal.run.errors import WrongUse


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One stack: where its folder is, and its configuration."""

    name: str
    folder: Path
    file: Path

    def configuration(self) -> dict[str, Any]:
        return dict(json.loads(self.file.read_text()))


def read(directory: Path) -> list[Stack]:
    """The stacks in the order in which they depend on each other."""
    manifest = directory / "manifest.json"
    if not directory.is_dir():
        raise WrongUse(f"{directory} is not a folder: give one laid out like cdktf.out (`cdktf synth` writes it).")
    if not manifest.is_file():
        return [_alone(directory)]
    try:
        listed = json.loads(manifest.read_text())["stacks"]
        stacks = {
            name: Stack(
                name=name, folder=directory / each["workingDirectory"], file=directory / each["synthesizedStackPath"]
            )
            for name, each in listed.items()
        }
        order = list(
            TopologicalSorter(
                {name: sorted(each.get("dependencies", [])) for name, each in sorted(listed.items())}
            ).static_order()
        )
    except CycleError as error:
        raise WrongUse(
            f"{manifest}: these stacks depend on each other in a circle: {', '.join(error.args[1])}"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WrongUse(f"{manifest} is not what CDKTF writes: {error!r}") from None
    for name in order:
        if name not in stacks:
            raise WrongUse(f"{manifest}: a stack depends on {name}, which is not there.")
        try:
            stacks[name].configuration()
        except (OSError, ValueError) as error:
            raise WrongUse(f"{stacks[name].file} cannot be read as JSON: {error}") from None
    return [stacks[name] for name in order]


def _alone(directory: Path) -> Stack:
    """A folder of Terraform's own, without a manifest: it is one stack if all of it is one file of JSON."""
    files = sorted(directory.glob("*.tf.json"))
    around = next((each for each in list(directory.absolute().parents)[:3] if (each / "manifest.json").is_file()), None)
    if len(files) != 1 or around or any(directory.glob("*.tf")):
        raise WrongUse(f"{directory} holds no manifest.json: {_instead(directory, around)}")
    try:
        stack = Stack(name=files[0].name.removesuffix(".tf.json"), folder=directory, file=files[0])
        stack.configuration()
    except (OSError, ValueError) as error:
        raise WrongUse(f"{files[0]} cannot be read as JSON: {error}") from None
    return stack


def _instead(directory: Path, around: Path | None) -> str:
    """What was probably meant."""
    inside = [each for each in ("cdktf.out", "out") if (directory / each / "manifest.json").is_file()]
    if inside:
        return f"give {directory / inside[0]}."
    if around:
        return f"it is one stack of several. Give {around}."
    if (directory / "cdktf.json").is_file():
        return "it is a CDKTF project that is not synthesized. Run `cdktf synth` there, and give its cdktf.out."
    if any(directory.glob("*.tf")) or any(directory.glob("*.tf.json")):
        return "without one, all of a stack must be in one file of JSON, *.tf.json: the rehearsal reads no HCL."
    return "give a folder laid out like cdktf.out (`cdktf synth` writes it)."


def copy(directory: Path, to: Path) -> list[Stack]:
    """Copies the folder and gives every stack a state of its own under the copy; remote states are led to those."""
    shutil.copytree(
        directory,
        to / "out",
        ignore=shutil.ignore_patterns(".terraform", "*.tfstate*", ".terraform.lock.hcl", "tfplan", "plan"),
    )
    states = to / "states"
    states.mkdir()
    originals, copies = read(directory), read(to / "out")
    ours = {}
    for stack in originals:
        for kind, config in _backends(stack.configuration()):
            ours[_identity(kind, config, stack)] = states / f"{stack.name}.tfstate"
    for original, stack in zip(originals, copies, strict=True):
        configuration = stack.configuration()
        terraform = configuration.setdefault("terraform", {})
        terraform.pop("cloud", None)
        terraform["backend"] = {"local": {"path": str(states / f"{stack.name}.tfstate")}}
        for remote in configuration.get("data", {}).get("terraform_remote_state", {}).values():
            state = ours.get(_identity(remote["backend"], remote.get("config", {}), original))
            if state:
                remote["backend"], remote["config"] = "local", {"path": str(state)}
                remote.pop("workspace", None)
        stack.file.write_text(json.dumps(configuration))
    return copies


def projects(stacks: list[Stack]) -> set[str]:
    """The Google projects that the configurations name."""
    found: set[str] = set()
    for stack in stacks:
        configuration = stack.configuration()
        for place in (
            configuration.get("provider", {}).get("google", []),
            configuration.get("resource", {}),
            configuration.get("data", {}),
        ):
            found.update(
                value
                for name, value in _walk(place)
                if name in ("project", "project_id") and re.fullmatch(r"[a-z][-a-z0-9:.]+", value)
            )
    return found


def _walk(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, name)
    elif isinstance(value, str):
        yield name, value


def _backends(configuration: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    backends = configuration.get("terraform", {}).get("backend", {})
    for each in backends if isinstance(backends, list) else [backends]:
        yield from each.items()


def _identity(kind: str, config: dict[str, Any], stack: Stack) -> tuple[str, ...]:
    """What tells one state from another."""
    if kind == "local":
        return (kind, os.path.normpath(stack.folder.absolute() / config.get("path", "terraform.tfstate")))
    return (kind, *(f"{name}={value}" for name, value in sorted(config.items()) if isinstance(value, str)))
