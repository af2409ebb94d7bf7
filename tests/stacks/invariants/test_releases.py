"""Helm releases: pinned, whole or not at all, done when they work, gone when they are removed.

That a chart has every value that we set, is in tests/library/test_chart_values.py.
"""

import json

from metaflow_gcp.kubernetes.helm import charts as pinned
from rehearsal.cloud import charts
from tests.stacks.invariants import objects as of

PINNED = {each.name: each for each in (pinned.ARGO_WORKFLOWS, pinned.ARGO_EVENTS, pinned.JOBSET)}
OURS = {"metaflow-admission", "metaflow-events", "metaflow-metrics"}


def test_charts_of_others_are_pinned_to_a_version_that_was_tested(platform):
    """Known defect 20 of the templates: Argo from a moving branch."""
    for each in platform.of_type("helm_release"):
        release = each.attributes
        if release["name"] in OURS:
            assert (platform.folder / "stacks/services" / release["chart"] / "Chart.yaml").is_file()
        else:
            chart = PINNED[release["name"]]
            assert (release["chart"], release["repository"]) == (chart.name, chart.repository)
            assert release["version"] in chart.versions
    assert {each.attributes["name"] for each in platform.of_type("helm_release")} == {*PINNED, *OURS}


def test_apply_returns_when_everything_works(platform):
    """Known defect 14 of the templates: it returns before anything works."""
    for each in platform.of_type("helm_release"):
        release = each.attributes
        assert all(release[key] is True for key in ("wait", "wait_for_jobs", "atomic", "cleanup_on_fail")), each.where
        assert release["timeout"] >= 600, each.where
    for each in platform.of_type("kubernetes_deployment_v1"):
        assert each.attributes["wait_for_rollout"] is True
        # The first nodes of the system pool, the images, the migration.
        assert each.attributes["spec"]["progress_deadline_seconds"] >= 600


def test_nothing_is_made_that_a_destroy_leaves(platform):
    """Namespaces that Helm makes stay, and definitions that are kept stand in the way of the next deployment."""
    for each in platform.of_type("helm_release"):
        assert each.attributes["create_namespace"] is False
    stays = {
        definition.name
        for release in of.releases(platform)
        for definition in charts.definitions(release.chart, release.values)
        if definition.stays
    }
    # Stands in the chart's folder `crds/`, which Helm never removes; it has no setting. It goes with the cluster.
    assert stays == {"jobsets.jobset.x-k8s.io"}


def test_values_are_in_the_document_alone(platform):
    """What `set` holds would escape every test of values."""
    for each in platform.of_type("helm_release"):
        assert not {key for key in each.attributes if key.startswith("set")}
        [document] = each.attributes["values"]
        assert document == json.dumps(json.loads(document), indent=2, sort_keys=True)


def test_controllers_are_for_the_jobs_namespace_and_make_no_rights_of_their_own(platform):
    """The charts' own roles would reach the whole cluster, or the namespace in which nothing runs."""
    values = {each.name: each.values for each in of.releases(platform)}
    workflows, events = values["argo-workflows"], values["argo-events"]
    assert workflows["singleNamespace"] is True
    assert workflows["createAggregateRoles"] is events["createAggregateRoles"] is False
    assert workflows["controller"]["rbac"]["create"] is workflows["server"]["rbac"]["create"] is False
    assert workflows["workflow"]["rbac"]["create"] is events["controller"]["rbac"]["enabled"] is False
    assert events["controller"]["rbac"]["namespaced"] is True


def test_the_argo_server_is_reached_by_forward_as_the_person_who_looks(platform):
    """Behind Google's sign-in who gives no token looks as the server, which only reads: test_endpoint.py."""
    [server] = [each.values["server"] for each in of.releases(platform) if each.name == "argo-workflows"]
    behind_sign_in = platform.settings == "everything"
    assert server["authModes"] == (["client", "server"] if behind_sign_in else ["client"])
    assert server["serviceType"] == "ClusterIP"
    assert not server["ingress"]["enabled"]
    assert not server["httproute"]["enabled"]
