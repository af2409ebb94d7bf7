"""The real Terraform against our providers: one configuration taken through all that can happen to it."""

import gzip
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rehearsal import facts
from rehearsal.cloud.model import Cloud, Key
from rehearsal.faults.fault import Fault
from rehearsal.faults.store import inject, met
from rehearsal.run import mirror
from rehearsal.run.attached import Attached
from rehearsal.run.converge import converge
from rehearsal.run.errors import StepFailed
from rehearsal.run.report import Report
from rehearsal.run.terraform import Terraform

APIS = ("compute", "container", "iam", "secretmanager", "sqladmin", "storage")
VERSIONS = {name: {"source": f"hashicorp/{name}", "version": version} for name, version in facts.PROVIDERS.items()}


class World:
    """A folder with a configuration, a cloud, and Terraform; the folder's name holds a space and a quote."""

    def __init__(self, folder: Path):
        self.cloud = Cloud(folder / "cloud.sqlite")
        self.cloud.add_project("acme", "123456789012")
        for api in APIS:
            self.cloud.enable("acme", f"{api}.googleapis.com")
        self.folder = folder / "it's a stack"
        self.folder.mkdir()
        environment = mirror.environment(mirror.write(folder), self.cloud.path)
        self.attached = Attached(folder=self.folder, environment=environment)
        self.terraform = Terraform(folder=self.folder, environment=environment, attached=self.attached)

    def write(self, *, providers=("google",), **configuration):
        google = {"project": "acme", "region": "us-west1"}
        whole = {
            "terraform": {"required_providers": {name: VERSIONS[name] for name in providers}},
            "provider": {name: google if name == "google" else {} for name in providers},
            **configuration,
        }
        (self.folder / "main.tf.json").write_text(json.dumps(whole))

    def deploy(self):
        """The changes made, after which there is nothing to change."""
        changes = self.terraform.plan().changes
        self.terraform.apply()
        assert self.terraform.plan().code == 0
        return changes

    def run(self, *arguments):
        return subprocess.run(
            ["terraform", *arguments],
            cwd=self.folder,
            env=self.terraform.environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    with world.attached:
        yield world


def bucket(**given):
    return {"google_storage_bucket": {"things": {"name": "things", "location": "US", **given}}}


@pytest.mark.long
def test_the_life_of_a_few_resources(world):
    network = {"name": "vpc", "auto_create_subnetworks": False}
    subnet = {"name": "s", "network": "${google_compute_network.vpc.id}", "ip_cidr_range": "10.0.0.0/24"}
    resources = {
        "random_password": {"p": {"length": 20, "special": False}},
        "google_compute_network": {"vpc": network},
        "google_compute_subnetwork": {
            "s": subnet | {"private_ip_google_access": True, "log_config": {"metadata": "EXCLUDE_ALL_METADATA"}}
        },
        **bucket(labels={"a": "b"}),
    }
    world.write(providers=("google", "random"), resource=resources)
    world.terraform.init()
    world.terraform.validate()

    # Created, and nothing more to change.
    assert len(world.deploy()) == 4
    assert len(world.terraform.resources()) == 4

    # Changed in place.
    resources |= bucket(labels={"a": "c"}, force_destroy=True)
    world.write(providers=("google", "random"), resource=resources)
    assert world.deploy() == ["update google_storage_bucket.things"]

    # Replaced, and what refers to it with it.
    network["name"] = "other"
    world.write(providers=("google", "random"), resource=resources)
    assert sorted(world.deploy()) == ["replace google_compute_network.vpc", "replace google_compute_subnetwork.s"]
    assert [each.key.id for each in world.cloud.all("google_compute_network")] == [
        "projects/acme/global/networks/other"
    ]

    # Gone from the cloud behind Terraform's back.
    world.cloud.remove(Key("google_storage_bucket", "", "things"))
    assert world.deploy() == ["create google_storage_bucket.things"]

    # Changed in the cloud behind Terraform's back.
    found = world.cloud.all("google_compute_subnetwork")[0]
    world.cloud.put(found.key, found.state | {"private_ip_google_access": False})
    assert world.deploy() == ["update google_compute_subnetwork.s"]

    # Forgotten by Terraform, not by the cloud: imported again.
    assert world.run("state", "rm", "google_storage_bucket.things").returncode == 0
    with pytest.raises(StepFailed, match="409: The resource 'things' already exists"):
        world.deploy()
    imported = world.run("import", "-no-color", "google_storage_bucket.things", "things")
    assert imported.returncode == 0, imported.stderr
    assert world.terraform.plan().code == 0

    world.terraform.destroy()
    assert world.cloud.all() == []


def test_deletion_protection_refuses_and_says_what_to_change(world):
    settings = {"tier": "db-custom-2-8192", "edition": "ENTERPRISE"}
    database: dict[str, Any] = {"name": "db", "database_version": "POSTGRES_16", "settings": settings}
    world.write(resource={"google_sql_database_instance": {"db": database}, **bucket()})
    world.terraform.init()
    world.deploy()
    with pytest.raises(
        StepFailed, match=r"deletion_protection is set to true\. Set it to false to proceed with instance deletion"
    ):
        world.terraform.destroy()
    assert world.terraform.resources() == ["google_sql_database_instance.db"]
    database["deletion_protection"] = False
    world.write(resource={"google_sql_database_instance": {"db": database}})
    assert world.deploy() == ["update google_sql_database_instance.db"]
    world.terraform.destroy()
    assert world.cloud.all() == []


def test_what_the_provider_does_not_accept_is_refused_where_it_stands(world):
    world.write(
        resource={
            "google_compute_network": {"vpc": {"name": "Not_A_Name"}},
            "google_compute_subnetwork": {"s": {"name": "s", "network": "vpc", "stack_type": "IPV9"}},
            "google_secret_manager_secret": {"s": {"secret_id": "s", "replication": {}}},
        }
    )
    world.terraform.init()
    with pytest.raises(StepFailed) as failed_:
        world.terraform.validate()
    assert 'google_compute_network.vpc: invalid value for name: "Not_A_Name"' in failed_.value.message
    assert "google_compute_subnetwork.s: expected stack_type to be one of" in failed_.value.message
    world.write(resource={"google_compute_network": {"vpc": {"name": "vpc", "no_such_thing": 1}}})
    with pytest.raises(StepFailed, match="no_such_thing"):
        world.terraform.validate()


@pytest.mark.parametrize(
    ("fault", "cures"),
    [
        (Fault(address="*.*"), []),
        # Google has made it, and Terraform knows nothing of it.
        (
            Fault(address="google_compute_network.*", when="after"),
            ["terraform import google_compute_network.vpc projects/acme/global/networks/vpc"],
        ),
    ],
)
def test_reruns_converge_when_creates_fail_once(world, fault, cures):
    subnet = {"name": "s", "network": "${google_compute_network.vpc.id}", "ip_cidr_range": "10.0.0.0/24"}
    resources = {
        "google_compute_network": {"vpc": {"name": "vpc", "auto_create_subnetworks": False}},
        "google_compute_subnetwork": {"s": subnet},
    }
    world.write(resource=resources | bucket())
    world.terraform.init()
    inject(world.cloud, fault)
    report = Report(command="test")

    def apply():
        try:
            world.terraform.plan()
            world.terraform.apply()
        except StepFailed as failed:
            raise StepFailed(failed.step, failed.message, "stack") from None

    converge(
        apply,
        report=report,
        cloud=world.cloud,
        folders={"stack": world.folder},
        heal=lambda _, cure: world.terraform.command(*cure.arguments),
    )
    assert [each for broken in report.broken for each in broken.cures] == cures
    assert "google_compute_network.vpc: Error " in report.broken[0].message
    assert len(met(world.cloud)) == (1 if cures else 3)
    assert world.terraform.plan().code == 0
    world.terraform.destroy()
    assert world.cloud.all() == []


def test_the_schema_terraform_sees_is_the_pinned_providers(world):
    world.write(providers=facts.PROVIDERS)
    world.terraform.init()
    ran = world.run("providers", "schema", "-json")
    path = Path(facts.__file__).parent / "schemas" / "providers.schema.json.gz"
    assert ran.returncode == 0, ran.stderr
    assert _plain(json.loads(ran.stdout)["provider_schemas"]) == _plain(
        json.loads(gzip.decompress(path.read_bytes()))["provider_schemas"]
    )


def _plain(value):
    """Without the descriptions, which we do not carry."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if key not in {"description", "description_kind"}}
    return value


@pytest.mark.parametrize(
    ("name", "required", "hint"),
    [
        ("time", {"source": "hashicorp/time"}, "asks for another provider or version: hashicorp/time."),
        ("google-beta", {"source": "hashicorp/google-beta"}, "Leave `provider` out for types that google has, too."),
        ("google", {"source": "hashicorp/google", "version": "~> 5.0"}, "provider or version: hashicorp/google."),
    ],
)
def test_a_provider_that_nobody_stands_in_for(world, name, required, hint):
    (world.folder / "main.tf.json").write_text(json.dumps({"terraform": {"required_providers": {name: required}}}))
    with pytest.raises(StepFailed) as failed:
        world.terraform.init()
    assert "The rehearsal simulates only hashicorp/google 6.50.0" in failed.value.message
    assert hint in failed.value.message
