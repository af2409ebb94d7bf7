"""storage.k8s.io: StorageClasses."""

from rehearsal.cloud.kubernetes.kind import Kind

KINDS = [
    Kind(type="kubernetes_storage_class", defaults={"reclaim_policy": "Delete", "volume_binding_mode": "Immediate"})
]
