"""Changes of forwards that are worth a line."""

from metaflow_gcp_tools.commands.forward.kubectl import OF_CLUSTER
from metaflow_gcp_tools.commands.forward.status import State, Status


class News:
    """Not each attempt at what goes wrong in the same way as before, or for all."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[State, str]] = {}

    def line(self, status: Status) -> str | None:
        """Without a date; `None` when there is nothing new."""
        new = status.state, status.note
        if status.state == State.STARTING or self._told.get(status.name) == new:
            return None
        known = status.note in OF_CLUSTER and new in self._told.values()
        self._told[status.name] = new
        if known:
            return None
        why = f"  {note(status)}" if status.note else ""
        return f"{status.name:<16}  {status.state:<12}  {status.url}{why}"


def note(status: Status) -> str:
    return f"{status.note}: {status.next_step}" if status.next_step else status.note
