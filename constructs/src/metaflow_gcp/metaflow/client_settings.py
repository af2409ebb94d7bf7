"""The settings that Metaflow's client reads: `client_settings.json`, checked. Needs no Node.

The client takes what it does not know without a word: a key that is misspelt does nothing.
"""

import difflib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from metaflow_gcp.checks import Checks, is_token

_FILE = Path(__file__).with_name("client_settings.json")

SET_BY_THE_PLATFORM = frozenset(
    {
        "METAFLOW_DEFAULT_DATASTORE",
        "METAFLOW_DATASTORE_SYSROOT_GS",
        "METAFLOW_DEFAULT_METADATA",
        "METAFLOW_SERVICE_URL",
        "METAFLOW_SERVICE_INTERNAL_URL",
        "METAFLOW_KUBERNETES_NAMESPACE",
        "METAFLOW_KUBERNETES_SERVICE_ACCOUNT",
        "METAFLOW_KUBERNETES_GPU_VENDOR",
        "METAFLOW_DEFAULT_CONTAINER_REGISTRY",
        "METAFLOW_DEFAULT_CONTAINER_IMAGE",
        "METAFLOW_DEFAULT_SECRETS_BACKEND_TYPE",
        "METAFLOW_GCP_SECRET_MANAGER_PREFIX",
        "METAFLOW_UI_URL",
        "METAFLOW_ARGO_WORKFLOWS_UI_URL",
        "METAFLOW_ARGO_EVENTS_EVENT_BUS",
        "METAFLOW_ARGO_EVENTS_EVENT_SOURCE",
        "METAFLOW_ARGO_EVENTS_EVENT",
        "METAFLOW_ARGO_EVENTS_SERVICE_ACCOUNT",
        "METAFLOW_ARGO_EVENTS_WEBHOOK_URL",
        "METAFLOW_ARGO_EVENTS_INTERNAL_WEBHOOK_URL",
    }
)
"""What a client's profile holds by itself."""

_PERSONAL = "METAFLOW_USER"
_WORDS = ("true", "false", "1", "0")
"""The client takes every other word for true."""


def check(checks: Checks, where: str, given: Mapping[str, str]) -> None:
    """Add a problem for each key that no client reads or that is not the team's to set, and for each wrong value."""
    for key, value in given.items():
        entry = f"{where}.{key}"
        if key in SET_BY_THE_PLATFORM:
            checks.add(
                entry,
                wrong=f"{key!r} is set by the platform",
                allowed="keys that the platform does not set (docs/client-profile.md)",
                fix=f"remove {key}",
            )
        elif key == _PERSONAL:
            checks.add(
                entry,
                wrong=f"{key!r} would make everybody the same person",
                allowed="keys that are the same for the whole team",
                fix=f"remove {key}; whoever needs it sets the variable on their own machine",
            )
        elif key not in known():
            _add_unknown(checks, entry, key)
        elif not is_token(value):
            _check_value(checks, entry, value, known()[key])


def releases() -> tuple[str, str]:
    """The oldest and the newest client whose settings these are."""
    oldest, newest = _document()["releases"]
    return oldest, newest


def known() -> Mapping[str, str | list[str]]:
    """A setting of the client -> what it takes: `text`, `bool`, `int`, `float`, `list`, `table`, or the words."""
    return dict(_document()["keys"])


def _add_unknown(checks: Checks, entry: str, key: str) -> None:
    upper = key.upper()
    near = [each for each in (upper, f"METAFLOW_{upper}") if each in known()]
    near += difflib.get_close_matches(upper, known(), n=1)
    oldest, newest = releases()
    checks.add(
        entry,
        wrong=f"{key!r} is read by no supported client of Metaflow ({oldest} to {newest})",
        allowed="settings of Metaflow's client, with METAFLOW_ before them (its metaflow_config.py)",
        fix=f"did you mean {near[0]}?" if near else f"remove {key}",
    )


def _check_value(checks: Checks, entry: str, value: str, takes: str | list[str]) -> None:
    if isinstance(takes, list):
        checks.one_of(entry, value, takes)
    elif takes == "bool":
        checks.one_of(entry, value.lower(), _WORDS)
    elif takes in {"int", "float"}:
        number = r"-?\d+" if takes == "int" else r"-?\d+(\.\d+)?"
        checks.matches(entry, value, number, "a whole number" if takes == "int" else "a number")
    elif takes in {"list", "table"} and not isinstance(_parsed(value), list if takes == "list" else dict):
        allowed = """JSON: '["a", "b"]'""" if takes == "list" else """JSON: '{"key": "value"}'"""
        checks.add(entry, wrong=f"{value!r} is not valid", allowed=allowed, fix=f"change {entry}")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


@cache
def _document() -> dict[str, Any]:
    return dict(json.loads(_FILE.read_text("utf-8")))
