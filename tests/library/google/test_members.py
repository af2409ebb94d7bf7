import pytest

from metaflow_gcp.checks import Checks
from metaflow_gcp.google import members


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


WORKFORCE = "//iam.googleapis.com/locations/global/workforcePools/acme"
WORKLOAD = "//iam.googleapis.com/projects/7/locations/global/workloadIdentityPools/ci"
IN_RBAC = [f"principal:{WORKFORCE}/subject/ada@example.com", f"principalSet:{WORKFORCE}/group/ml-team"]
IN_IAM_ONLY = [
    f"principalSet:{WORKFORCE}/attribute.team/ml",
    f"principalSet:{WORKFORCE}/*",
    f"principal:{WORKLOAD}/subject/repo:acme/flows:ref:refs/heads/main",
    f"principalSet:{WORKLOAD}/attribute.repository/acme/flows",
    f"principalSet:{WORKLOAD}/*",
]


@pytest.mark.parametrize("member", [*IN_RBAC, *IN_IAM_ONLY])
def test_federated_identities_pass_where_google_takes_them(member):
    """In the forms of https://cloud.google.com/iam/docs/principal-identifiers."""
    checks = Checks()
    members.check(checks, "users", [member])
    assert checks.problems == []


@pytest.mark.parametrize(
    ("member", "passes"), [*((each, True) for each in IN_RBAC), *((each, False) for each in IN_IAM_ONLY)]
)
def test_kubernetes_knows_subjects_and_groups_of_workforce_pools(member, passes):
    """As https://cloud.google.com/kubernetes-engine/docs/how-to/oidc has it."""
    checks = Checks()
    members.check(checks, "users", [member], in_kubernetes=True)
    assert (checks.problems == []) is passes
    for problem in checks.problems:
        assert "Kubernetes RBAC does not know it" in problem.wrong
        assert "workforcePools/POOL/subject/SUBJECT" in problem.allowed


@pytest.mark.parametrize(
    "member",
    [
        "principal://goog/subject/ada@example.com",
        f"principal:{WORKFORCE}/group/ml-team",
        f"principalSet:{WORKFORCE}/subject/ada",
        f"principalSet:{WORKFORCE}",
        "principal:ada@example.com",
        "principalSet://goog/public:all",
    ],
)
def test_what_is_no_federated_identity_is_refused(member):
    checks = Checks()
    members.check(checks, "users", [member])
    (problem,) = checks.problems
    assert "is not a federated identity as IAM writes it" in problem.wrong


def test_letter_case_counts_in_a_federated_identity():
    checks = Checks()
    members.check(checks, "users", [IN_RBAC[0], IN_RBAC[0].replace("ada", "Ada")])
    assert checks.problems == []
    assert members.key(IN_RBAC[0]) != members.key(IN_RBAC[0].replace("ada", "Ada"))
