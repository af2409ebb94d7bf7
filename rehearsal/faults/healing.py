"""What a person does where a rerun alone does not go on: the command, from what Terraform said."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from rehearsal.cloud.model import Cloud
from rehearsal.faults.address import Addresses

_BLOCK = re.compile(r"^(?=Error: |[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*: )", re.MULTILINE)
"""Where one error ends and the next begins: as `terraform -json` and as Terraform itself writes them."""
_NAMED = re.compile(
    r"(?:^|\bwith |Resource )(?P<address>[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*)(?=: |,$| has | \([^)]*\),$)", re.MULTILINE
)
_EXISTS = re.compile(
    r"already exists|alreadyExists|must be imported|you already own it|cannot re-use a name that is still in use"
)
_PROTECTED = re.compile(r"Instance cannot be destroyed|deletion_protection is set to true|instance is protected")
_LEFT_LOCKED = re.compile(r"Error acquiring the state lock.*?gs://.*?\bID:\s+(?P<id>\d+)", re.DOTALL)
"""A lock in a bucket outlives who took it; that of a file goes with the process."""


@dataclass(frozen=True, kw_only=True)
class Cure:
    """A command in the stack's folder."""

    program: str = "terraform"
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return shlex.join((self.program, *self.arguments))


def cures(cloud: Cloud, folder: Path, message: str) -> list[Cure]:
    """The cures of what Terraform said, each once; none where a rerun is enough."""
    if "errored.tfstate" in message:
        return _pushed(message)
    if "Unsupported state file format" in message:
        return _restored(state_file(folder))
    found = [_cure(cloud, folder, error) for error in _BLOCK.split(message)]
    return list(dict.fromkeys(each for each in found if each))


def state_file(folder: Path) -> Path:
    """Of a stack with a local backend, as every stack of a rehearsal has one."""
    [file] = folder.glob("*.tf.json")
    path: str = json.loads(file.read_text())["terraform"]["backend"]["local"]["path"]
    return folder / path


def _restored(file: Path) -> list[Cure]:
    """Whoever wrote the state was killed while they did: the run began with what is in the backup."""
    backup = file.with_name(f"{file.name}.backup")
    away = Cure(program="mv", arguments=(str(file), f"{file}.cut-off"))
    return [away, *([Cure(program="mv", arguments=(str(backup), str(file)))] if backup.exists() else [])]


def _pushed(message: str) -> list[Cure]:
    """A state in a file is cut off where the disk was full: Terraform cannot read it, and so not write it either."""
    push = Cure(arguments=("state", "push", "errored.tfstate"))
    full = re.search(r"write\s+(\S+\.tfstate): no space left", message)
    return [Cure(program="mv", arguments=(full[1], f"{full[1]}.cut-off")), push] if full else [push]


def _cure(cloud: Cloud, folder: Path, error: str) -> Cure | None:
    locked = _LEFT_LOCKED.search(error)
    if locked:
        return Cure(arguments=("force-unlock", "-force", locked["id"]))
    named = _NAMED.search(error)
    if named is None:
        return None
    if _PROTECTED.search(error):
        return Cure(arguments=("untaint", named["address"]))
    id_ = import_id(cloud, folder, named["address"]) if _EXISTS.search(error) else None
    return Cure(arguments=("import", named["address"], id_)) if id_ else None


def import_id(cloud: Cloud, folder: Path, address: str) -> str | None:
    """What the real provider imports the object of that resource by."""
    state = Addresses(cloud, folder).object(address)
    return None if state is None else _id(address.partition(".")[0], state)


def _id(type_: str, state: dict[str, object]) -> str:
    """The id in the state, but of two types: their importers want another one (docs of the providers)."""
    if type_ == "helm_release":
        return f"{state['namespace']}/{state['name']}"
    if type_ == "google_sql_user":
        return f"{state['project']}/{state['instance']}/{state['name']}"
    return str(state["id"])
