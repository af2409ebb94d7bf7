from metaflow_gcp.kubernetes.placement import ANYWHERE, SYSTEM_POOL


def test_anywhere_asks_for_no_label_and_tolerates_nothing():
    assert (ANYWHERE.labels, ANYWHERE.taints) == ({}, ())


def test_the_system_pool_is_named_by_a_label_and_guarded_by_a_taint_that_gke_s_own_pods_tolerate():
    assert SYSTEM_POOL.labels == {"metaflow-gcp/pool": "system"}
    [taint] = SYSTEM_POOL.taints
    # GKE's own deployments tolerate this key only; with another they would keep a task pool's node from going away.
    assert taint.key == "components.gke.io/gke-managed-components"
    assert taint.effect == "NO_SCHEDULE"
