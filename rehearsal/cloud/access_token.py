"""Access tokens of the simulated cloud."""

TOKEN = "ya29.rehearsal"  # noqa: S105 - opens nothing
"""What every access token starts with; the simulated clusters accept no other."""
