"""policy: PodDisruptionBudgets."""

from rehearsal.cloud.kubernetes.kind import Kind

KINDS = [Kind(type="kubernetes_pod_disruption_budget", selects="spec.selector.match_labels")]
