"""What belongs into Metaflow's home: its configuration, and the copies that other commands and later runs read."""

import json
import re
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.commands.configure.source import Source
from metaflow_gcp_tools.machine import json_text, own_kubeconfig
from metaflow_gcp_tools.machine.files import PRIVATE, Change, mode, read
from metaflow_gcp_tools.machine.kubeconfigs import own_file
from metaflow_gcp_tools.platform.description import config_file, metaflow_home, platform_file
from metaflow_gcp_tools.problems import CommandFailed


def config(source: Source, profile: str) -> Change:
    """Metaflow's configuration with the platform's keys.

    Ours are the keys that the platform's profile has, and those that an earlier run wrote, the platform no longer has
    (Argo was switched off) and nobody changed since. All other keys are somebody's own, and stay as they are.
    """
    file = config_file(profile).resolve()
    before = read(file)
    new = source.profile
    old = _read(file, before) if before and before.strip() else None
    earlier = _earlier(profile)
    gone = frozenset(key for key in earlier.keys() - new.keys() if old and key in old and old[key] == earlier[key])
    return Change(
        file=file,
        before=before,
        after=source.profile_text if before is None or old is None else json_text.changed(before, new, gone),
        mode=PRIVATE,
        mode_before=mode(file),
        differences=_differences(old or {}, new, gone) + _of_mode(file),
        backed_up=True,
    )


def copies(source: Source, profile: str) -> tuple[Change, ...]:
    """The profile's own kubeconfig, the platform's description, and the profile as it was written.

    By the last one the next run knows its own keys.
    """
    return (
        Change.of_ours(own_file(profile), own_kubeconfig.text(source.platform)),
        Change.of_ours(platform_file(profile), source.platform_text),
        Change.of_ours(_profile_copy(profile), source.profile_text),
    )


def lock_file() -> Path:
    return metaflow_home() / "metaflow-gcp" / ".lock"


def _profile_copy(profile: str) -> Path:
    written = platform_file(profile)
    return written.parent / "profiles" / written.name


def _earlier(profile: str) -> dict[str, Any]:
    text = read(_profile_copy(profile))
    try:
        return json_text.read(text) if text else {}
    except json_text.NotAnObject:
        return {}


def _read(file: Path, text: str) -> dict[str, Any]:
    try:
        return json_text.read(text)
    except json_text.NotAnObject as error:
        raise CommandFailed.of(
            what=f"{file} is not a Metaflow configuration: {error}", next_step="fix it or move it away, then retry"
        ) from None


def _differences(old: dict[str, Any], new: dict[str, str], gone: frozenset[str]) -> tuple[str, ...]:
    return (
        *(f"- {key} = {old[key]}" for key in old if key in gone),
        *(f"~ {key} = {value} (was {_told(old[key])})" for key, value in new.items() if old.get(key, value) != value),
        *(f"+ {key} = {value}" for key, value in new.items() if key not in old),
    )


def _told(value: Any) -> str:
    """Without the password that somebody may have put into a URL."""
    return re.sub(r"//[^/@]*@", "//***@", value if isinstance(value, str) else json.dumps(value))


def _of_mode(file: Path) -> tuple[str, ...]:
    found = mode(file)
    return (f"~ mode {PRIVATE:04o} (was {found:04o})",) if found not in {None, PRIVATE} else ()
