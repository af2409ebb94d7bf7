import pytest

from metaflow_gcp.checks import Checks
from metaflow_gcp.google import secret_manager


def problems(*names):
    checks = Checks()
    secret_manager.check(checks, "secrets", names)
    return checks.problems


def test_names_of_the_project_s_own_secrets_pass():
    assert problems("hf-token", "W_andb", "${data.x.y}") == []


@pytest.mark.parametrize(
    ("name", "said"),
    [("projects/other/secrets/token", "names a project"), ("", "not valid"), ("a b", "not valid"), ("a" * 256, "not")],
)
def test_what_is_none_is_refused(name, said):
    [problem] = problems(name)
    assert problem.where == "secrets[0]"
    assert said in problem.wrong


def test_a_secret_named_twice_is_refused():
    [problem] = problems("a", "b", "a")
    assert problem.where == "secrets[2]"
