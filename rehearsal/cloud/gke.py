"""What every cluster of the simulated cloud has."""

VERSION = "1.33.5-gke.1201000"

TOKEN = "ya29.rehearsal"  # noqa: S105 - opens nothing
"""What every access token starts with; a cluster accepts no other."""
