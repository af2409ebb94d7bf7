from dataclasses import dataclass

import pytest

from metaflow_gcp.google.artifact_registry import ImageRegistry, ImageRegistryProps
from metaflow_gcp.google.sql.postgres_database import PostgresDatabase, PostgresDatabaseProps
from metaflow_gcp.google.storage import Datastore, DatastoreProps
from metaflow_gcp.metaflow.team import OPERATOR_ROLES, TeamAccess, TeamAccessProps

ANN, BOB, ROBOT = "user:Ann.Lee@example.com", "group:bob@example.com", "serviceAccount:r@p.iam.gserviceaccount.com"


@dataclass(frozen=True)
class SomeNetwork:
    network: str = "some-network"
    subnetwork: str = "some-subnetwork"
    pods_range: str = "pods"
    services_range: str = "services"


@pytest.fixture
def access(synthesize):
    def build(scope, users, admins):
        here = {"project": "some-project"}
        database = {"name_prefix": "psql", "region": "us-west1", "network": SomeNetwork()}
        TeamAccess(
            scope,
            "access",
            TeamAccessProps(
                **here,
                role_id="metaflow_default",
                datastore=Datastore(scope, "datastore", DatastoreProps(**here, name="bucket", location="us-west1")),
                registry=ImageRegistry(scope, "registry", ImageRegistryProps(**here, location="us-west1", name="r")),
                database=PostgresDatabase(scope, "database", PostgresDatabaseProps(**here, **database)),
                users=users,
                admins=admins,
            ),
        )

    return lambda users=(), admins=(): synthesize(lambda scope: build(scope, users, admins))


def grants(stack, member=None):
    """Every grant as (what it is on, role), for one member or all."""
    found = set()
    for type_, elements in stack.resources.items():
        if "_iam_" in type_ and type_ != "google_project_iam_custom_role":
            for each in elements.values():
                on = each.get("repository") or each.get("bucket") or each.get("secret_id") or "project"
                if member in (None, each["member"]):
                    found.add((on, each["role"]))
    return found


CONNECT = "${google_project_iam_custom_role.<access/connect>.name}"
BUCKET = "${google_storage_bucket.<datastore/bucket>.name}"
OWN, HUB, ALL = (
    f"${{google_artifact_registry_repository.<registry/{path}>.name}}" for path in ("repository", "docker-hub", "all")
)
SECRET = "${google_secret_manager_secret.<database/secret>.secret_id}"
OF_USERS = {
    ("project", CONNECT),
    (BUCKET, "roles/storage.objectUser"),
    *((repository, "roles/artifactregistry.reader") for repository in (OWN, HUB, ALL)),
    (OWN, "roles/artifactregistry.writer"),
}
OF_ADMINS = OF_USERS | {
    *(("project", role) for role in OPERATOR_ROLES),
    (BUCKET, "roles/storage.admin"),
    (OWN, "roles/artifactregistry.repoAdmin"),
    (SECRET, "roles/secretmanager.secretAccessor"),
}


def test_minimal_nobody_is_let_in(access):
    assert grants(access()) == set()


@pytest.mark.parametrize("member", [ANN, BOB, ROBOT])
def test_users_get_exactly_what_running_flows_takes(access, member):
    assert grants(access(users=(member,)), member) == OF_USERS


def test_maximal_admins_get_exactly_what_operating_takes_and_users_do_not(access):
    stack = access(users=(ANN,), admins=(BOB, ROBOT))
    assert grants(stack, ANN) == OF_USERS
    assert grants(stack, BOB) == OF_ADMINS
    assert grants(stack, ROBOT) == OF_ADMINS


def test_one_who_is_both_is_not_granted_twice(access):
    assert grants(access(users=(ANN,), admins=(ANN,)), ANN) == OF_ADMINS


def test_one_who_is_written_in_two_ways_is_one(access):
    """IAM does not tell addresses apart by case; two constructs of one id would end the synth."""
    stack = access(users=("user:ann.lee@example.com",), admins=(ANN,))
    assert grants(stack) == OF_ADMINS
    assert len(stack["google_storage_bucket_iam_member"]) == 2


def test_adding_the_right_spelling_changes_no_grant(access):
    """It is one member to IAM, whatever comes first: the provider ignores case, too (iamMemberCaseDiffSuppress)."""
    one = access(users=("user:ada@example.com",))
    two = access(users=("user:ada@example.com", "user:Ada@Example.com"))
    assert one.resources == two.resources


def test_nobody_gets_a_basic_role_or_the_clusters_of_the_whole_project():
    assert not set(OPERATOR_ROLES) & {
        "roles/owner",
        "roles/editor",
        "roles/viewer",
        "roles/container.admin",
        "roles/container.developer",
    }


def test_reaching_the_platform_takes_a_role_of_three_permissions(access):
    """The least that works; listing buckets shows names, nothing within.

    https://cloud.google.com/kubernetes-engine/docs/concepts/network-isolation#dns-based-endpoint
    """
    role = access().only("google_project_iam_custom_role")
    assert role["permissions"] == ["container.clusters.connect", "container.clusters.get", "storage.buckets.list"]


def test_a_random_suffix_follows_for_a_deleted_role_s_id_stays_taken(access):
    stack = access()
    role_id = stack.only("google_project_iam_custom_role")["role_id"]
    assert role_id == "metaflow_default_${random_id.<access/suffix>.hex}"


def test_a_further_member_in_front_leaves_the_grants_of_the_others_alone(access):
    one, two = access(users=(BOB,), admins=(ROBOT,)), access(users=(ANN, BOB), admins=(ANN, ROBOT))
    for type_, elements in one.resources.items():
        assert elements.items() <= two.resources[type_].items()


def test_it_needs_the_apis_of_roles():
    assert TeamAccess.requirements.apis == {"iam.googleapis.com", "cloudresourcemanager.googleapis.com"}


@pytest.mark.parametrize(
    ("people", "where"),
    [
        ({"users": ("ann@example.com",)}, "users[0]"),
        ({"users": ("allUsers",)}, "users[0]"),
        ({"admins": ("user:a@example.com", "domain:example.com")}, "admins[1]"),
    ],
)
def test_what_is_no_member_is_refused(people, where, refused):
    made = {"datastore": Datastore, "registry": ImageRegistry, "database": PostgresDatabase}
    props = {"project": "p", "role_id": "r", **{name: object.__new__(kind) for name, kind in made.items()}}
    refused(lambda: TeamAccessProps(**props, **people), where, "user:<address>")


def test_federated_identities_are_granted_as_they_are_written(access):
    pool = "//iam.googleapis.com/locations/global/workforcePools/acme"
    people = (f"principal:{pool}/subject/Ada/x", f"principal:{pool}/subject/ada/x", f"principalSet:{pool}/*")
    stack = access(users=people)
    for member in people:
        assert grants(stack, member) == OF_USERS
