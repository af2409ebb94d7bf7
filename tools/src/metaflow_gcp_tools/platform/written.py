"""The two documents that a deployment writes for this command, told apart by the `kind` in them."""

import json
from typing import Any

from metaflow_gcp_tools.problems import WrongUse

MANIFEST = "PlatformManifest"
"""`platform.json` in the folder that synth writes: what a deployment needs. `plan` and `preflight` read it."""

DESCRIPTION = "PlatformDescription"
"""`description.json` in the platform's bucket: where everything of a deployed platform is. All others read it."""

_PLACES = {
    MANIFEST: "platform.json in `cdktf.out`, the folder that `make synth` writes",
    DESCRIPTION: "description.json in the folder metaflow-gcp of the platform's bucket",
}


def kind(text: str) -> str | None:
    """Which of the two documents this is; `None` for neither."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    named = found.get("kind") if isinstance(found, dict) else None
    return named if named in _PLACES else None


def document(text: str, where: str, *, wanted: str, version: int, next_step: str) -> dict[str, Any]:
    """The document without its kind and version.

    Raises `WrongUse` for the other document, which it names, and for what is none of this kind and version.
    """
    found = kind(text)
    if found not in {None, wanted}:
        raise WrongUse.of(what=f"{where} is a {found}, but a {wanted} is needed", next_step=f"give {_PLACES[wanted]}")
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise WrongUse.of(what=f"{where} is not a {wanted}: {error}", next_step=next_step) from None
    if found is None:
        raise WrongUse.of(what=f'{where} is not a {wanted}: it does not have "kind": "{wanted}"', next_step=next_step)
    if parsed.get("version") != version:
        raise WrongUse.of(
            what=f"{where} has version {parsed.get('version')!r}, but this metaflow-gcp reads version {version}",
            next_step="install the metaflow-gcp of the deployment's version with `pipx install --force ./tools` "
            "in its project",
        )
    return {key: value for key, value in parsed.items() if key not in {"kind", "version"}}
