"""What the cloud refuses: a case a rule."""

import pytest

from rehearsal.protocol.errors import Refused

POOL = {"name": "gpus", "cluster": "main", "location": "us-west1", "node_locations": ["us-west1-a"]}
SQL = {"name": "db", "database_version": "POSTGRES_16", "deletion_protection": False}


def gpu(type_="nvidia-l4", count=1, machine="g2-standard-12", **config):
    return {"machine_type": machine, "guest_accelerator": [{"type": type_, "count": count}], **config}


def settings(**given):
    return {"tier": "db-custom-2-8192", "edition": "ENTERPRISE", **given}


def test_a_project_that_does_not_exist(google):
    with pytest.raises(Refused, match="resource project elsewhere"):
        google.create("google_compute_network", name="vpc", project="elsewhere")


def test_an_api_that_is_not_enabled(google, cloud):
    cloud.disable("acme", "compute.googleapis.com")
    with pytest.raises(Refused, match=r"compute\.googleapis\.com has not been used in project acme"):
        google.create("google_compute_network", name="vpc")


def test_enabling_an_api_needs_nothing_enabled_and_outlives_its_resource(google, cloud):
    state = google.create("google_project_service", service="run.googleapis.com", disable_on_destroy=False)
    google.delete("google_project_service", state)
    assert "run.googleapis.com" in cloud.enabled("acme")
    state = google.create("google_project_service", service="run.googleapis.com", disable_on_destroy=True)
    google.delete("google_project_service", state)
    assert "run.googleapis.com" not in cloud.enabled("acme")


def test_a_name_that_is_taken(google):
    google.create("google_compute_network", name="vpc")
    with pytest.raises(Refused, match="409: The resource 'projects/acme/global/networks/vpc' already exists"):
        google.create("google_compute_network", name="vpc")


def test_bucket_names_are_taken_for_all_projects(google, cloud):
    cloud.add_project("other", "2")
    cloud.enable("other", "storage.googleapis.com")
    google.create("google_storage_bucket", name="things", location="US")
    with pytest.raises(Refused, match="409"):
        google.create("google_storage_bucket", name="things", location="US", project="other")


@pytest.mark.parametrize(
    ("type_", "attributes", "missing"),
    [
        (
            "google_compute_subnetwork",
            {"name": "s", "network": "nowhere", "ip_cidr_range": "10.0.0.0/24"},
            "networks/nowhere",
        ),
        ("google_compute_router_nat", {"name": "nat", "router": "none"}, "routers/none"),
        ("google_container_node_pool", {"name": "p", "cluster": "none", "location": "us-west1"}, "clusters/none"),
        ("google_sql_user", {"name": "u", "instance": "none"}, "instances/none"),
        ("google_storage_bucket_object", {"name": "o", "bucket": "none", "content": "x"}, "none"),
        ("google_secret_manager_secret_version", {"secret": "projects/acme/secrets/none"}, "secrets/none"),
        (
            "google_artifact_registry_repository_iam_member",
            {"repository": "none", "location": "us-west1", "role": "roles/viewer", "member": "user:a@b.c"},
            "repositories/none",
        ),
        (
            "google_storage_bucket_iam_member",
            {"bucket": "none", "role": "roles/viewer", "member": "user:a@b.c"},
            "none",
        ),
        (
            "google_container_cluster",
            {
                "name": "c",
                "location": "us-west1",
                "network": "vpc",
                "node_config": {"service_account": "none@acme.iam.gserviceaccount.com"},
            },
            "none@acme.iam.gserviceaccount.com",
        ),
        (
            "google_project_iam_member",
            {"project": "acme", "role": "roles/viewer", "member": "serviceAccount:none@acme.iam.gserviceaccount.com"},
            "none@acme.iam.gserviceaccount.com",
        ),
        (
            "google_project_iam_member",
            {"project": "acme", "role": "projects/acme/roles/none", "member": "user:a@b.c"},
            "projects/acme/roles/none",
        ),
    ],
)
def test_a_reference_to_nothing(google, network, type_, attributes, missing):
    with pytest.raises(
        Refused, match=f"(404|does not exist).*{missing}|{missing} does not exist|'{missing}' was not found"
    ):
        google.create(type_, **attributes)


def test_googles_own_accounts_exist(google):
    for member in (
        "serviceAccount:service-1@gcp-sa-pubsub.iam.gserviceaccount.com",
        "serviceAccount:1-compute@developer.gserviceaccount.com",
    ):
        google.create("google_project_iam_member", project="acme", role="roles/viewer", member=member)


@pytest.mark.parametrize("member", ["a@b.c", "robot:x", "serviceAccount"])
def test_a_member_of_no_known_sort(google, member):
    with pytest.raises(Refused, match="Invalid member"):
        google.create("google_project_iam_member", project="acme", role="roles/viewer", member=member)


