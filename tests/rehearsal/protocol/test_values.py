import msgpack
import pytest

from rehearsal.protocol.values import UNKNOWN, Dynamic, decode, encode, from_json, known, to_json


def test_a_value_survives_the_protocol():
    value = {"a": [1, 2.5, "x", True, None], "b": UNKNOWN, "c": Dynamic(type=["list", "string"], value=["x", UNKNOWN])}
    assert decode(encode(value)) == value


def test_an_unknown_with_refinements_is_unknown():
    assert decode(msgpack.packb(msgpack.ExtType(12, b"\x81\x01\xc2"))) is UNKNOWN


def test_no_bytes_are_null():
    assert decode(b"") is None


def test_an_unknown_is_neither_true_nor_false():
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(UNKNOWN)


def test_the_models_file_keeps_dynamic_values():
    value = {"manifest": Dynamic(type=["object", {"kind": "string"}], value={"kind": "Pod"})}
    assert from_json(to_json(value)) == value


def test_the_models_file_takes_no_unknowns():
    with pytest.raises(TypeError, match="only known values"):
        to_json({"a": UNKNOWN})


@pytest.mark.parametrize(("value", "expected"), [([1, {"a": UNKNOWN}], False), ({"a": [None, "x"]}, True)])
def test_known(value, expected):
    assert known(value) is expected
