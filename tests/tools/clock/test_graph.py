"""What waits for what."""

from metaflow_gcp_tools.clock import graph

NETWORK = {"name": "vpc"}
CONFIGURATION = {
    "provider": {
        "google": [{"project": "acme"}],
        "kubernetes": [{"host": "https://${google_container_cluster.main.endpoint}"}],
    },
    "locals": {"network": "${local.id}", "id": "${google_compute_network.vpc.id}"},
    "data": {"google_project": {"here": {"project_id": "${google_project.new.project_id}"}}},
    "resource": {
        "google_project": {"new": {"name": "acme"}},
        "google_compute_network": {"vpc": {"name": "vpc", "//": {"said": "${google_container_cluster.main.id}"}}},
        "google_container_cluster": {
            "main": {
                "network": "${local.network}",
                "ip_allocation_policy": [{"note": "of ${data.google_project.here.number}"}],
                "name": "$${google_project.escaped.name}",
            }
        },
        "google_compute_firewall": {
            "rule": {
                "description": '${join("", [for each in {a = 1} : each])}-${google_compute_network.vpc.name}',
                "depends_on": ["google_project.new"],
                "lifecycle": {"replace_triggered_by": ["google_container_cluster.main"]},
            }
        },
        "kubernetes_namespace_v1": {"jobs": {"metadata": {"name": "jobs"}}},
    },
}


def test_references_and_what_they_stand_in():
    read = graph.read(CONFIGURATION)
    assert {address: node.needs for address, node in read.items()} == {
        "google_project.new": {},
        "google_compute_network.vpc": {},
        "google_container_cluster.main": {
            "google_compute_network.vpc": "network",
            "google_project.new": "ip_allocation_policy.note",
        },
        "google_compute_firewall.rule": {
            "google_compute_network.vpc": "description",
            "google_project.new": "depends_on",
            "google_container_cluster.main": "replace_triggered_by",
        },
        "kubernetes_namespace_v1.jobs": {"google_container_cluster.main": "provider"},
    }


def test_reachable_goes_through_others():
    read = graph.read(CONFIGURATION)
    assert graph.reachable(read, "kubernetes_namespace_v1.jobs") == {
        "google_container_cluster.main",
        "google_compute_network.vpc",
        "google_project.new",
    }


def test_a_provider_of_another_name():
    read = graph.read(
        {
            "provider": {"google": [{}, {"alias": "eu", "project": "${random_id.project.hex}"}]},
            "resource": {
                "random_id": {"project": {"byte_length": 4}},
                "google_storage_bucket": {"here": {}, "there": {"provider": "google.eu"}},
            },
        }
    )
    assert read["google_storage_bucket.here"].needs == {}
    assert read["google_storage_bucket.there"].needs == {"random_id.project": "provider"}


def instance(key=None, *dependencies):
    return {"dependencies": list(dependencies)} | ({} if key is None else {"index_key": key})


def test_a_state_adds_numbers_and_modules():
    state = {
        "resources": [
            {"mode": "managed", "type": "google_project", "name": "new", "instances": [instance()]},
            {
                "mode": "managed",
                "type": "google_compute_firewall",
                "name": "rule",
                "instances": [instance(0, "google_project.new"), instance(1, "google_project.new")],
            },
            {
                "module": "module.apis",
                "mode": "data",
                "type": "google_project",
                "name": "looked_up",
                "instances": [instance(None, "google_project.new")],
            },
            {
                "module": 'module.apis["all"]',
                "mode": "managed",
                "type": "google_project_service",
                "name": "each",
                "instances": [
                    instance("sqladmin", "google_project.new", "module.apis.data.google_project.looked_up"),
                ],
            },
        ]
    }
    read = graph.read(CONFIGURATION, state)
    assert read["google_compute_firewall.rule"].instances == [
        "google_compute_firewall.rule[0]",
        "google_compute_firewall.rule[1]",
    ]
    services = read["module.apis.google_project_service.each"]
    assert services.instances == ['module.apis["all"].google_project_service.each["sqladmin"]']
    assert services.needs == {"google_project.new": "Terraform's state"}
    assert "module.apis.data.google_project.looked_up" not in read
    # What the configuration says is not said again.
    assert read["google_compute_firewall.rule"].needs["google_project.new"] == "depends_on"
