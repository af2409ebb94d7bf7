import pytest

from rehearsal.cloud.kubernetes.findings import findings
from rehearsal.cloud.kubernetes.provider import Kubernetes
from rehearsal.facts import Facts
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.values import UNKNOWN, known


def about(name="app", **given):
    return {"name": name, "namespace": "jobs", **given}


def deployment(labels=None, selector=None, **pod):
    spec = {"container": [{"name": "c", "image": "i", **pod.pop("container", {})}], **pod}
    template = {"metadata": {"labels": labels or {"app": "app"}}, "spec": spec}
    return {
        "metadata": about(),
        "spec": {"selector": {"match_labels": selector or {"app": "app"}}, "template": template},
    }


def env(kind, name, **given):
    reference = {f"{kind}_key_ref": {"name": name, "key": "password", **given}}
    return {"container": {"env": [{"name": "P", "value_from": reference}]}}


def test_a_namespaced_object(kubernetes):
    state = kubernetes.create("kubernetes_config_map_v1", metadata=about(), data={"a": "b"})
    assert known(state)
    assert state["id"] == "jobs/app"
    assert state["metadata"][0]["uid"]
    assert kubernetes.find("kubernetes_config_map_v1", "jobs/app") == state
    assert kubernetes.data("kubernetes_config_map_v1", metadata={"name": "app", "namespace": "jobs"})["data"] == {
        "a": "b"
    }


def test_the_kinds_with_and_without_version_are_one(kubernetes):
    kubernetes.create("kubernetes_config_map", metadata=about())
    with pytest.raises(Refused, match='config_maps "jobs/app" already exists'):
        kubernetes.create("kubernetes_config_map_v1", metadata=about())


def test_nothing_to_change_after_a_creation(kubernetes):
    state = kubernetes.create("kubernetes_deployment_v1", **deployment())
    assert kubernetes.plan("kubernetes_deployment_v1", state, **deployment()) == state


def test_a_generated_name(kubernetes):
    metadata = {"generate_name": "job-", "namespace": "jobs"}
    states = [kubernetes.create("kubernetes_secret_v1", metadata=metadata, data={str(i): "x"}) for i in range(2)]
    names = [state["metadata"][0]["name"] for state in states]
    assert all(name.startswith("job-") for name in names)
    assert names[0] != names[1]


def test_a_service_gets_an_address(kubernetes):
    state = kubernetes.create("kubernetes_service_v1", metadata=about(), spec={"port": [{"port": 80}]})
    assert state["spec"][0]["cluster_ip"].startswith("34.118.")
    assert state["spec"][0]["cluster_ips"] == [state["spec"][0]["cluster_ip"]]


def test_a_namespace_that_is_not_there(kubernetes):
    with pytest.raises(Refused, match='namespaces "nowhere" not found'):
        kubernetes.create("kubernetes_config_map_v1", metadata={"name": "a", "namespace": "nowhere"})


def test_a_namespace_takes_all_in_it_along(kubernetes):
    state = kubernetes.create("kubernetes_config_map_v1", metadata=about())
    kubernetes.delete("kubernetes_namespace_v1", kubernetes.find("kubernetes_namespace_v1", "jobs"))
    assert kubernetes.read("kubernetes_config_map_v1", state) is None


def test_a_cluster_takes_all_in_it_along(kubernetes, google, cluster, cloud):
    google.delete("google_container_cluster", cluster)
    assert cloud.all("kubernetes_%") == []


@pytest.mark.parametrize(
    ("needs", "missing"),
    [
        ({"service_account_name": "runner"}, 'serviceaccount "runner"'),
        ({"volume": [{"name": "v", "secret": {"secret_name": "tls"}}]}, 'secret "tls"'),
        ({"volume": [{"name": "v", "config_map": {"name": "conf"}}]}, 'configmap "conf"'),
        (
            {"volume": [{"name": "v", "persistent_volume_claim": {"claim_name": "disk"}}]},
            'persistentvolumeclaim "disk"',
        ),
        ({"image_pull_secrets": [{"name": "pull"}]}, 'secret "pull"'),
        (env("secret", "db"), 'secret "db"'),
        (env("config_map", "conf"), 'configmap "conf"'),
        (env("secret", "held"), 'key password of secret "held"'),
        ({"container": {"env_from": [{"secret_ref": {"name": "db"}}]}}, 'secret "db"'),
    ],
)
def test_pods_that_would_not_start(kubernetes, needs, missing):
    kubernetes.create("kubernetes_secret_v1", metadata=about("held"), data={"other": "x"})
    with pytest.raises(Refused, match=f"{missing} not found in namespace jobs"):
        kubernetes.create("kubernetes_deployment_v1", **deployment(**needs))
    assert kubernetes.provider.cloud.all("kubernetes_deployment") == []


