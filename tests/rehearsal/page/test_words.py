"""Short words."""

import pytest

from rehearsal.page import words


@pytest.mark.parametrize(
    ("address", "name", "type_"),
    [
        ("google_sql_user.database_user_9EB13DDB", "database_user", "google_sql_user"),
        ("google_sql_user.plain", "plain", "google_sql_user"),
        ("google_sql_user.pool_0123ABCD[0]", "pool[0]", "google_sql_user"),
        ('module.a["x"].google_sql_user.u', 'module.a["x"].u', "google_sql_user"),
    ],
)
def test_names(address, name, type_):
    assert (words.name(address), words.type_of(address)) == (name, type_)


@pytest.mark.parametrize(
    ("seconds", "long", "about"),
    [(0, "0 s", "0 s"), (59, "59 s", "59 s"), (60, "1 min", "1 min"), (671, "11 min 11 s", "11 min")],
)
def test_durations(seconds, long, about):
    assert (words.duration(seconds), words.about(seconds)) == (long, about)


def test_anchors_are_ids_and_differ():
    one, other = (words.anchor("deploy", "infra", f'a.b["{key}"]') for key in ("x y", "x-y"))
    assert one != other
    assert " " not in one
    assert words.anchor("deploy", "infra", "a.b") == "deploy-infra-a.b"
