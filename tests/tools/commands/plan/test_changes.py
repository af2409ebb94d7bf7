"""What a change destroys: `plan --changes`."""

import json

import pytest

from metaflow_gcp_tools.commands.plan import terraform_plan
from metaflow_gcp_tools.commands.plan.changes import judge
from metaflow_gcp_tools.problems import WrongUse
from tests.tools.commands.plan.conftest import document, resource

SECRET = "s3cret-t0ken"


def test_a_real_plan_that_moves_the_platform_to_another_region(run, real_plans):
    ran = run("plan", "--changes", str(real_plans.region))
    assert ran.exit_code == 1
    lines = ran.stdout.splitlines()
    # Loud, and before everything else.
    assert lines[0].endswith(": 0 to create, 0 to update, 22 to replace, 0 to destroy")
    assert lines[2] == "DATA IS LOST"
    bucket = next(i for i, line in enumerate(lines) if line.startswith("  replace bucket storage-acme-acme-metaflow"))
    assert "google_storage_bucket.datastore_bucket" in lines[bucket]
    assert lines[bucket + 1].strip().startswith("lost: every artifact of every run")
    assert lines[bucket + 2].strip().startswith("to get it back: for the days of its soft delete")
    assert 'location changes: "US-WEST1" -> "US-EAST1" (setting: storage.location' in lines[bucket + 3]
    assert lines.index("Interrupted, at least until the deployment has finished") > bucket
    said, next_step = ran.stderr.splitlines()
    assert "loses data" in said
    assert "Cloud SQL instance psql-metaflow-default-" in said
    assert "take back the change of region" in next_step


def test_what_forces_another_replacement_has_no_part_in_the_loss(write, run):
    driver = ["node_config", 0, "guest_accelerator", 0, "gpu_driver_installation_config", 0, "gpu_driver_version"]
    file = write(
        resource("google_container_node_pool", "delete", "create", replace_paths=[driver]),
        resource("google_storage_bucket", "delete", "create", replace_paths=[["location"]]),
    )
    _, next_step = run("plan", "--changes", str(file)).stderr.splitlines()
    assert "take back the change of storage.location" in next_step
    assert "driver_version" not in next_step


def test_a_real_plan_file_is_shown_by_terraform(run, real_plans):
    ran = run("plan", "--json", "--changes", str(real_plans.binary), **real_plans.world.environment())
    assert ran.exit_code == 1
    [changes] = ran.document["result"]["changes"]
    lost = {each["type"] for each in changes["gone"] if each["effect"] == "data"}
    assert lost == {
        "google_artifact_registry_repository",
        "google_container_cluster",
        "google_sql_database_instance",
        "google_storage_bucket",
    }
    cluster = next(each for each in changes["gone"] if each["type"] == "google_container_cluster")
    assert (cluster["action"], cluster["name"]) == ("replace", "gke-metaflow-default")
    assert cluster["reason"] == "Google or Kubernetes cannot change it in place"
    assert cluster["forced_by"] == [
        {"attribute": "location", "before": '"us-west1"', "after": '"us-east1"', "setting": "region"},
        {
            "attribute": "subnetwork",
            "before": json.dumps(
                "https://www.googleapis.com/compute/v1/projects/acme-metaflow/regions/us-west1/subnetworks/snet-metaflow-default"
            ),
            "after": "known after the deployment",
            "setting": None,
        },
    ]


def test_a_real_plan_that_loses_nothing(run, real_plans):
    ran = run("plan", "--changes", str(real_plans.no_gpus))
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "DATA" not in ran.stdout
    assert "destroy node pool google_container_node_pool.gpu-pool-l4_pool" in ran.stdout
    assert "tasks that run on its nodes are killed" in ran.stdout


def test_what_is_written_by_hand_has_the_shape_of_what_terraform_writes(real_plans):
    real = json.loads(real_plans.region.read_text())
    hand = document(resource("google_storage_bucket", "delete", "create", replace_paths=[["location"]]))
    assert hand.keys() <= real.keys()
    assert {key: type(value) for key, value in hand.items()} == {key: type(real[key]) for key in hand}
    theirs = next(each for each in real["resource_changes"] if each["change"]["actions"] == ["delete", "create"])
    [ours] = hand["resource_changes"]
    assert {key: type(value) for key, value in ours.items()} == {key: type(theirs[key]) for key in ours}
    assert {key: type(value) for key, value in ours["change"].items()} == {
        key: type(theirs["change"][key]) for key in ours["change"]
    }