def test_a_role_that_is_no_role(google):
    with pytest.raises(Refused, match="Role viewer is not supported"):
        google.create("google_project_iam_member", project="acme", role="viewer", member="user:a@b.c")


def test_workload_identity_needs_the_projects_first_cluster(google, request):
    google.create("google_service_account", account_id="runner")
    binding = {
        "service_account_id": "projects/acme/serviceAccounts/runner@acme.iam.gserviceaccount.com",
        "role": "roles/iam.workloadIdentityUser",
        "member": "serviceAccount:acme.svc.id.goog[jobs/runner]",
    }
    with pytest.raises(Refused, match=r"Identity Pool does not exist \(acme\.svc\.id\.goog\)"):
        google.create("google_service_account_iam_member", **binding)
    request.getfixturevalue("cluster")
    assert google.create("google_service_account_iam_member", **binding)["member"] == binding["member"]


def test_what_is_in_use_stays(google, network):
    vpc, nodes = google.find("google_compute_network", "vpc"), google.find("google_compute_subnetwork", "nodes")
    with pytest.raises(Refused, match=r"already.*being used by 'projects/acme/regions/us-west1/subnetworks/nodes'"):
        google.delete("google_compute_network", vpc)
    address = google.create("google_compute_address", name="a", address_type="INTERNAL", subnetwork=nodes["id"])
    with pytest.raises(Refused, match="addresses/a"):
        google.delete("google_compute_subnetwork", nodes)
    for type_, state in (("address", address), ("subnetwork", nodes), ("network", vpc)):
        google.delete(f"google_compute_{type_}", state)


def test_parts_go_with_the_whole(google, cloud):
    instance = google.create("google_sql_database_instance", **SQL, settings=settings())
    user = google.create("google_sql_user", name="u", instance="db")
    google.delete("google_sql_database_instance", instance)
    assert google.read("google_sql_user", user) is None
    assert cloud.all() == []


def test_overlapping_ranges(google, network):
    with pytest.raises(
        Refused, match=r"Invalid IPCidrRange: 10\.5\.0\.0/16 .* conflicts with existing subnetwork 'nodes'"
    ):
        google.create("google_compute_subnetwork", name="more", network="vpc", ip_cidr_range="10.5.0.0/16")


def test_an_address_outside_its_subnet_or_taken(google, network):
    wanted = {"address_type": "INTERNAL", "subnetwork": "nodes"}
    with pytest.raises(Refused, match=r"192\.168\.0\.9 is outside"):
        google.create("google_compute_address", name="a", address="192.168.0.9", **wanted)
    google.create("google_compute_address", name="b", address="10.0.0.9", **wanted)
    with pytest.raises(Refused, match="is in use by"):
        google.create("google_compute_address", name="c", address="10.0.0.9", **wanted)


def test_a_service_attachment_lets_only_some_in(google, network):
    psc = {"psc_enabled": True, "allowed_consumer_projects": ["another"]}
    instance = google.create(
        "google_sql_database_instance",
        **SQL,
        settings=settings(ip_configuration={"ipv4_enabled": False, "psc_config": psc}),
    )
    with pytest.raises(Refused, match="allowed_consumer_projects of db"):
        google.create(
            "google_compute_forwarding_rule", name="r", network="vpc", target=instance["psc_service_attachment_link"]
        )
    with pytest.raises(Refused, match="was not found"):
        google.create(
            "google_compute_forwarding_rule",
            name="r",
            network="vpc",
            target="projects/x/regions/y/serviceAttachments/z",
        )


def test_a_cluster_names_ranges_of_its_subnet(google, network):
    with pytest.raises(Refused, match='Secondary range "services" does not exist in subnetwork "nodes"'):
        google.create(
            "google_container_cluster",
            name="c",
            location="us-west1",
            **network,
            ip_allocation_policy={"cluster_secondary_range_name": "pods", "services_secondary_range_name": "services"},
        )


def test_dataplane_v2_excludes_the_old_network_policy(google, network):
    with pytest.raises(Refused, match="ADVANCED_DATAPATH"):
        google.create(
            "google_container_cluster",
            name="c",
            location="us-west1",
            **network,
            datapath_provider="ADVANCED_DATAPATH",
            network_policy={"enabled": True},
        )


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            gpu(machine="n1-standard-4"),
            'Accelerator type "nvidia-l4" is not supported with machine type "n1-standard-4"',
        ),
        (gpu(count=2), "g2-standard-12 takes 1 of nvidia-l4, not 2"),
        (gpu("nvidia-tesla-t4", 3, "n1-standard-4"), "takes 1 or 2 or 4 of nvidia-tesla-t4, not 3"),
        (gpu("nvidia-l5"), 'Accelerator type "nvidia-l5" does not exist'),
    ],
)
def test_an_accelerator_that_does_not_fit(google, cluster, config, message):
    with pytest.raises(Refused, match=message):
        google.create("google_container_node_pool", **POOL, node_config=config)


