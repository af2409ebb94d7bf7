"""One record for each Google type: what stands in which file."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from rehearsal.cloud.google import kinds
from rehearsal.cloud.google.grants import Grant
from rehearsal.facts import Facts

FACTS = Facts("google")
PROJECT = Path(kinds.__file__).parents[4]
FILES = sorted(each.stem for each in Path(kinds.__file__).parent.glob("[!_]*.py"))


def every_kind():
    return [kind for file in FILES for kind in kinds.records(file).values()]


@pytest.mark.parametrize("file", FILES)
def test_a_record_is_found_by_its_type_and_of_a_type_that_the_provider_has(file):
    for type_, record in kinds.records(file).items():
        assert FACTS.schema("resource", type_) or FACTS.schema("data", type_), type_
        found = kinds.find(FACTS, type_)
        assert (found.rules, found.facts, found.data) == (record.rules, record.facts, record.data)
        assert found.references is record.references, f"{type_} stands in the wrong file"


def test_no_type_has_two():
    assert [type_ for type_, count in Counter(kind.type for kind in every_kind()).items() if count > 1] == []


def test_what_a_record_refers_to_is_an_attribute_and_a_type():
    for kind in every_kind():
        for dotted, (target, _) in kind.references.items():
            assert FACTS.schema("resource", target), target
            block = FACTS.schema("resource", kind.type).block
            *blocks, last = dotted.split(".")
            for step in blocks:
                block = block.blocks[step].block
            assert last in block.attributes, (kind.type, dotted)


def test_a_type_of_which_nothing_is_written_is_what_its_documentation_says():
    kind = kinds.find(FACTS, "google_pubsub_topic")
    assert (kind.api, kind.path) == ("pubsub.googleapis.com", "projects/{{project}}/topics/{{name}}")


def test_a_grant_is_of_what_it_grants_on():
    kind = kinds.find(FACTS, "google_storage_bucket_iam_member")
    assert isinstance(kind, Grant)
    assert (kind.on.type, kind.joins) == ("google_storage_bucket", True)


def test_a_provider_that_starts_reads_no_file_before_a_type_of_its_api_is_asked_for():
    said = (
        "import sys; from rehearsal.cloud.google.provider import Google; from rehearsal.facts import Facts;"
        "made = lambda: [name.rpartition('.')[2] for name in sys.modules if '.google.kinds.' in name];"
        "print(made()); Google(Facts('google'), None).kind('google_storage_bucket'); print(made())"
    )
    done = subprocess.run([sys.executable, "-c", said], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "['storage']"]