@pytest.mark.parametrize(
    ("type_", "before", "effect", "lost"),
    [
        ("google_storage_bucket", {}, "data", "every artifact"),
        ("google_sql_database_instance", {}, "data", "backups"),
        ("google_sql_database", {"deletion_policy": "DELETE"}, "data", "all recorded runs"),
        ("google_sql_database", {"deletion_policy": "ABANDON"}, "interruption", "it stays in its instance"),
        ("google_container_cluster", {}, "data", "deployed flows"),
        ("google_artifact_registry_repository", {"mode": "STANDARD_REPOSITORY"}, "data", "images"),
        ("google_artifact_registry_repository", {}, "data", "images"),
        ("google_artifact_registry_repository", {"mode": "REMOTE_REPOSITORY"}, "interruption", "pulled"),
        ("google_artifact_registry_repository", {"mode": "VIRTUAL_REPOSITORY"}, "interruption", "pulled"),
        ("kubernetes_namespace_v1", {}, "data", "everything in it"),
        ("helm_release", {"name": "argo-workflows"}, "data", "schedules"),
        ("helm_release", {"name": "argo-events"}, "data", "triggers"),
        ("helm_release", {"name": "metaflow-events"}, "data", "event bus's disk"),
        ("helm_release", {"name": "jobset"}, "interruption", "@parallel"),
        ("helm_release", {"name": "somebody-elses"}, "data", "does not know"),
        ("aws_s3_bucket", {}, "data", "does not know"),
        ("random_password", {}, "interruption", "old password"),
        ("kubernetes_config_map_v1", {}, "harmless", ""),
    ],
)
@pytest.mark.parametrize("actions", [("delete",), ("delete", "create"), ("create", "delete")])
def test_what_it_means_that_a_resource_goes(type_, before, effect, lost, actions):
    [change] = judge(document(resource(type_, *actions, before=before))).gone
    assert change.kind.effect == effect
    assert lost in change.kind.lost
    assert change.action == ("destroy" if len(actions) == 1 else "replace")


@pytest.mark.parametrize(
    ("before", "sensitive", "name"),
    [
        ({"name": "bucket"}, {}, "bucket"),
        ({"metadata": [{"name": "metaflow-jobs"}]}, {"metadata": [{}]}, "metaflow-jobs"),
        ({"repository_id": "images"}, {}, "images"),
        ({"name": SECRET}, {"name": True}, ""),
        ({"name": SECRET}, True, ""),
        ({"id": "x"}, {}, ""),
    ],
)
def test_it_is_called_by_its_name(before, sensitive, name):
    [change] = judge(document(resource("x", "delete", before=before, before_sensitive=sensitive))).gone
    assert change.name == name


def test_data_comes_first(write, run):
    file = write(
        resource("kubernetes_config_map_v1", "delete"),
        resource("google_compute_address", "delete"),
        resource("google_storage_bucket", "delete"),
    )
    ran = run("plan", "--json", "--changes", str(file))
    effects = [each["effect"] for each in ran.document["result"]["changes"][0]["gone"]]
    assert effects == ["data", "interruption", "harmless"]


@pytest.mark.parametrize(
    "actions", [("no-op",), ("read",), ("create",), ("update",), ("forget",), ("create", "forget")]
)
def test_what_destroys_nothing(actions):
    assert judge(document(resource("google_storage_bucket", *actions))).gone == ()


def test_data_sources_are_not_counted():
    changes = judge(document(resource("google_project", "delete", mode="data")))
    assert (changes.gone, changes.counts) == ((), {})


