"""What a container asks for and may use. Needs no Node."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Size:
    """Of one container."""

    cpu: str
    """Requested, as `25m`. There is no limit: a limit throttles while the node idles."""
    memory: str
    """Requested, as `64Mi`: what it takes from day to day, which is what a node is kept for."""
    memory_limit: str
    """Allowed, as `256Mi`: what it takes at its worst. Beyond that it is ended and starts again."""

    @property
    def values(self) -> dict[str, dict[str, str]]:
        """As Kubernetes has it: `resources` of a container."""
        return {"requests": {"cpu": self.cpu, "memory": self.memory}, "limits": {"memory": self.memory_limit}}
