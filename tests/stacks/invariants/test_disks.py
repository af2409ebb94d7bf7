"""Disks and the machines that they are attached to go together."""

from metaflow_gcp import externals
from metaflow_gcp.google.gke import machine_types
from tests.stacks.invariants.world import World


def test_every_node_starts_from_a_disk_that_its_machine_takes(platform):
    for pool in platform.of_type("google_container_node_pool"):
        config = pool.attributes["node_config"]
        taken = machine_types.boot_disks(config["machine_type"])
        # Of a machine that is newer than the table, nobody here knows.
        assert taken is None or config["disk_type"] in taken, pool.path


def test_the_event_bus_has_disks_that_the_system_pool_takes(platform):
    world = World.of(platform)
    [system] = [each for each in platform.of_type("google_container_node_pool") if each.path == "system-pool/pool"]
    types = {name: each["disk_type"] for name, each in externals.document()["storage_classes"].items()} | {
        each["metadata"]["name"]: each["parameters"]["type"] for each in world.of_kind("StorageClass")
    }
    [bus] = world.of_kind("EventBus")
    disk = types[bus["spec"]["jetstream"]["persistence"]["storageClassName"]]
    assert disk in machine_types.boot_disks(system.attributes["node_config"]["machine_type"])


def test_a_class_of_our_own_is_there_only_where_it_is_needed(platforms):
    assert {name: len(World.of(each).of_kind("StorageClass")) for name, each in platforms.items()} == {
        "minimal": 0,
        "everything": 1,
        "existing-network": 0,
    }
