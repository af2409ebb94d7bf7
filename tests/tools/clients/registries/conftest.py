import pytest

from tests.tools.stand_in_registry import StandInRegistry


@pytest.fixture
def registry():
    with StandInRegistry() as registry:
        yield registry
