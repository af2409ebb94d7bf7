"""The functions the google provider offers to configurations."""

from rehearsal.cloud.google.kind import value_after
from rehearsal.protocol.errors import Refused


def call(function: str, text: str) -> str:
    """`<what>_from_id` reads a part of an id; `region_from_zone` cuts the zone's letter off."""
    if function == "region_from_zone":
        return text.rsplit("-", 1)[0]
    if function == "name_from_id":
        return text.rsplit("/", 1)[-1]
    found = value_after(text, f"{function.removesuffix('_from_id')}s")
    if not found:
        raise Refused(f"{function}: nothing found in {text}")
    return found
