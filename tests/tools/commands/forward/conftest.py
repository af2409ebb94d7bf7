from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.tools.commands.forward.platforms import StandIn, stand_in
from tests.tools.commands.forward.programs import Started, start, to_its_end
from tests.tools.conftest import Ran


@pytest.fixture
def machine(tmp_path: Path, environment: dict[str, str]) -> Iterator[StandIn]:
    """A person's machine, configured for a platform whose services answer."""
    with stand_in(tmp_path / "machine", environment) as made:
        yield made


@pytest.fixture
def here(machine: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """The machine is this process'."""
    for name, value in machine.environment.items():
        monkeypatch.setenv(name, value)
    return machine


@pytest.fixture
def begin(machine: StandIn) -> Iterator[Callable[..., Started]]:
    """Start `metaflow-gcp` on the machine, and go on."""
    with ExitStack() as stack:

        def begin(*arguments: str, on: StandIn = machine, **options) -> Started:
            return stack.enter_context(start(arguments, on, **options))

        yield begin


@pytest.fixture
def ran(machine: StandIn) -> Callable[..., Ran]:
    """Run `metaflow-gcp` on the machine, to its end."""

    def ran(*arguments: str, on: StandIn = machine, **options) -> Ran:
        return to_its_end(arguments, on, **options)

    return ran
