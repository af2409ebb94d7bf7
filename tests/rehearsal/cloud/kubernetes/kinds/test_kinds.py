"""One record for each kind."""

from collections import Counter

import pytest

from rehearsal.cloud.kubernetes.kind import Made
from rehearsal.cloud.kubernetes.kinds import GROUPS, KINDS
from rehearsal.facts import Facts


def test_no_kind_has_two():
    counted = Counter(kind.type for group in GROUPS for kind in group.KINDS)
    assert [type_ for type_, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("what", KINDS)
def test_every_record_is_of_a_kind_that_the_provider_has(what):
    facts = Facts("kubernetes")
    assert facts.schema("resource", f"{what}_v1") or facts.schema("data", what)


def paths(table, before=()):
    for name, default in table.items():
        yield (*before, name)
        inside = default.table if isinstance(default, Made) else default
        if isinstance(inside, dict):
            yield from paths(inside, (*before, name))


@pytest.mark.parametrize("what", [kind.type for kind in KINDS.values() if kind.defaults])
def test_every_default_is_of_an_attribute_that_the_provider_has(what):
    schema = Facts("kubernetes").schema("resource", f"{what}_v1")
    for *blocks, last in paths(KINDS[what].defaults):
        block = schema.block
        for name in blocks:
            block = block.blocks[name].block
        assert last in {**block.attributes, **block.blocks}, (what, blocks, last)
