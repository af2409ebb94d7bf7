"""Connections to the database that the services open at most. Needs no Node."""

METADATA_POOL = 8
"""Of one replica of the metadata service (`MF_METADATA_DB_POOL_MAX`)."""

UI_POOL = 2
"""Of each of the UI's pools."""

_UI_POOLS = 6
"""Requests, cache, notifications, heartbeats, websockets, and the metadata service that the UI contains."""

_SURGE = 1
"""An upgrade starts a new pod before it stops an old one."""


def at_most(*, metadata_replicas: int) -> int:
    """Of all services together, during an upgrade of all at once."""
    return (metadata_replicas + _SURGE) * METADATA_POOL + (1 + _SURGE) * _UI_POOLS * UI_POOL
