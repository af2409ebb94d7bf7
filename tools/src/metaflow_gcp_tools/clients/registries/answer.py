"""What a registry said of one thing, or why it said nothing."""

from dataclasses import dataclass

from metaflow_gcp_tools.checks import State


@dataclass(frozen=True, kw_only=True)
class Answer:
    state: State
    """PASS: it is there. FAIL: the registry answers that it is not. UNKNOWN: the registry gave no answer to that."""
    says: str
    digest: str | None = None
    """Of what is there, where the registry tells it: `sha256:...`."""
