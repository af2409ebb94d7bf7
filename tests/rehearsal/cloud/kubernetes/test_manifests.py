"""Releases of local charts: real Helm renders them, and their objects enter the model."""

import pytest

from rehearsal.cloud.kubernetes.findings import findings
from rehearsal.protocol.errors import Refused

EVENTS = {
    "name": "argo-events",
    "namespace": "jobs",
    "chart": "argo-events",
    "version": "2.4.22",
    "repository": "https://argoproj.github.io/argo-helm",
    "values": ["crds: {keep: false}"],
}
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: "{{ .Release.Name }}-svc"}
spec: {selector: {eventsource-name: hook}, ports: [{port: 80}]}
"""
SOURCE = """
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata: {name: hook}
spec: {template: {serviceAccountName: runner}}
"""
ACCOUNT = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: runner}
"""
BINDING = """
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: run}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: run}
subjects: [{kind: ServiceAccount, name: nobody, namespace: jobs}]
"""
JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: once, annotations: {helm.sh/hook: post-install}}
spec: {template: {spec: {serviceAccountName: runner, restartPolicy: Never, containers: [{name: a, image: a}]}}}
"""
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: a, image: a, ports: [{containerPort: 80}]}]}
"""


@pytest.fixture
def chart(tmp_path):
    """A chart of some templates, as a release of it."""
    folder = tmp_path / "my chart"

    def chart(**templates):
        (folder / "templates").mkdir(parents=True, exist_ok=True)
        (folder / "Chart.yaml").write_text('apiVersion: v2\nname: events\nversion: "1.2.3"\n')
        (folder / "values.yaml").write_text("size: 1\n")
        for old in (folder / "templates").iterdir():
            old.unlink()
        for name, text in templates.items():
            (folder / "templates" / f"{name}.yaml").write_text(text)
        return {"name": "mine", "namespace": "jobs", "chart": str(folder)}

    return chart


def test_its_name_and_version_are_the_chart_s(helm, chart):
    state = helm.create("helm_release", **chart())
    assert (state["version"], state["metadata"]["chart"]) == ("1.2.3", "events")


def test_its_objects_are_there_and_go_with_it(helm, kubernetes, chart):
    state = helm.create("helm_release", **chart(service=SERVICE, account=ACCOUNT))
    service = kubernetes.find("kubernetes_service_v1", "jobs/mine-svc")
    assert service["spec"][0]["selector"] == {"eventsource-name": "hook"}
    assert service["spec"][0]["port"][0]["port"] == 80
    helm.delete("helm_release", state)
    with pytest.raises(Refused, match="non-existent"):
        kubernetes.find("kubernetes_service_v1", "jobs/mine-svc")


def test_what_it_no_longer_holds_goes(helm, kubernetes, chart):
    state = helm.create("helm_release", **chart(service=SERVICE, account=ACCOUNT))
    helm.update("helm_release", state, **chart(account=ACCOUNT))
    assert kubernetes.find("kubernetes_service_account_v1", "jobs/runner")["id"] == "jobs/runner"
    with pytest.raises(Refused, match="non-existent"):
        kubernetes.find("kubernetes_service_v1", "jobs/mine-svc")


def test_a_name_that_is_taken(helm, kubernetes, chart):
    kubernetes.create("kubernetes_service_account_v1", metadata={"name": "runner", "namespace": "jobs"})
    with pytest.raises(Refused, match="exists and cannot be imported into the current release"):
        helm.create("helm_release", **chart(account=ACCOUNT))


def test_a_name_of_its_own_is_not(helm, kubernetes, chart):
    helm.create("helm_release", **chart(account=ACCOUNT))
    with pytest.raises(Refused, match="already exists"):
        kubernetes.create("kubernetes_service_account_v1", metadata={"name": "runner", "namespace": "jobs"})


def test_a_namespace_that_is_not_there(helm, chart):
    with pytest.raises(Refused, match='namespaces "nowhere" not found'):
        helm.create("helm_release", **chart(account=ACCOUNT.replace("runner", "runner, namespace: nowhere")))


def test_nothing_of_a_failed_installation_stays(helm, kubernetes, chart, cloud):
    before = cloud.all()
    with pytest.raises(Refused):
        helm.create("helm_release", **chart(a=ACCOUNT, b=SERVICE.replace("metadata: {", "metadata: {namespace: x, ")))
    assert cloud.all() == before


def test_a_custom_resource_needs_its_definition(helm, chart):
    with pytest.raises(Refused, match=r'no matches for kind "EventSource" in version "argoproj.io/v1alpha1"'):
        helm.create("helm_release", **chart(source=SOURCE, account=ACCOUNT))


