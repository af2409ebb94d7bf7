"""Changes that need a new object or not, as the provider's CustomizeDiff decides: by the old value and the new one.

Which attribute goes by which stands in `schemas/hooks.json`.
"""

import ipaddress
from collections.abc import Callable

from rehearsal.protocol.values import Value


def _leaves_the_old_range(old: str, new: str) -> bool:
    """A subnet's range can grow around what it was, and in no other way."""
    try:
        before, after = (ipaddress.ip_network(each, strict=False) for each in (old, new))
    except ValueError:
        return False
    return before.version != after.version or not before.subnet_of(after)  # type: ignore[arg-type]


REPLACES: dict[str, Callable[[Value, Value], bool]] = {
    "leaves the old range": _leaves_the_old_range,
    "removed": lambda old, new: bool(old) and not new,
    "shrinks": lambda old, new: bool(new < old),
    "switched off": lambda old, new: bool(old) and not new,
}
"""Name -> whether going from the old value to the new one takes a new object."""
