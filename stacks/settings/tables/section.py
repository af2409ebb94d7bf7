"""What every table of the settings file is made from."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from metaflow_gcp.checks import Checks


class Section(BaseModel):
    """A table. The text under a key is its description in the JSON Schema.

    A table that has a `check` adds there what types do not say: how its keys fit together, and to the other tables.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _no_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("not a whole number")  # noqa: TRY004 - pydantic collects ValueErrors only
    return value


Number = Annotated[int, BeforeValidator(_no_boolean)]
"""A whole number. Python, and so pydantic, takes `true` for 1."""


@contextmanager
def within(checks: Checks, prefix: str) -> Iterator[Checks]:
    """Checks whose problems are seen from further out: `tier` becomes `database.tier`."""
    inner = Checks()
    yield inner
    checks.problems += [problem.within(prefix) for problem in inner.problems]
