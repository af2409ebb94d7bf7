"""Which images nodes get."""

import pytest

from rehearsal.cloud.kubernetes.images import events, exists, split

NATS = "us-west1-docker.pkg.dev/acme/hub/library/nats"


@pytest.mark.parametrize(
    ("image", "name", "tag"),
    [
        ("nats", "docker.io/library/nats", "latest"),
        ("natsio/exporter:1", "docker.io/natsio/exporter", "1"),
        ("quay.io/a/b:v1", "quay.io/a/b", "v1"),
        ("localhost:5000/a@sha256:00", "localhost:5000/a", ""),
    ],
)
def test_names_as_docker_reads_them(image, name, tag):
    assert split(image) == (name, tag)


@pytest.mark.parametrize(
    ("image", "known"),
    [
        ("nats:2.10.10", True),
        ("docker.io/library/nats:2.10.10", True),
        ("nats:9", False),
        ("nats", False),
        ("quay.io/argoproj/argocli:v3.7.11", True),
        ("quay.io/argoproj/argocli:3.7.11", False),
        ("ghcr.io/somebody/else:1", True),
    ],
)
def test_what_exists_as_far_as_is_known(image, known):
    assert exists(image) is known


@pytest.fixture
def pulled(google, cloud, cluster):
    """What the kubelet says of an image, on nodes of an account of their own."""
    google.create(
        "google_artifact_registry_repository",
        repository_id="hub",
        location="us-west1",
        format="DOCKER",
        mode="REMOTE_REPOSITORY",
    )
    google.create("google_service_account", account_id="nodes1")
    config = {"service_account": "nodes1@acme.iam.gserviceaccount.com", "labels": {"pool": "own"}}
    google.create("google_container_node_pool", name="own", cluster="main", location="us-west1", node_config=config)
    [key] = [each.key for each in cloud.all("google_container_cluster")]

    def pulled(image, **grant):
        if grant:
            google.create(
                "google_artifact_registry_repository_iam_member",
                repository="hub",
                location="us-west1",
                member="serviceAccount:nodes1@acme.iam.gserviceaccount.com",
                **grant,
            )
        pod = {"node_selector": {"pool": "own"}, "container": [{"image": image}]}
        return [each.message for each in events(cloud, key, pod)]

    return pulled


def test_an_image_through_the_proxy(pulled):
    assert pulled(f"{NATS}:2.10.10", role="roles/artifactregistry.reader") == []


def test_a_tag_that_there_is_not(pulled):
    [said] = pulled(f"{NATS}:9.9", role="roles/artifactregistry.reader")
    assert "docker.io/library/nats:9.9: not found" in said


def test_a_repository_that_there_is_not(pulled):
    assert any('Repository "hubs" not found' in each for each in pulled(f"{NATS.replace('hub', 'hubs')}:2.10.10"))


@pytest.mark.parametrize("grant", [{}, {"role": "roles/logging.viewer"}])
def test_nodes_that_may_not_read_it(pulled, grant):
    [said] = pulled(f"{NATS}:2.10.10", **grant)
    assert "403 Forbidden: nodes1@acme.iam.gserviceaccount.com has no permission artifactregistry." in said