def test_no_sensitive_value_and_no_block_is_ever_shown(write, run):
    """Not even when it is what forces the replacement."""
    file = write(
        resource(
            "google_sql_database_instance",
            "delete",
            "create",
            before={"root_password": SECRET, "settings": [{"tier": SECRET}], "region": "us-west1", "other": SECRET},
            after={"root_password": SECRET, "settings": [{"tier": SECRET}], "region": "us-east1", "other": SECRET},
            before_sensitive={"root_password": True, "settings": [{"tier": True}]},
            after_sensitive={"root_password": True, "settings": True},
            replace_paths=[["root_password"], ["settings", 0, "tier"], ["settings"], ["region"]],
        ),
        resource(
            "random_password",
            "delete",
            "create",
            before={"result": SECRET},
            after={"result": SECRET},
            before_sensitive=True,
            after_sensitive=True,
            replace_paths=[["result"]],
        ),
    )
    people = run("plan", "--changes", str(file))
    programs = run("plan", "--json", "--changes", str(file))
    assert SECRET not in people.stdout + people.stderr + programs.stdout + programs.stderr
    assert 'region changes: "us-west1" -> "us-east1"' in people.stdout
    [instance, _] = programs.document["result"]["changes"][0]["gone"]
    assert [each["before"] for each in instance["forced_by"]] == [
        "(sensitive)",
        "(sensitive)",
        "(a block)",
        '"us-west1"',
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"action_reason": "replace_because_tainted"}, "tainted"),
        ({"action_reason": "replace_by_request"}, "-replace"),
        ({"action_reason": "delete_because_no_resource_config"}, "no longer in the configuration"),
        ({"deposed": "ab12cd34"}, "left it behind"),
        ({"action_reason": "some_new_reason"}, ""),
    ],
)
def test_why_without_an_attribute(more, said):
    [change] = judge(document(resource("google_storage_bucket", "delete", **more))).gone
    assert said in change.reason


def test_a_plan_that_broke_off_says_that_there_may_be_more(write, run):
    file = write(resource("google_storage_bucket", "delete"), errored=True, complete=False, applyable=False)
    ran = run("plan", "--changes", str(file))
    assert ran.exit_code == 1
    assert "did not finish planning" in ran.stdout
    assert run("plan", "--json", "--changes", str(file)).document["result"]["changes"][0]["complete"] is False


def test_several_plans_at_once(write, run):
    files = [
        write(resource("google_storage_bucket", "delete"), name="infra.json"),
        write(resource("kubernetes_deployment_v1", "update"), name="services.json"),
    ]
    ran = run("plan", "--json", *(part for file in files for part in ("--changes", str(file))))
    assert ran.exit_code == 1
    assert [each["file"] for each in ran.document["result"]["changes"]] == [str(file) for file in files]
    assert ran.document["result"]["deployment"] is None
    [problem] = ran.document["problems"]
    assert "infra.json loses data" in problem["what"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file"),
        ("", "neither a plan file nor JSON"),
        ("Terraform will perform the following actions:", "neither a plan file nor JSON"),
        ('{"type":"version"}\n{"type":"planned_change"}', "neither a plan file nor JSON"),
        ("[]", "not a Terraform plan"),
        ('{"format_version": "1.0", "values": {}}', "not a Terraform plan"),
        ('{"format_version": "2.0", "planned_values": {}}', "format version 2.0"),
    ],
)
def test_what_is_no_plan(tmp_path, content, said):
    file = tmp_path / "some file"
    if content is not None:
        file.write_text(content)
    with pytest.raises(WrongUse, match=said) as error:
        terraform_plan.read(file)
    assert "terraform" in error.value.problems[0].next_step.lower()


def test_a_plan_file_away_from_its_folder(run, real_plans, tmp_path):
    elsewhere = tmp_path / "tfplan"
    elsewhere.write_bytes(real_plans.binary.read_bytes())
    ran = run("plan", "--changes", str(elsewhere))
    assert ran.exit_code == 1
    what, next_step = ran.stderr.splitlines()
    # Terraform's own words.
    assert "Terraform cannot show" in what
    assert "Failed to load plugin schemas" in what
    assert "terraform init" in next_step


def test_a_plan_file_without_terraform(run, tmp_path, without_terraform):
    file = tmp_path / "tfplan"
    file.write_bytes(b"PK\x03\x04")
    ran = run("plan", "--changes", str(file), PATH=without_terraform)
    assert ran.exit_code == 1
    assert "not on the PATH" in ran.stderr
    assert "terraform show -json" in ran.stderr
