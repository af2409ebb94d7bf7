"""The image of steps that name none: one's own, and what the team's follows from.

The team's is a setting of the deployment: Terraform writes it into the profile that everybody gets. What somebody else
wrote there, the next deployment would take back; so it is not written there, and the administrator's lines are printed.
"""

from dataclasses import replace
from pathlib import Path

from metaflow_gcp_tools.machine import files, json_text
from metaflow_gcp_tools.platform.description import config_file
from metaflow_gcp_tools.problems import WrongUse

KEY = "METAFLOW_DEFAULT_CONTAINER_IMAGE"
"""Metaflow's: with the registry in it, so that nothing is put before it."""


def choose(reference: str, profile: str, *, dry_run: bool) -> tuple[Path, str]:
    """Set it, unless it is a dry run; the file that has it, and the lines for the platform's settings."""
    if not dry_run:
        write(reference, profile)
    return config_file(profile), f'[images]\ntask = "{reference}"'


def write(reference: str, profile: str) -> None:
    """Set it in the person's own configuration; everything else in the file keeps every byte.

    Raises `WrongUse` when there is no configuration.
    """
    real = config_file(profile).resolve()
    before = files.read(real)
    try:
        after = json_text.changed(before or "", {KEY: reference}, frozenset())
    except json_text.NotAnObject as error:
        raise WrongUse.of(
            what=f"{real} is not a Metaflow configuration: {error}", next_step="run `metaflow-gcp configure`"
        ) from None
    files.apply(replace(files.Change.of_ours(real, after), before=before))
