"""Providers that break."""

import pytest

from rehearsal.faults.provider import Faulty
from rehearsal.faults.store import inject
from tests.rehearsal.conftest import Asked


@pytest.fixture
def breaks(cloud):
    """What is asked of a provider breaks as the faults say."""

    def breaks(asked, *faults):
        inject(cloud, *faults)
        return Asked(Faulty(asked.provider, cloud))

    return breaks
