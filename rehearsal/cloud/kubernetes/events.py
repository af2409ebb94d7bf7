"""What a person sees with `kubectl describe` of pods that do not start."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Event:
    """One warning."""

    reason: str
    """As Kubernetes writes it: FailedScheduling, ErrImagePull, CreateContainerConfigError, Unhealthy, ..."""
    message: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"


def forbids_pods(event: Event) -> bool:
    """Whether there is no pod at all: the API server did not let the controller make one."""
    return event.reason == "FailedCreate"
