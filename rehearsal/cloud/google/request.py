"""What the facts and the rules of a Google type are given to look at."""

from dataclasses import dataclass
from typing import Any

from rehearsal.cloud import invent
from rehearsal.cloud.model import Cloud, Key
from rehearsal.protocol.errors import Path, Refused
from rehearsal.protocol.values import UNKNOWN
from rehearsal.protocol.walk import first


@dataclass(frozen=True, kw_only=True)
class Request:
    """An object about to be created, changed or deleted; `state` still holds unknowns before a creation."""

    cloud: Cloud
    type: str
    state: dict[str, Any]
    prior: dict[str, Any] | None = None
    key: Key

    def get(self, dotted: str, default: Any = None) -> Any:
        """What the state holds at a path, first element of lists; the default where that is null or not known yet."""
        found = first(self.state, dotted)
        return default if found is None or found is UNKNOWN else found

    @property
    def project(self) -> str:
        return str(self.get("project", ""))

    @property
    def number(self) -> str:
        """The project's number."""
        return self.cloud.project_number(self.project) or ""

    def seed(self, *more: str) -> tuple[str, ...]:
        """What invented values of this object derive from."""
        return (*self.key, *more)

    def digest(self, *more: str, length: int = 8) -> str:
        return invent.digest(*self.seed(*more), length=length)

    def refuse(self, message: str, *, path: Path = ()) -> Refused:
        """The provider's own words for a refusal, around Google's."""
        verb = "creating" if self.prior is None else "updating"
        return Refused(f"Error {verb} {self.type.removeprefix('google_')} {self.key.id}: {message}", path=path)
