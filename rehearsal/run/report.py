"""The report of a run, as JSON: shape 1."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rehearsal.page.page import page
from rehearsal.run.clock import Clock
from rehearsal.run.errors import StepFailed

SHAPE = 1


@dataclass(kw_only=True)
class StackReport:
    """One stack.

    Its resources, the seconds of each step, the changes of the second plan, what its state still holds after
    destroy.
    """

    resources: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    second_plan: list[str] | None = None
    left: list[str] | None = None


@dataclass(kw_only=True)
class Failure:
    step: str
    stack: str | None
    message: str


@dataclass(kw_only=True)
class Broken:
    """A run that failed before a rerun went well, and the commands that were needed in between."""

    stack: str
    step: str
    message: str
    cures: list[str]


@dataclass(kw_only=True)
class Report:
    """A whole run.

    `left` is what the cloud still holds after destroy, `stays` what is meant to stay, `findings` what works and
    does nothing, `clock` the time that the same takes in a real project. `broken` is what failed on the way, where
    faults were asked for.
    """

    shape: int = SHAPE
    command: str
    ok: bool = False
    seconds: float = 0.0
    stacks: dict[str, StackReport] = field(default_factory=dict)
    left: list[str] | None = None
    stays: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    clock: Clock | None = None
    broken: list[Broken] = field(default_factory=list)
    failure: Failure | None = None

    def stack(self, name: str) -> StackReport:
        return self.stacks.setdefault(name, StackReport())

    @contextmanager
    def step(self, stack: str, step: str) -> Iterator[None]:
        """Measures a step of a stack; a failure in it is said to be there."""
        started = time.monotonic()
        try:
            yield
        except StepFailed as failed:
            raise StepFailed(
                failed.step if failed.step == step else step, failed.message, failed.stack or stack
            ) from None
        finally:
            self.stack(stack).seconds[step] = round(time.monotonic() - started, 2)

    def fail(self, failed: StepFailed) -> None:
        self.failure = Failure(step=failed.step, stack=failed.stack, message=failed.message)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"

    def write(self, file: Path) -> None:
        """Writes it as JSON, and beside it the page of the same name."""
        file.parent.mkdir(parents=True, exist_ok=True)
        text = self.to_json()
        _replace(file, text)
        _replace(page_beside(file), page(json.loads(text)))


def page_beside(file: Path) -> Path:
    """`report.html` for `report.json`."""
    return file.with_name(f"{file.stem if file.suffix == '.json' else file.name}.html")


def _replace(file: Path, text: str) -> None:
    """All of it or nothing."""
    scratch = file.with_name(f".{file.name}.{os.getpid()}")
    scratch.write_text(text, "utf-8")
    scratch.replace(file)
