"""Changes of Metaflow's configuration touch the keys that are meant and no other byte."""

import json

import pytest

from metaflow_gcp_tools.machine.json_text import NotAnObject, changed

TEXTS = {
    "as json.dump writes it": '{"MINE": 1, "A": "old", "B": [1, {"A": 2}]}',
    "in lines": '{\n    "MINE": 1,\n    "A": "old",\n    "B": "b"\n}\n',
    "by hand": '{ "MINE":1 ,\n\n"A"\t:  "old"\n  , "B" : {"x":   [1,2 ] }\n}',
    "with Windows' line breaks": '{\r\n  "A": "old",\r\n  "B": "b"\r\n}\r\n',
    "with escapes": '{"\\u0041": "old \\" } , \\ud83d\\ude00", "B": "\\/ö"}',
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_value_is_replaced_in_its_place(text):
    after = changed(text, {"A": "new"}, frozenset())
    assert json.loads(after) == json.loads(text) | {"A": "new"}
    old = json.loads(text)["A"]
    written = next(each for each in (f'"{old}"', json.dumps(old)) if each in text)
    assert after == text.replace(written, '"new"', 1)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_new_key_is_last_and_the_only_new_text(text):
    after = changed(text, {"NEW": "ä"}, frozenset())
    assert list(json.loads(after)) == [*json.loads(text), "NEW"]
    at = after.index('"NEW": "ä"')
    before = after[:at].rstrip()
    assert before.endswith(",")
    assert before[:-1] + after[at + len('"NEW": "ä"') :] == text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("gone", [{"A"}, {"B"}, {"MINE"}, {"A", "B"}, {"A", "B", "MINE"}])
def test_a_key_goes_with_its_comma_and_no_other_does(text, gone):
    after = changed(text, {}, frozenset(gone))
    assert json.loads(after) == {key: value for key, value in json.loads(text).items() if key not in gone}
    assert list(json.loads(after)) == [key for key in json.loads(text) if key not in gone]


def test_what_is_right_stays_as_it_is_written():
    text = '{"A" : "\\u0061", "B":1}'
    assert changed(text, {"A": "a"}, frozenset({"C"})) == text


@pytest.mark.parametrize("text", ["{}", "{ }", "{\n}\n"])
def test_an_empty_object_gets_lines(text):
    assert json.loads(changed(text, {"A": "a", "B": "b"}, frozenset())) == {"A": "a", "B": "b"}


def test_of_a_key_that_stands_there_twice_the_one_that_counts_is_changed_and_all_go():
    text = '{"A": "1", "A": "2"}'
    assert changed(text, {"A": "3"}, frozenset()) == '{"A": "1", "A": "3"}'
    assert json.loads(changed(text, {}, frozenset({"A"}))) == {}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"A": }', "A = 1", '{"A": 1} x'])
def test_what_is_no_object_is_refused(text):
    with pytest.raises(NotAnObject):
        changed(text, {"A": "a"}, frozenset())
