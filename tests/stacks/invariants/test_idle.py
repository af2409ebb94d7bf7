"""What all of it requests at rest: our Deployments, the local chart, others' charts with our values."""

import json
import re
from collections import Counter

import pytest

from tests.stacks.invariants import objects as of, pods as every
from tests.stacks.invariants.world import World

AT_MOST_CPUS = 1.2
AT_MOST_GIBIBYTES = 2
UNITS = {"": 1, "m": 1 / 1000, "Mi": 1 / 1024, "Gi": 1}


def amount(quantity):
    """CPUs, or GiB."""
    number, unit = re.fullmatch(r"(\d+)([A-Za-z]*)", quantity).groups()
    return int(number) * UNITS[unit]


def requested(pod):
    """CPUs and GiB, as the scheduler counts: containers run together, those of the start one after the other."""

    def of_all(containers):
        return [sum(amount(each["resources"]["requests"][what]) for each in containers) for what in ("cpu", "memory")]

    first = [of_all([each]) for each in pod.spec.get("initContainers", [])]
    return [pod.replicas * max(amounts) for amounts in zip(of_all(pod.spec["containers"]), *first, strict=True)]


@pytest.fixture
def at_rest(platform):
    """What it belongs to -> CPUs and GiB."""
    return {pod.owner: requested(pod) for pod in World.of(platform).pods if pod.at_rest}


def test_everything_together_asks_for_little(at_rest):
    """Known defect 13 of the templates: 4.5 CPU and 6 GiB."""
    cpus, gibibytes = (sum(amounts) for amounts in zip(*at_rest.values(), strict=True))
    assert cpus <= AT_MOST_CPUS, at_rest
    assert gibibytes <= AT_MOST_GIBIBYTES, at_rest


def test_the_database_has_no_proxy_beside_it(at_rest):
    """Known defect 13 of the templates: 2 CPU of it are for proxies."""
    assert not [owner for owner in at_rest if "proxy" in owner]
    assert max(cpus for cpus, _ in at_rest.values()) <= 0.25


def test_nothing_that_a_chart_runs_is_left_out(platform, at_rest):
    """Every part that has replicas, and is not switched off, is counted above, with requests of ours."""
    count = Counter(owner.partition(":")[0] for owner in at_rest)
    elements = [each.attributes for each in platform.of_type("helm_release")]
    set_ = {each["name"]: json.loads(each["values"][0]) for each in elements}
    for release in (each for each in of.releases(platform) if not each.is_local):
        parts = every.parts(release)
        assert count[f"release {release.name}"] == len(parts) > 0
        for part in parts:
            assert set_[release.name][part]["resources"]["requests"].keys() == {"cpu", "memory"}
