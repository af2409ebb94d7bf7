"""Again and again, as a person does it: until a step goes well, or nothing more can be done."""

import time
from collections.abc import Callable
from pathlib import Path

from rehearsal.cloud.model import Cloud
from rehearsal.faults.healing import Cure, cures
from rehearsal.run.errors import StepFailed
from rehearsal.run.report import Broken, Report
from rehearsal.run.terraform import Terraform

SECONDS = 0.5
"""Between two tries while somebody else holds the state."""
AT_MOST = 40
"""Runs. More than a stack's resources depend on each other in a row."""


def heal(run: Terraform, cure: Cure) -> None:
    """Gives the command of a cure."""
    if cure.program == "mv":
        Path(cure.arguments[0]).rename(cure.arguments[1])
    else:
        run.command(*cure.arguments)


def converge(
    action: Callable[[], object],
    *,
    report: Report,
    cloud: Cloud,
    folders: dict[str, Path],
    heal: Callable[[str, Cure], object],
) -> None:
    """Does it again where it fails. A command that a person would have to give is given, and stands in the report.

    Raises StepFailed where the same failure comes twice and there is no command for it.
    """
    last = ""
    for _ in range(AT_MOST):
        try:
            action()
        except StepFailed as failed:
            stack = failed.stack or ""
            found = cures(cloud, folders[stack], failed.message) if stack in folders else []
            waits = "Error acquiring the state lock" in failed.message and not found
            if failed.message == last and not found and not waits:
                raise
            if waits:
                time.sleep(SECONDS)
            last = failed.message
            report.broken.append(
                Broken(stack=stack, step=failed.step, message=failed.message, cures=[str(each) for each in found])
            )
            for each in found:
                heal(stack, each)
        else:
            return
    raise StepFailed("converge", f"it did not go well in {AT_MOST} runs:\n{last}", stack)
