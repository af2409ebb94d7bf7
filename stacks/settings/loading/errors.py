"""The error that says everything that is wrong with the settings."""

from collections.abc import Iterable

from metaflow_gcp.checks import Problem


class InvalidSettings(Exception):
    """Not a ValueError on purpose: pydantic would swallow it into one of its own."""

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        super().__init__("\n\n".join([f"{count} in the settings ({source})", *map(str, self.problems)]))
