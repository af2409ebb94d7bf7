"""What a person does where a rerun alone does not go on: the command, from what Terraform said."""

import re
from dataclasses import dataclass
from pathlib import Path

from rehearsal.cloud.kubernetes.names import unversioned
from rehearsal.cloud.model import Cloud
from rehearsal.faults.address import Addresses

_BLOCK = re.compile(r"^(?=Error: |[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*: )", re.MULTILINE)
"""Where one error ends and the next begins: as `terraform -json` and as Terraform itself writes them."""
_NAMED = re.compile(
    r"(?:^|\bwith |Resource )(?P<address>[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*)(?=: |,$| has )", re.MULTILINE
)
_EXISTS = re.compile(
    r"already exists|alreadyExists|must be imported|you already own it|cannot re-use a name that is still in use"
)
_PROTECTED = re.compile(r"Instance cannot be destroyed|deletion_protection is set to true|instance is protected")
_LOCKED = re.compile(r"Error acquiring the state lock.*?\bID:\s+(?P<id>[0-9a-f-]{36})", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Cure:
    """`terraform` with these arguments, in the stack's folder."""

    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return "terraform " + " ".join(
            f"'{each}'" if re.search(r"[^\w./:=@-]", each) else each for each in self.arguments
        )


def cures(cloud: Cloud, folder: Path, message: str) -> list[Cure]:
    """The cures of what Terraform said, each once; none where a rerun is enough."""
    found = [_cure(cloud, folder, error) for error in _BLOCK.split(message)]
    return list(dict.fromkeys(each for each in found if each))


def _cure(cloud: Cloud, folder: Path, error: str) -> Cure | None:
    locked = _LOCKED.search(error)
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
    """By which the real provider imports the object of that resource."""
    type_ = address.partition(".")[0]
    kind = unversioned(type_) if type_.startswith("kubernetes_") else type_
    addresses = Addresses(cloud, folder)
    for each in cloud.all(kind):
        if addresses.of(type_, each.state) == address:
            return _id(type_, each.state)
    return None


def _id(type_: str, state: dict[str, object]) -> str:
    """The id in the state, but of two types: their importers want another one (docs of the providers)."""
    if type_ == "helm_release":
        return f"{state['namespace']}/{state['name']}"
    if type_ == "google_sql_user":
        return f"{state['project']}/{state['instance']}/{state['name']}"
    return str(state["id"])
