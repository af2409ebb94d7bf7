"""How a forward is: what people and other processes are told."""

from dataclasses import dataclass
from enum import StrEnum

from metaflow_gcp_tools.commands.forward.kubectl import ADDRESS


class State(StrEnum):
    STARTING = "starting"
    OPEN = "open"
    RECONNECTING = "reconnecting"
    """The tunnel's fault."""
    NOT_READY = "not ready"
    """The service's fault: the tunnel carries, or would."""
    PORT_BUSY = "port busy"


@dataclass(frozen=True, kw_only=True)
class Status:
    """How a forward is."""

    name: str
    port: int
    """On this machine."""
    state: State
    note: str
    """Why it is not open, or who carries it. May be empty."""
    next_step: str
    """What a person must do about it. Most often empty."""
    since: float
    """Seconds since the epoch, of the state."""
    restarts: int
    carried_by: int | None
    """The process of ours that has it open, if that is another one."""

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self.port}"
