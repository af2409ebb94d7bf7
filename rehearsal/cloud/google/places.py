"""Where an object belongs that does not say it: its project, region, zone and location."""

from typing import Any

from rehearsal.cloud.google.kind import State, value_after
from rehearsal.cloud.model import Cloud
from rehearsal.protocol.values import UNKNOWN

PLACES = ("project", "region", "zone", "location")


class Places:
    """What the provider block says of them."""

    def __init__(self, config: State) -> None:
        self.defaults: dict[str, Any] = {name: config.get(name) for name in PLACES}
        zone = self.defaults["zone"]
        if self.defaults["region"] is None and isinstance(zone, str):
            self.defaults["region"] = zone.rsplit("-", 1)[0]
        self.defaults["location"] = self.defaults["region"] or zone

    def planned(self, planned: State, config: State) -> State:
        """Of a new object, where nothing is said."""
        unsaid = [name for name in PLACES if planned.get(name) is UNKNOWN and config.get(name) is None]
        return {name: self.defaults[name] for name in unsaid if self.defaults[name] is not None}

    def of(self, cloud: Cloud, state: State) -> dict[str, str]:
        """From the object, from the path of its parent, or from the provider."""
        found = {name: state[name] for name in PLACES if isinstance(state.get(name), str) and state[name]}
        if "project" not in found:
            paths = [value for value in state.values() if isinstance(value, str) and value.startswith("projects/")]
            named = next((value_after(path, "projects") for path in paths), "-")
            found["project"] = self.defaults["project"] if named == "-" else cloud.project(named) or named
        for name in PLACES[1:]:
            if name not in found and name in state:
                found[name] = self.defaults[name]
        return {name: value for name, value in found.items() if isinstance(value, str)}
