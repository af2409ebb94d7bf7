"""scheduling.k8s.io: PriorityClasses."""

from rehearsal.cloud.kubernetes.kind import Kind

KINDS = [Kind(type="kubernetes_priority_class")]
