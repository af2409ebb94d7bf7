"""Amounts as Kubernetes writes them: `1024Gi` is read and written back as `1Ti`.

From apimachinery's pkg/api/resource/quantity.go (ParseQuantity, CanonicalizeBytes), which the API server and
Terraform's provider both use. Exponents (`1e3`) keep their form there and are left alone here.
"""

import math
import re
from fractions import Fraction

_QUANTITY = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"": 0, "Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_LARGEST = 2**63 - 1


def amount(text: str) -> Fraction | None:
    """The number that a quantity stands for; None for a text that is no quantity."""
    found = _QUANTITY.fullmatch(text)
    if found is None:
        return None
    number, suffix = Fraction(found[1]), found[2] or ""
    if suffix in _DECIMAL:
        number *= Fraction(10) ** _DECIMAL[suffix]
    elif suffix in _BINARY:
        number *= 1024 ** _BINARY[suffix]
    else:
        number *= Fraction(10) ** int(suffix[1:])
    return Fraction(math.ceil(number * 10**9), 10**9)


def same(one: str, other: str) -> bool:
    """Whether both are quantities and stand for the same number."""
    return amount(one) is not None and amount(one) == amount(other)


def canonical(text: str) -> str:
    """The quantity as the API server gives it back; a text that is no quantity stays."""
    number = amount(text)
    if number is None or re.search("[eE][+-]?[0-9]", text):
        return text
    number = min(number, Fraction(_LARGEST))
    if text.endswith("i") and number.denominator == 1 and abs(number) >= 1024:
        return _written(int(number), 1024, list(_BINARY))
    return _written(int(number * 10**9), 1000, list(_DECIMAL)) if number else "0"


def _written(number: int, base: int, suffixes: list[str]) -> str:
    """With the largest suffix that leaves a whole number."""
    place = 0
    while number % base == 0 and place + 1 < len(suffixes):
        number, place = number // base, place + 1
    return f"{number}{suffixes[place]}"
