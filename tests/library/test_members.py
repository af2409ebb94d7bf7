import pytest

from metaflow_gcp import members
from metaflow_gcp.checks import Checks


def test_people_groups_and_service_accounts_pass():
    checks = Checks()
    members.check(
        checks,
        "users",
        [
            "user:ada@example.com",
            "group:ml-team@example.co.uk",
            "serviceAccount:ci@my-project.iam.gserviceaccount.com",
            "${TfToken[TOKEN.1]}",
        ],
    )
    assert checks.problems == []


@pytest.mark.parametrize(
    ("member", "wrong", "fix"),
    [
        ("allUsers", "everyone on the internet", "name the people"),
        ("allAuthenticatedUsers", "everyone on the internet", "name the people"),
        ("domain:example.com", "everyone of the domain", "name the people"),
        ("ada@example.com", "has no kind", "user:ada@example.com"),
        ("ci@p.iam.gserviceaccount.com", "has no kind", "serviceAccount:ci@p.iam.gserviceaccount.com"),
        ("users:ada@example.com", "is not a member", "correct users[0]"),
        ("user:ada", "is not a member", "correct users[0]"),
        ("user:", "is not a member", "correct users[0]"),
        ("user:ci@p.iam.gserviceaccount.com", "of another kind", "serviceAccount:ci@"),
        ("serviceAccount:ada@example.com", "of another kind", "user:ada@example.com"),
    ],
)
def test_others_are_refused_with_the_reason(member, wrong, fix):
    checks = Checks()
    members.check(checks, "users", [member])
    (problem,) = checks.problems
    assert problem.where == "users[0]"
    assert repr(member) in problem.wrong
    assert wrong in problem.wrong
    assert "group:<address>" in problem.allowed
    assert fix in problem.fix


def test_a_member_named_twice_is_found():
    checks = Checks()
    members.check(checks, "users", ["user:ada@example.com", "user:ada@example.com"])
    assert [problem.where for problem in checks.problems] == ["users[1]"]


def test_the_right_spelling_can_stand_beside_another():
    checks = Checks()
    members.check(checks, "users", ["user:ada@example.com", "user:Ada@example.com", "user:ADA@example.com"])
    assert checks.problems == []


@pytest.mark.parametrize(
    ("address", "spellings"),
    [
        ("Ada@Example.com", ("Ada@Example.com", "ada@example.com")),
        ("ada@example.com", ("ada@example.com",)),
        ("${TfToken[TOKEN.1]}", ("${TfToken[TOKEN.1]}",)),
    ],
)
def test_kubernetes_may_know_an_address_as_given_or_in_lower_case(address, spellings):
    assert members.spellings(address) == spellings
