"""Connections to the database that the services open at most. Needs no Node."""

METADATA_POOL = 8
"""Of one replica of the metadata service (`MF_METADATA_DB_POOL_MAX`)."""

MIGRATION = 3
"""Of a migration: the session with its lock, goose's, and one that an interrupted migration left behind."""

UI_POOL = 2
"""Of each of the UI's pools."""

_UI_POOLS = 6
"""Requests, cache, notifications, heartbeats, websockets, and the metadata service that the UI contains."""

_STARTING = max(METADATA_POOL, MIGRATION)
"""Of the pod that an upgrade starts before it stops an old one: it migrates, and opens its pool when that is done."""


def at_most(*, metadata_replicas: int) -> int:
    """Of all services together, during an upgrade of all at once."""
    # Kubernetes does not wait for a pod that it stops: with several, the next one starts meanwhile.
    stopping = METADATA_POOL if metadata_replicas > 1 else 0
    metadata_service = metadata_replicas * METADATA_POOL + _STARTING + stopping
    return metadata_service + (1 + 1) * _UI_POOLS * UI_POOL
