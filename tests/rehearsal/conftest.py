"""A cloud with one project, and providers to ask without Terraform between."""

from pathlib import Path

import pytest

from rehearsal.cloud.google.provider import Google
from rehearsal.cloud.helm import Helm
from rehearsal.cloud.kubernetes.provider import Kubernetes
from rehearsal.cloud.model import Cloud
from rehearsal.cloud.random import Random
from rehearsal.facts import Facts
from rehearsal.protocol.plan import plan
from rehearsal.protocol.values import UNKNOWN
from rehearsal.run.seed import whole

APIS = (
    "artifactregistry",
    "cloudresourcemanager",
    "compute",
    "container",
    "iam",
    "iamcredentials",
    "logging",
    "monitoring",
    "secretmanager",
    "servicenetworking",
    "sqladmin",
    "storage",
)


class Asked:
    """A provider, asked as Terraform asks it."""

    def __init__(self, provider):
        self.provider = provider

    def plan(self, type_, prior=None, **attributes):
        schema = self.provider.schema("resource", type_)
        config = whole(schema.block, attributes)
        planned = plan(schema, config, prior)
        return planned | self.provider.plan(schema, planned, config, prior)

    def create(self, type_, **attributes):
        schema = self.provider.schema("resource", type_)
        return self.provider.create(schema, self.plan(type_, **attributes), whole(schema.block, attributes))

    def update(self, type_, prior, **attributes):
        schema = self.provider.schema("resource", type_)
        return self.provider.update(
            schema, prior, self.plan(type_, prior, **attributes), whole(schema.block, attributes)
        )

    def read(self, type_, state):
        return self.provider.read(self.provider.schema("resource", type_), state)

    def delete(self, type_, state):
        self.provider.delete(self.provider.schema("resource", type_), state)

    def find(self, type_, id_):
        return self.provider.find(self.provider.schema("resource", type_), id_)

    def data(self, type_, **attributes):
        schema = self.provider.schema("data", type_)
        return self.provider.data(schema, whole(schema.block, attributes))


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    made = Cloud(tmp_path / "cloud.sqlite")
    made.add_project("acme", "123456789012")
    for api in APIS:
        made.enable("acme", f"{api}.googleapis.com")
    return made


@pytest.fixture
def google(cloud):
    provider = Google(Facts("google"), cloud)
    provider.configure({"project": "acme", "region": "us-west1", "default_labels": {"team": "ml"}})
    return Asked(provider)


@pytest.fixture
def network(google):
    google.create("google_compute_network", name="vpc")
    ranges = [{"range_name": "pods", "ip_cidr_range": "10.4.0.0/14"}]
    google.create(
        "google_compute_subnetwork", name="nodes", network="vpc", ip_cidr_range="10.0.0.0/24", secondary_ip_range=ranges
    )
    return {"network": "vpc", "subnetwork": "nodes"}


@pytest.fixture
def cluster(google, network):
    return google.create(
        "google_container_cluster",
        name="main",
        location="us-west1",
        **network,
        initial_node_count=1,
        deletion_protection=False,
        workload_identity_config={"workload_pool": "acme.svc.id.goog"},
        control_plane_endpoints_config={"dns_endpoint_config": {"allow_external_traffic": True}},
    )


@pytest.fixture
def access(google, cluster):
    """What reaches the cluster: its DNS endpoint and a token."""
    endpoint = cluster["control_plane_endpoints_config"][0]["dns_endpoint_config"][0]["endpoint"]
    return {"host": f"https://{endpoint}", "token": google.data("google_client_config")["access_token"]}


@pytest.fixture
def kubernetes(cloud, access):
    provider = Kubernetes(Facts("kubernetes"), cloud)
    provider.configure(access)
    asked = Asked(provider)
    asked.create("kubernetes_namespace_v1", metadata={"name": "jobs"})
    return asked


@pytest.fixture
def helm(cloud, kubernetes, access):
    provider = Helm(Facts("helm"), cloud)
    provider.configure({"kubernetes": access})
    return Asked(provider)


@pytest.fixture
def random():
    return Asked(Random(Facts("random")))


@pytest.fixture
def unknown():
    return UNKNOWN
