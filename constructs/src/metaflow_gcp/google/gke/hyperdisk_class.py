"""A class of volumes on Hyperdisk, for pods on machines that take no Persistent Disk."""

from dataclasses import dataclass

from cdktf_cdktf_provider_kubernetes import storage_class_v1 as storage
from constructs import Construct

from metaflow_gcp.names import KubernetesName
from metaflow_gcp.properties import Properties


@dataclass(frozen=True, kw_only=True)
class HyperdiskClassProps(Properties):
    name: KubernetesName = "metaflow-hyperdisk-balanced"
    """Of the StorageClass, which belongs to no namespace."""


class HyperdiskClass(Construct):
    """Hyperdisk Balanced with Google's own performance, 4 GiB or more a volume.

    The classes that every GKE cluster has are of Persistent Disk; GKE 1.35 brought one that is of either.
    https://cloud.google.com/kubernetes-engine/docs/how-to/persistent-volumes/hyperdisk
    """

    def __init__(self, scope: Construct, id_: str, props: HyperdiskClassProps | None = None) -> None:
        super().__init__(scope, id_)
        props = props or HyperdiskClassProps()
        self._class = storage.StorageClassV1(
            self,
            "class",
            metadata=storage.StorageClassV1Metadata(name=props.name),
            storage_provisioner="pd.csi.storage.gke.io",
            parameters={"type": "hyperdisk-balanced"},
            reclaim_policy="Delete",
            # Where the pod runs: a disk stays in one zone.
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
        )

    @property
    def name(self) -> str:
        """For `storage_class` of what needs volumes, and `storageClassName` of a claim."""
        return self._class.metadata.name
