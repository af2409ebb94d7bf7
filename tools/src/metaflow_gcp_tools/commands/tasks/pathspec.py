"""A run, a step or a task, as Metaflow writes it: `HelloFlow/12/train/34`."""

from dataclasses import dataclass
from typing import Self

from metaflow_gcp_tools.problems import WrongUse

_ARGO = "argo-"
"""What Metaflow puts before the name of a workflow of Argo's, to make a run of it: metaflow/plugins/argo/."""

_RUN, _TASK = 2, 4


@dataclass(frozen=True, kw_only=True)
class Pathspec:
    flow: str
    run: str
    step: str = ""
    """Empty: all of the run."""
    task: str = ""
    """Empty: all of the step."""

    @classmethod
    def parse(cls, text: str, *, longest: int = _TASK) -> Self:
        """Raises `WrongUse` for what is none, or longer than the command takes."""
        parts = text.strip("/").split("/")
        forms = ["FLOW/RUN", "FLOW/RUN/STEP", "FLOW/RUN/STEP/TASK"][: longest - 1]
        if not (_RUN <= len(parts) <= longest and all(parts)):
            raise WrongUse.of(
                what=f"{text!r} is not a {'run' if longest == _RUN else 'run, a step or a task'}",
                next_step=f"pass {', '.join(forms)}, as Metaflow prints it: for example HelloFlow/12",
            )
        return cls(**dict(zip(("flow", "run", "step", "task"), parts, strict=False)))

    @property
    def workflow(self) -> str:
        """Argo's workflow that is this run; empty for a run that somebody started from a terminal."""
        return self.run.removeprefix(_ARGO) if self.run.startswith(_ARGO) else ""

    def has(self, step: str, task: str) -> bool:
        return self.step in {"", step} and self.task in {"", task}

    def __str__(self) -> str:
        return "/".join(filter(None, (self.flow, self.run, self.step, self.task)))
