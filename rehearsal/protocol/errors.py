"""What a provider tells Terraform when something is wrong."""

from dataclasses import dataclass

from rehearsal.protocol.values import Value

Path = tuple[str | int, ...]
"""Where in a value: attribute names and list indexes."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One diagnostic."""

    summary: str
    detail: str = ""
    path: Path = ()
    warning: bool = False


class Refused(Exception):
    """The cloud or the provider refuses; `state` is what exists all the same, which Terraform then keeps as tainted."""

    def __init__(self, summary: str, detail: str = "", *, path: Path = (), state: Value = None) -> None:
        super().__init__(f"{summary}\n{detail}".rstrip())
        self.problem = Problem(summary=summary, detail=detail, path=path)
        self.state = state
