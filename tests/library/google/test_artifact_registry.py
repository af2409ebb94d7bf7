import pytest

from metaflow_gcp.google.artifact_registry import ImageRegistry, ImageRegistryProps, pulled_through

MINIMAL = {"project": "some-project", "location": "us-west1", "name": "artifact-metaflow"}
MAXIMAL = MINIMAL | {"keep_versions": 3, "untagged_days": 2}
OWN, HUB, ALL = "registry/repository", "registry/docker-hub", "registry/all"


def made(synthesize, properties, then=str):
    return synthesize(lambda scope: then(ImageRegistry(scope, "registry", ImageRegistryProps(**properties))))


def test_minimal(synthesize, holds):
    stack = made(synthesize, MINIMAL)
    here = {"project": "some-project", "location": "us-west1", "format": "DOCKER"}
    holds(
        stack.resources,
        {
            "google_artifact_registry_repository": {
                OWN: here | {"repository_id": "artifact-metaflow", "mode": None},
                HUB: here | {"repository_id": "artifact-metaflow-hub", "mode": "REMOTE_REPOSITORY"},
                ALL: here | {"repository_id": "artifact-metaflow-all", "mode": "VIRTUAL_REPOSITORY"},
            }
        },
    )
    assert len(stack["google_artifact_registry_repository"]) == 3


def test_maximal(synthesize):
    policies = made(synthesize, MAXIMAL)["google_artifact_registry_repository"][OWN]["cleanup_policies"]
    assert policies == [
        {
            "id": "delete-untagged",
            "action": "DELETE",
            "condition": {"tag_state": "UNTAGGED", "older_than": f"{2 * 24 * 60 * 60}s"},
        },
        {"id": "keep-newest", "action": "KEEP", "most_recent_versions": {"keep_count": 3}},
    ]


def test_clean_up_is_not_a_rehearsal_and_never_deletes_a_tagged_image_of_the_team(synthesize):
    repositories = made(synthesize, MINIMAL)["google_artifact_registry_repository"]
    for path in (OWN, HUB):
        assert repositories[path]["cleanup_policy_dry_run"] is False
    deleting = [each for each in repositories[OWN]["cleanup_policies"] if each["action"] == "DELETE"]
    assert [each["condition"]["tag_state"] for each in deleting] == ["UNTAGGED"]


def test_the_copy_of_docker_hub_forgets_what_nobody_pulls(synthesize):
    [policy] = made(synthesize, MINIMAL)["google_artifact_registry_repository"][HUB]["cleanup_policies"]
    assert policy["action"] == "DELETE"
    assert policy["condition"]["tag_state"] == "ANY"


def test_behind_the_common_prefix_the_team_s_images_win_over_docker_hub_s(synthesize):
    repository = made(synthesize, MINIMAL)["google_artifact_registry_repository"][ALL]
    upstreams = repository["virtual_repository_config"]["upstream_policies"]
    assert [each["repository"] for each in sorted(upstreams, key=lambda each: -each["priority"])] == [
        f"${{google_artifact_registry_repository.<{OWN}>.id}}",
        f"${{google_artifact_registry_repository.<{HUB}>.id}}",
    ]


def test_images_may_be_pulled_by_one_who_may_pull_from_each_of_the_three(synthesize):
    stack = made(synthesize, MINIMAL, lambda registry: registry.grant_pull("nodes", "user:a@example.com"))
    members = stack["google_artifact_registry_repository_iam_member"]
    assert {path: (each["role"], each["repository"]) for path, each in members.items()} == {
        f"registry/nodes-{name}": (
            "roles/artifactregistry.reader",
            f"${{google_artifact_registry_repository.<{path}>.name}}",
        )
        for name, path in (("own", OWN), ("docker-hub", HUB), ("all", ALL))
    }


@pytest.mark.parametrize(
    ("grant", "role"),
    [
        (ImageRegistry.grant_push, "roles/artifactregistry.writer"),
        (ImageRegistry.grant_admin, "roles/artifactregistry.repoAdmin"),
    ],
)
def test_who_pushes_or_deletes_may_do_so_in_the_team_s_repository_alone(synthesize, grant, role):
    stack = made(synthesize, MINIMAL, lambda registry: grant(registry, "people", "user:a@example.com"))
    assert stack["google_artifact_registry_repository_iam_member"] == {
        "registry/people": {
            "project": f"${{google_artifact_registry_repository.<{OWN}>.project}}",
            "location": f"${{google_artifact_registry_repository.<{OWN}>.location}}",
            "repository": f"${{google_artifact_registry_repository.<{OWN}>.name}}",
            "role": role,
            "member": "user:a@example.com",
        }
    }


def test_prefixes_name_host_project_and_repository(synthesize):
    def prefixes(registry):
        return {"own": registry.prefix, "all": registry.prefix_of_all, "hub": registry.prefix_of_docker_hub}

    host = "us-west1-docker.pkg.dev/some-project/${google_artifact_registry_repository."
    assert made(synthesize, MINIMAL, prefixes).values == {
        "own": f"{host}<{OWN}>.repository_id}}",
        "all": f"{host}<{ALL}>.repository_id}}",
        "hub": f"{host}<{HUB}>.repository_id}}",
    }


def test_images_are_streamed_so_it_needs_that_api_too():
    assert ImageRegistry.requirements.apis == {
        "artifactregistry.googleapis.com",
        "containerfilesystem.googleapis.com",
    }


@pytest.mark.parametrize(
    ("image", "full_name"),
    [
        ("python:3.11", "HUB/library/python:3.11"),
        ("netflixoss/metaflow_metadata_service:v2.5.0", "HUB/netflixoss/metaflow_metadata_service:v2.5.0"),
        ("ghcr.io/team/image:1", "ghcr.io/team/image:1"),
        ("localhost/image:1", "localhost/image:1"),
        ("registry:5000/image:1", "registry:5000/image:1"),
        ("${data.some.image}", "${data.some.image}"),
    ],
)
def test_an_image_without_a_registry_comes_through_the_copy_of_docker_hub(image, full_name):
    assert pulled_through(image, "HUB") == full_name


@pytest.mark.parametrize(
    ("properties", "where", "said"),
    [
        ({"name": "Artifact"}, "name", "a letter first"),
        ({"name": "a" * 60}, "name", "at most 63"),  # `-hub` is added
        ({"keep_versions": 0}, "keep_versions", "1 to 10000"),
        ({"untagged_days": 0}, "untagged_days", "1 to 3650"),
    ],
)
def test_what_is_wrong_is_refused(properties, where, said, refused):
    refused(lambda: ImageRegistryProps(**MINIMAL | properties), where, said)


def test_the_longest_name_leaves_room_for_what_is_added():
    assert ImageRegistryProps(**MINIMAL | {"name": "a" * 59}).name == "a" * 59
