"""A class of volumes for machines that take no Persistent Disk."""

import pytest

from metaflow_gcp.checks import InvalidProperties
from metaflow_gcp.google.gke.hyperdisk_class import HyperdiskClass, HyperdiskClassProps
from metaflow_gcp.metaflow.argo.events import ArgoEvents, ArgoEventsProps


def test_volumes_are_hyperdisks_where_their_pods_run(synthesize):
    made = synthesize(lambda stack: HyperdiskClass(stack, "disks"))
    assert made.only("kubernetes_storage_class_v1") == {
        "metadata": {"name": "metaflow-hyperdisk-balanced"},
        "storage_provisioner": "pd.csi.storage.gke.io",
        "parameters": {"type": "hyperdisk-balanced"},
        "reclaim_policy": "Delete",
        "volume_binding_mode": "WaitForFirstConsumer",
        "allow_volume_expansion": True,
    }


def test_the_event_bus_takes_it_and_waits_for_it(synthesize):
    def build(stack):
        disks = HyperdiskClass(stack, "disks", HyperdiskClassProps(name="fast"))
        ArgoEvents(stack, "events", ArgoEventsProps(namespace="argo", jobs_namespace="jobs", storage_class=disks.name))

    [values] = synthesize(build)["helm_release"]["events/events"]["values"]
    assert '"storageClass":"${kubernetes_storage_class_v1.<disks/class>.metadata[0].name}"' in values.replace(" ", "")


def test_a_name_that_is_none():
    with pytest.raises(InvalidProperties, match="name"):
        HyperdiskClassProps(name="Fast Disks")
