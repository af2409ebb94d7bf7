"""Amounts. They were put to apimachinery's own ParseQuantity and String (Kubernetes 1.34)."""

import pytest

from rehearsal.cloud.quantities import canonical, same


@pytest.mark.parametrize(
    ("written", "given_back"),
    [
        ("1024Gi", "1Ti"),
        ("64Gi", "64Gi"),
        ("1536Mi", "1536Mi"),
        ("0.1Gi", "107374182400m"),
        ("0.5Ki", "512"),
        ("1000", "1k"),
        ("1000m", "1"),
        ("0.5", "500m"),
        ("1000M", "1G"),
        ("1024Ei", "9223372036854775807"),
        ("1e3", "1e3"),
        ("0Gi", "0"),
        ("much", "much"),
    ],
)
def test_an_amount_comes_back_in_its_canonical_form(written, given_back):
    assert canonical(written) == given_back


def test_amounts_that_are_the_same():
    assert same("1024Gi", "1Ti")
    assert same("1000m", "1")
    assert not same("1G", "1Gi")
    assert not same("much", "much")
