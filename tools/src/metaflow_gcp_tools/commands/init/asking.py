"""What the settings are to be: from options, or a person says it."""

import sys
from collections.abc import Mapping

import typer

from metaflow_gcp_tools.machine import gcloud
from metaflow_gcp_tools.problems import WrongUse, interruptible
from metaflow_gcp_tools.terminal.output import Output

_QUESTIONS = {
    "org_prefix": "Short name of your organisation (goes into names that are unique in all of Google Cloud)",
    "project": "Google Cloud project (its id)",
    "region": "Region (cannot be changed later)",
}
"""By setting, in the order in which they are asked."""


def chosen(output: Output, given: Mapping[str, str | None]) -> dict[str, str]:
    """The value of each setting. Raises `WrongUse` when one is missing and nobody can be asked."""
    missing = [key for key in _QUESTIONS if given[key] is None]
    if missing and (output.as_json or not sys.stdin.isatty()):
        options = " ".join(f"--{key.replace('_', '-')} {key.upper()}" for key in missing)
        raise WrongUse.of(
            what="--json does not ask" if output.as_json else f"there is no one to ask for {', '.join(missing)}",
            next_step=f"add {options}",
        )
    defaults = {"project": gcloud.project(), "region": "us-west1"} if missing else {}
    with interruptible("asking for the settings", left="nothing was written"):
        return {key: given[key] or _asked(key, defaults.get(key)) for key in _QUESTIONS}


def _asked(key: str, default: str | None) -> str:
    return str(typer.prompt(_QUESTIONS[key], default=default, err=True))