@pytest.mark.parametrize(
    "config",
    [
        gpu(count=2, machine="g2-standard-24"),
        gpu("nvidia-tesla-a100", 16, "a2-megagpu-16g"),
        gpu("nvidia-rtx-pro-6000", 2, "g4-standard-96"),
    ],
)
def test_an_accelerator_that_fits(google, cluster, config):
    assert google.create("google_container_node_pool", **POOL, node_config=config)["node_config"][0]["machine_type"]


@pytest.mark.parametrize(
    ("machine", "disk", "fits"),
    [
        ("n4-standard-2", "pd-balanced", False),
        ("n4-standard-2", "hyperdisk-balanced", True),
        ("e2-standard-2", "hyperdisk-balanced", False),
        ("a3-ultragpu-8g", "pd-ssd", False),
        ("z9-standard-2", "pd-balanced", True),
    ],
)
def test_a_boot_disk_and_its_machine(google, cluster, machine, disk, fits):
    def create():
        config = {"machine_type": machine, "disk_type": disk}
        google.create(
            "google_container_node_pool", name="pool", cluster="main", location="us-west1", node_config=config
        )

    if fits:
        create()
    else:
        with pytest.raises(Refused, match=f"{disk} disk type cannot be used by {machine} machine type"):
            create()


def test_a_gpu_of_a_newer_machine_is_noted(google, cluster, cloud):
    google.create("google_container_node_pool", **POOL, node_config=gpu("nvidia-x100", 4, "a9-highgpu-4g"))
    assert "whether there is a nvidia-x100 for a9-highgpu-4g is not known here" in cloud.notes()[-1]


@pytest.fixture
def limited(google, network):
    """A cluster with auto-provisioning: 100 vCPUs and 4 L4 for all nodes together."""
    limits = [{"resource_type": kind, "maximum": most} for kind, most in (("cpu", 100), ("nvidia-l4", 4))]
    google.create(
        "google_container_cluster",
        name="main",
        location="us-west1",
        **network,
        cluster_autoscaling={"enabled": True, "resource_limits": limits},
    )


@pytest.mark.parametrize(
    ("machine", "most", "message"),
    [
        ("c2d-standard-56", 2, "may grow to 112 cpu, and auto-provisioning's limit for cpu, .* is 100"),
        ("a2-ultragpu-1g", 9, "may grow to 108 cpu"),
        ("custom-20-81920", 6, "may grow to 120 cpu"),
    ],
)
def test_pools_that_outgrow_the_cluster(google, limited, machine, most, message):
    wanted = POOL | {"autoscaling": {"total_max_node_count": most}, "node_config": {"machine_type": machine}}
    with pytest.raises(Refused, match=message):
        google.create("google_container_node_pool", **wanted)


def test_all_pools_count_together(google, limited):
    def pool(name, most, config):
        wanted = POOL | {"name": name, "autoscaling": {"max_node_count": most}, "node_config": config}
        google.create("google_container_node_pool", **wanted)

    pool("cpu", 5, {"machine_type": "e2-standard-8"})
    pool("gpus", 4, gpu())
    with pytest.raises(Refused, match="may grow to 104 cpu"):
        pool("more", 2, {"machine_type": "e2-standard-8"})
    with pytest.raises(Refused, match="may grow to 5 nvidia-l4"):
        pool("gpus-2", 1, gpu(machine="g2-standard-4"))


def test_a_regional_pool_with_gpus_names_its_zones(google, cluster):
    with pytest.raises(Refused, match="does not exist in every zone of us-west1: node_locations"):
        google.create("google_container_node_pool", **(POOL | {"node_locations": None}), node_config=gpu())


def test_a_default_pool_with_the_default_account_is_noted(google, network, cloud):
    wanted = {"location": "us-west1", "remove_default_node_pool": True, "initial_node_count": 1, **network}
    google.create("google_service_account", account_id="nodes-account")
    account = {"service_account": "nodes-account@acme.iam.gserviceaccount.com"}
    google.create("google_container_cluster", name="good", node_config=account, **wanted)
    assert cloud.notes() == []
    google.create("google_container_cluster", name="bad", **wanted)
    [note] = cloud.notes()
    assert "clusters/bad: its default node pool" in note


