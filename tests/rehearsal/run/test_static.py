"""What Terraform refuses before it asks anybody."""

import pytest

from rehearsal.facts import Facts
from rehearsal.run.static import problems

BUCKET = {"name": "things", "location": "US"}


def of(**more):
    resource = {"google_storage_bucket": {"b": BUCKET | more}, "google_storage_bucket_object": {"o": OBJECT}}
    return {"resource": resource, "output": {"name": {"value": "${google_storage_bucket.b.name}"}}}


OBJECT = {"name": "o", "content": "x", "bucket": "${google_storage_bucket.b.name}"}


def said(configuration):
    return list(problems(configuration, Facts("google").schema))


def test_what_is_right():
    rule = [{"action": {"type": "Delete"}, "condition": {"age": "7"}}]
    assert said(of(lifecycle_rule=rule, force_destroy="true", lifecycle={"prevent_destroy": True})) == []


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"forse_destroy": True}, 'an argument named "forse_destroy" is not expected here'),
        ({"versioning": {"enabeld": True}}, 'an argument named "versioning.enabeld" is not expected here'),
        ({"versioning": {}}, 'the argument "versioning.enabled" is required'),
        ({"versioning": [{"enabled": True}] * 2}, "Too many versioning blocks: no more than 1 are allowed"),
        ({"lifecycle_rule": [{"action": {"type": "Delete"}}]}, 'at least 1 "lifecycle_rule.condition" are required'),
        ({"name": None}, 'the argument "name" is required'),
        ({"force_destroy": "maybe"}, 'inappropriate value for attribute "force_destroy": a bool is required'),
        ({"labels": ["a"]}, 'inappropriate value for attribute "labels": map is required'),
        ({"soft_delete_policy": {"retention_duration_seconds": "week"}}, "a number is required"),
        ({"self_link": "x"}, 'can\'t configure a value for "self_link"'),
        (
            {"retention_policy": {"retention_period": 0}},
            "expected retention_policy.0.retention_period to be in the range",
        ),
        ({"project": "${google_project.p.name}"}, "google_project.p has not been declared"),
        (
            {"project": "${google_storage_bucket_object.o.nome}"},
            'no argument, block, or exported attribute named "nome"',
        ),
        ({"depends_on": ["google_project.p"]}, "Reference to undeclared resource: google_project.p"),
        ({"depends_on": ["google_storage_bucket_object.o"]}, "Cycle: "),
    ],
)
def test_what_is_wrong(more, problem):
    found = said(of(**more))
    assert any(problem in each for each in found), found


def test_a_type_that_there_is_not():
    [problem] = said({"resource": {"google_storage_buckets": {"b": {}}}})
    assert 'the provider does not support resource type "google_storage_buckets"' in problem
