"""References from one object to another, and what it means when the other is missing or deleted."""

from collections.abc import Callable
from dataclasses import dataclass

from rehearsal.cloud.model import Cloud, Key, Use
from rehearsal.protocol.errors import Path, Refused

PART, USES, NEEDS = "part of", "uses", "needs"
"""Goes with the other object; keeps it from going; must find it there at the creation, and no more."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One attribute's reference to one object."""

    path: Path
    target: Key
    how: str


def check(cloud: Cloud, found: list[Reference], refuse: Callable[..., Refused]) -> list[Use]:
    """Refuses what refers to nothing; returns what is to be remembered of the references."""
    for reference in found:
        if cloud.get(reference.target) is None:
            kind, _, id_ = reference.target
            if kind == "google_service_account":
                raise refuse(
                    f"googleapi: Error 400: Service account {id_.rsplit('/', 1)[-1]} does not exist., badRequest",
                    path=reference.path,
                )
            raise refuse(
                f"googleapi: Error 404: The resource '{id_}' was not found ({kind}), notFound", path=reference.path
            )
    return [Use(target=each.target, part=each.how == PART) for each in found if each.how != NEEDS]