@pytest.mark.parametrize(
    ("region", "metric", "config"),
    [
        ("us-west1", "NVIDIA_L4_GPUS", gpu()),
        ("us-west1", "PREEMPTIBLE_NVIDIA_L4_GPUS", gpu(spot=True)),
        ("global", "GPUS_ALL_REGIONS", gpu()),
    ],
)
def test_a_quota(google, cloud, cluster, region, metric, config):
    cloud.set_quota("acme", region, metric, 2)
    google.create("google_container_node_pool", **POOL, initial_node_count=2, node_config=config)
    with pytest.raises(Refused, match=f"Insufficient quota.*\"{metric}\".*short '1.0'"):
        google.create(
            "google_container_node_pool", **(POOL | {"name": "more"}), initial_node_count=1, node_config=config
        )
    google.create("google_container_node_pool", **(POOL | {"name": "idle"}), initial_node_count=0, node_config=config)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"edition": None}, r"Invalid Tier \(db-custom-2-8192\) for \(ENTERPRISE_PLUS\)"),
        ({"tier": "db-perf-optimized-N-2"}, r"for \(ENTERPRISE\) Edition"),
        ({"ip_configuration": {"ipv4_enabled": False}}, "At least one of Public IP or Private IP or PSC"),
        (
            {"ip_configuration": {"private_network": "projects/acme/global/networks/vpc"}},
            "SERVICE_NETWORKING_NOT_ENABLED",
        ),
    ],
)
def test_an_instance_that_cannot_be(google, network, given, message):
    with pytest.raises(Refused, match=message):
        google.create("google_sql_database_instance", **SQL, settings=settings(**given))


def test_an_instances_name_stays_reserved(google):
    state = google.create("google_sql_database_instance", **SQL, settings=settings())
    google.delete("google_sql_database_instance", state)
    with pytest.raises(Refused, match="less than a week ago"):
        google.create("google_sql_database_instance", **SQL, settings=settings())


def test_a_custom_role_is_undeleted(google, cloud):
    role = {"role_id": "connector", "title": "Connector", "permissions": ["container.clusters.get"]}
    google.delete("google_project_iam_custom_role", google.create("google_project_iam_custom_role", **role))
    assert [key.id for key in cloud.all_reserved()] == ["projects/acme/roles/connector"]
    google.create("google_project_iam_custom_role", **role)
    assert cloud.all_reserved() == []


@pytest.mark.parametrize(
    ("type_", "attributes", "message"),
    [
        (
            "google_container_cluster",
            {"name": "c", "location": "us-west1", "network": "vpc"},
            "deletion_protection is set to true",
        ),
        (
            "google_sql_database_instance",
            {"name": "db", "database_version": "POSTGRES_16", "settings": settings()},
            "deletion_protection is set to true",
        ),
        (
            "google_sql_database_instance",
            SQL | {"settings": settings(deletion_protection_enabled=True)},
            "The instance is protected",
        ),
        (
            "google_secret_manager_secret",
            {"secret_id": "s", "replication": {"auto": {}}, "deletion_protection": True},
            "without setting deletion_protection=false",
        ),
    ],
)
def test_deletion_protection_refuses_and_loses_nothing(google, network, type_, attributes, message):
    state = google.create(type_, **attributes)
    with pytest.raises(Refused, match=message):
        google.delete(type_, state)
    assert google.read(type_, state) == state


def test_a_bucket_that_holds_something(google):
    bucket = google.create("google_storage_bucket", name="things", location="US")
    thing = google.create("google_storage_bucket_object", bucket="things", name="a/b", content="x")
    with pytest.raises(Refused, match="without `force_destroy` set to true"):
        google.delete("google_storage_bucket", bucket)
    google.delete("google_storage_bucket_object", thing)
    google.delete("google_storage_bucket", bucket)


def test_a_versioned_bucket_is_not_empty_when_its_objects_are_deleted(google, cloud):
    bucket = {"name": "things", "location": "US", "versioning": {"enabled": True}}
    state = google.create("google_storage_bucket", **bucket)
    google.delete(
        "google_storage_bucket_object",
        google.create("google_storage_bucket_object", bucket="things", name="a", content="x"),
    )
    with pytest.raises(Refused, match="force_destroy"):
        google.delete("google_storage_bucket", state)
    google.delete("google_storage_bucket", google.update("google_storage_bucket", state, **bucket, force_destroy=True))
    assert cloud.all() == []


def test_an_update_is_held_to_the_rules_too(google):
    state = google.create("google_sql_database_instance", **SQL, settings=settings())
    with pytest.raises(Refused, match=r"Error updating sql_database_instance .* Invalid Tier"):
        google.update("google_sql_database_instance", state, **SQL, settings=settings(edition="ENTERPRISE_PLUS"))


def test_a_short_account_id(google):
    assert [
        problem.path for problem in google.provider.validate("google_service_account", {"account_id": "short"})
    ] == [("account_id",)]
    assert google.provider.validate("google_service_account", {"account_id": "longer"}) == []
