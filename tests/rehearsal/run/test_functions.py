"""The results that decide where something is are Terraform's own."""

import pytest

from rehearsal.run.functions import called

LINKS = ["projects/p/zones/z-b/instanceGroups/g", "projects/p/zones/z-a/instanceGroups/g"]


def value_of(text):
    return called(text, value_of) if "(" in text else {"pool.links": LINKS}[text]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("sort(pool.links)", LINKS[::-1]),
        ("element(sort(pool.links), 1)", LINKS[0]),
        ("element(pool.links, 3)", LINKS[1]),
        ('element(regex("zones/([^/]+)/", element(sort(pool.links), 0)), 0)', "z-a"),
    ],
)
def test_known(text, result):
    assert called(text, value_of) == result


def test_of_others_nobody_needs_the_result():
    assert called("sha256(pool.links)", value_of) == called("sha256(pool.links)", value_of)
    assert called("sha256(pool.links)", value_of) != called("md5(pool.links)", value_of)
