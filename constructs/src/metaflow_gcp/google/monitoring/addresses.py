"""Who hears of an alert, as people write it. Needs no Node.

https://cloud.google.com/monitoring/support/notification-options
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from metaflow_gcp.checks import Checks, is_token

_FORMS = {
    "mailto": r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+",
    "slack": r"#[a-z0-9_-]{1,79}",
    "pagerduty": r"[A-Za-z0-9_-]{1,255}",
    "pubsub": r"projects/[a-z][a-z0-9.:-]{4,28}[a-z0-9]/topics/[A-Za-z][\w.~+%-]{2,254}",
}
ALLOWED = (
    "mailto:ADDRESS, slack:#CHANNEL, pagerduty:SECRET (the name of a secret with the integration key), or "
    "pubsub:projects/PROJECT/topics/TOPIC"
)


@dataclass(frozen=True)
class Address:
    scheme: str
    """`mailto`, `slack`, `pagerduty` or `pubsub`."""
    target: str
    """What follows the colon."""

    @property
    def id(self) -> str:
        """A construct id that follows the address, not its place in a list."""
        if re.fullmatch(r"[a-z0-9@._#-]+", self.target):
            return f"{self.scheme}-{self.target.replace('@', '-at-').replace('#', '')}"
        # Slashes part construct ids, and capital letters may be all that tells two apart.
        digest = hashlib.sha256(self.target.encode()).hexdigest()[:8]
        return f"{self.scheme}-{re.sub('[^a-z0-9]+', '-', self.target.rpartition('/')[2].lower()).strip('-')}-{digest}"


def parse(address: str) -> Address:
    """An address that `check` finds nothing wrong with."""
    scheme, _, target = address.partition(":")
    return Address(scheme, target)


def each(addresses: Sequence[str]) -> Iterator[Address]:
    return map(parse, addresses)


def check(checks: Checks, where: str, addresses: Sequence[str]) -> None:
    """Add a problem for each address that is none, and for each that is there twice."""
    for index, address in enumerate(addresses):
        if is_token(address):
            continue
        entry = f"{where}[{index}]"
        found = parse(address)
        if not re.fullmatch(_FORMS.get(found.scheme, r"(?!)"), found.target):
            bare = re.fullmatch(_FORMS["mailto"], address)
            checks.add(
                entry,
                wrong=f"{address!r} is not an address that alerts can be sent to",
                allowed=ALLOWED,
                fix=f'write "mailto:{address}"' if bare else f"correct {entry}",
            )
        if address in addresses[:index]:
            checks.add(
                entry, wrong=f"{address!r} is named twice", allowed="each address once", fix="remove one of them"
            )