def test_a_custom_resource_with_its_definition(helm, chart, cloud):
    helm.create("helm_release", **EVENTS)
    helm.create("helm_release", **chart(source=SOURCE, account=ACCOUNT))
    assert [each.key.id for each in cloud.all("kubernetes_manifest") if "jobs/hook" in each.key.id] == [
        "argoproj.io/v1alpha1/EventSource/jobs/hook"
    ]


def test_a_custom_resource_of_another_version(helm, chart):
    helm.create("helm_release", **EVENTS)
    with pytest.raises(Refused, match="no matches for kind"):
        helm.create("helm_release", **chart(source=SOURCE.replace("v1alpha1", "v1"), account=ACCOUNT))


def test_the_controller_must_not_go_before_what_it_alone_lets_go(helm, chart):
    events = helm.create("helm_release", **EVENTS)
    mine = helm.create("helm_release", **chart(source=SOURCE, account=ACCOUNT))
    with pytest.raises(Refused, match="Error uninstalling release"):
        helm.delete("helm_release", events)
    helm.delete("helm_release", mine)
    helm.delete("helm_release", events)


def test_pods_that_a_controller_makes_are_selected(helm, chart, cloud):
    helm.create("helm_release", **EVENTS)
    state = helm.create("helm_release", **chart(source=SOURCE, service=SERVICE, account=ACCOUNT))
    assert not findings(cloud)
    wrong = SERVICE.replace("eventsource-name: hook", "eventsource-name: hooks")
    helm.update("helm_release", state, **chart(source=SOURCE, service=wrong, account=ACCOUNT))
    assert findings(cloud) == ["kubernetes_service jobs/mine-svc selects no pods: {'eventsource-name': 'hooks'}"]


def test_pods_that_a_controller_made_go_with_what_it_made_them_of(helm, chart, cloud):
    helm.create("helm_release", **EVENTS)
    state = helm.create("helm_release", **chart(source=SOURCE, account=ACCOUNT))
    controller = "jobs/argo-events-controller-manager"
    assert [each.key.id for each in cloud.all("kubernetes_deployment")] == [controller, "jobs/hook-eventsource"]
    helm.delete("helm_release", state)
    assert [each.key.id for each in cloud.all("kubernetes_deployment")] == [controller]


def test_a_binding_to_nobody_is_found(helm, chart, cloud):
    helm.create("helm_release", **chart(binding=BINDING))
    assert findings(cloud) == [
        "kubernetes_role_binding jobs/run binds a service account that does not exist: jobs/nobody"
    ]


@pytest.mark.parametrize(
    "template", [SOURCE, JOB, DEPLOYMENT.replace("{containers", "{serviceAccountName: runner, containers")]
)
def test_pods_need_their_account(helm, chart, template):
    helm.create("helm_release", **EVENTS)
    with pytest.raises(Refused, match='serviceaccount "runner" not found'):
        helm.create("helm_release", **chart(template=template))


def test_what_a_controller_makes_needs_its_priority_class(helm, chart):
    helm.create("helm_release", **EVENTS)
    source = SOURCE.replace("serviceAccountName: runner", "priorityClassName: urgent")
    with pytest.raises(Refused, match=r"EventSource hook: FailedCreate: .* no PriorityClass with name urgent"):
        helm.create("helm_release", **chart(source=source), atomic=True)
    urgent = "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: urgent}, value: 5}"
    helm.create("helm_release", **chart(source=source, urgent=urgent))


def test_pods_need_the_labels_they_are_selected_by(helm, chart):
    with pytest.raises(Refused, match="`selector` does not match template `labels`"):
        helm.create("helm_release", **chart(web=DEPLOYMENT.replace("{labels: {app: web}}", "{labels: {app: other}}")))


def test_hooks_do_not_stay(helm, chart, cloud):
    helm.create("helm_release", **chart(job=JOB, account=ACCOUNT))
    assert not cloud.all("kubernetes_job")


def test_what_the_chart_has_no_value_for(helm, chart):
    with pytest.raises(Refused, match=r"sise: the chart has no such value \(chart events 1.2.3\)"):
        helm.create("helm_release", **chart(account=ACCOUNT), values=["sise: 2"])


def test_a_chart_without_a_name(helm, chart, tmp_path):
    release = chart()
    (tmp_path / "my chart/Chart.yaml").write_text("apiVersion: v2\n")
    with pytest.raises(Refused, match=r"chart.metadata.name and chart.metadata.version are required"):
        helm.create("helm_release", **release)
