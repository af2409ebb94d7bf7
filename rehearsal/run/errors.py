"""The two ways a run ends badly."""


class WrongUse(Exception):
    """Something the person at the keyboard has to put right first: exit code 2, one clear line."""


class StepFailed(Exception):
    """A step of the rehearsal failed: exit code 1, and the report says where."""

    def __init__(self, step: str, message: str, stack: str | None = None) -> None:
        super().__init__(message)
        self.step, self.message, self.stack = step, message, stack