def test_what_pods_may_do_without(kubernetes):
    kubernetes.create("kubernetes_deployment_v1", **deployment(**env("secret", "db", optional=True)))


def test_a_secret_whose_content_is_not_kept_has_any_key(kubernetes):
    kubernetes.create("kubernetes_secret_v1", metadata=about("db"), data_wo={"password": "x"}, data_wo_revision=1)
    kubernetes.create("kubernetes_deployment_v1", **deployment(**env("secret", "db")))


def test_a_selector_that_does_not_match_its_own_pods(kubernetes):
    with pytest.raises(Refused, match="`selector` does not match template `labels`"):
        kubernetes.create("kubernetes_deployment_v1", **deployment(selector={"app": "other"}))


def test_what_selects_no_pods_is_found(kubernetes, cloud):
    kubernetes.create(
        "kubernetes_service_v1", metadata=about(), spec={"selector": {"app": "app"}, "port": [{"port": 80}]}
    )
    budget = {"min_available": "1", "selector": {"match_labels": {"app": "app"}}}
    kubernetes.create("kubernetes_pod_disruption_budget_v1", metadata=about(), spec=budget)
    assert findings(cloud) == [
        "kubernetes_service jobs/app selects no pods: {'app': 'app'}",
        "kubernetes_pod_disruption_budget jobs/app selects no pods: {'app': 'app'}",
    ]
    kubernetes.create("kubernetes_deployment_v1", **deployment())
    assert findings(cloud) == []


def test_a_binding_to_nobody_is_found(kubernetes, cloud):
    role = {"api_group": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    subject = {"kind": "ServiceAccount", "name": "runner", "namespace": "jobs"}
    kubernetes.create("kubernetes_role_binding_v1", metadata=about(), role_ref=role, subject=[subject])
    assert findings(cloud) == [
        "kubernetes_role_binding jobs/app binds a service account that does not exist: jobs/runner"
    ]
    kubernetes.create("kubernetes_service_account_v1", metadata=about("runner"))
    assert findings(cloud) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"host": None}, "connection refused"),
        ({"host": UNKNOWN}, "connection refused"),
        ({"host": "https://gke-other.us-west1.gke.goog"}, "no such host"),
        ({"token": None}, "Unauthorized"),
        ({"token": "mine"}, "Unauthorized"),
        ({"cluster_ca_certificate": "PEM"}, "certificate signed by unknown authority"),
    ],
)
def test_a_cluster_that_is_not_reached(cloud, access, change, message):
    provider = Kubernetes(Facts("kubernetes"), cloud)
    provider.configure(access | change)
    with pytest.raises(Refused, match=message):
        provider.connection.cluster()


@pytest.mark.parametrize(
    ("endpoints", "by", "message"),
    [
        ({"dns_endpoint_config": {"allow_external_traffic": False}}, "dns", "Forbidden"),
        ({"ip_endpoints_config": {"enabled": False}}, "ip", "i/o timeout"),
    ],
)
def test_an_endpoint_that_is_closed(google, network, access, cloud, endpoints, by, message):
    state = google.create(
        "google_container_cluster",
        name="other",
        location="us-west1",
        **network,
        control_plane_endpoints_config=endpoints,
    )
    dns = state["control_plane_endpoints_config"][0]["dns_endpoint_config"]
    provider = Kubernetes(Facts("kubernetes"), cloud)
    provider.configure(access | {"host": f"https://{dns[0]['endpoint'] if by == 'dns' else state['endpoint']}"})
    with pytest.raises(Refused, match=message):
        provider.connection.cluster()


def test_a_name_that_is_no_name(kubernetes):
    for name in ("My_App", "a..b", "-a"):
        wrong = {"metadata": [{"name": name}]}
        assert len(kubernetes.provider.validate("kubernetes_config_map_v1", wrong)) == 1
    assert kubernetes.provider.validate("kubernetes_role_v1", {"metadata": [{"name": "system:view"}]}) == []
