"""The Kubernetes objects, as the API server will see them: valid, and fitting together."""

import re

import kubernetes_validate
import pytest

KINDS = {
    "kubernetes_cluster_role_binding_v1": ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    "kubernetes_config_map_v1": ("v1", "ConfigMap"),
    "kubernetes_deployment_v1": ("apps/v1", "Deployment"),
    "kubernetes_namespace_v1": ("v1", "Namespace"),
    "kubernetes_network_policy_v1": ("networking.k8s.io/v1", "NetworkPolicy"),
    "kubernetes_pod_disruption_budget_v1": ("policy/v1", "PodDisruptionBudget"),
    "kubernetes_role_binding_v1": ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    "kubernetes_role_v1": ("rbac.authorization.k8s.io/v1", "Role"),
    "kubernetes_secret_v1": ("v1", "Secret"),
    "kubernetes_service_account_v1": ("v1", "ServiceAccount"),
    "kubernetes_service_v1": ("v1", "Service"),
}
OF_TERRAFORM = {"depends_on", "lifecycle", "timeouts", "wait_for_rollout"}
# Where the provider names one of a list that the API names in the plural.
PLURALS = {
    "container": "containers",
    "env": "env",
    "init_container": "initContainers",
    "port": "ports",
    "rule": "rules",
    "subject": "subjects",
    "toleration": "tolerations",
    "topology_spread_constraint": "topologySpreadConstraints",
    "volume": "volumes",
    "volume_mount": "volumeMounts",
}
# Keys below these are the user's, not the API's.
MAPS = {"annotations", "data", "labels", "limits", "match_labels", "node_selector", "requests"}
NUMBERS = {"port", "replicas", "run_as_group", "run_as_user", "max_surge", "max_unavailable", "min_available"}
REFERENCE = re.compile(r"\$\{(\w+)\.<([^>]+)>\.metadata\[0\]\.(\w+)\}")


def manifest(element, named):
    api_version, kind = KINDS[element.type]
    attributes = {key: value for key, value in element.attributes.items() if key not in OF_TERRAFORM}
    return {"apiVersion": api_version, "kind": kind, **converted(attributes, named)}


def converted(value, named):
    if isinstance(value, dict):
        return {name(key, each): entry(key, each, named) for key, each in value.items()}
    if isinstance(value, list):
        return [converted(each, named) for each in value]
    return REFERENCE.sub(lambda match: named[match[1], match[2]][match[3]], value) if isinstance(value, str) else value


def name(key, value):
    if key in PLURALS and isinstance(value, list):
        return PLURALS[key]
    first, *others = key.split("_")
    return first + "".join(other.title() for other in others)


def entry(key, value, named):
    if key == "selector" and all(isinstance(each, str) for each in value.values()):
        return dict(value)  # a Service's
    if key in MAPS:
        return {name: converted(each, named) for name, each in value.items()}
    if key == "default_mode":
        return int(value, 8)
    if key in NUMBERS and isinstance(value, str) and value.isdecimal():
        return int(value)
    if key == "label_selector" and isinstance(value, list):
        [value] = value
    return converted(value, named)


@pytest.fixture
def objects(platform):
    elements = [each for each in platform.elements if each.type.startswith("kubernetes_") and each.kind == "resource"]
    named = {(each.type, each.path): each.attributes["metadata"] for each in elements}
    resolved = {
        key: {
            field: REFERENCE.sub(lambda match: named[match[1], match[2]][match[3]], text)
            for field, text in metadata.items()
            if field in ("name", "namespace")
        }
        for key, metadata in named.items()
    }
    return [manifest(each, resolved) for each in elements]


def of_kind(objects, kind):
    return [each for each in objects if each["kind"] == kind]


def exists(objects, kind, name, namespace):
    return any(
        each["metadata"]["name"] == name and each["metadata"].get("namespace") == namespace
        for each in of_kind(objects, kind)
    )


# The oldest schemas of the package, and the newest: an upgrade of the cluster changes nothing.
@pytest.mark.parametrize("version", ["1.25", "latest"])
def test_the_api_server_accepts_every_object(objects, version):
    version = kubernetes_validate.latest_version() if version == "latest" else version
    for each in objects:
        kubernetes_validate.validate(each, version, strict=True)


def test_the_api_server_would_refuse_what_is_wrong(objects):
    [deployment] = of_kind(objects, "Deployment")
    deployment["spec"]["replica"] = 1
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, "1.25", strict=True)


def test_everything_is_in_a_namespace_of_ours(objects):
    namespaces = {each["metadata"]["name"] for each in of_kind(objects, "Namespace")}
    assert namespaces == {"metaflow", "metaflow-jobs"}
    for each in objects:
        if each["kind"] not in ("Namespace", "ClusterRoleBinding"):
            assert each["metadata"]["namespace"] in namespaces, each["metadata"]


def test_selectors_match_the_pods_that_they_are_for(objects):
    """Known defect 1 of the templates: the UI service's selector does not match its pods."""
    pods = [
        (each["metadata"]["namespace"], each["spec"]["template"]["metadata"]["labels"])
        for each in of_kind(objects, "Deployment")
    ]
    selectors = [
        *((each, each["spec"]["selector"]) for each in of_kind(objects, "Service")),
        *((each, each["spec"]["selector"]["matchLabels"]) for each in of_kind(objects, "Deployment")),
        *((each, each["spec"]["selector"]["matchLabels"]) for each in of_kind(objects, "PodDisruptionBudget")),
        *((each, each["spec"]["podSelector"]["matchLabels"]) for each in of_kind(objects, "NetworkPolicy")),
    ]
    for each, selector in selectors:
        matched = [
            labels
            for namespace, labels in pods
            if namespace == each["metadata"]["namespace"] and selector.items() <= labels.items()
        ]
        assert len(matched) == 1, each["metadata"]


def test_a_service_s_port_is_a_port_of_its_pods(objects):
    for service in of_kind(objects, "Service"):
        ports = {
            port["name"]
            for deployment in of_kind(objects, "Deployment")
            if service["spec"]["selector"].items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
            for container in deployment["spec"]["template"]["spec"]["containers"]
            for port in container["ports"]
        }
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports


def test_a_policy_lets_through_to_ports_that_answer_from_namespaces_that_exist(objects):
    namespaces = {each["metadata"]["name"] for each in of_kind(objects, "Namespace")}
    answering = {
        port["containerPort"]
        for deployment in of_kind(objects, "Deployment")
        for container in deployment["spec"]["template"]["spec"]["containers"]
        for port in container["ports"]
    }
    for policy in of_kind(objects, "NetworkPolicy"):
        for rule in policy["spec"].get("ingress", []):
            assert {port["port"] for port in rule["ports"]} <= answering
            for peer in rule["from"]:
                assert peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] in namespaces


def test_tasks_reach_the_metadata_service_and_nothing_else_of_ours(objects):
    reached = {
        policy["metadata"]["name"]: [
            peer["namespaceSelector"]["matchLabels"] for rule in policy["spec"]["ingress"] for peer in rule["from"]
        ]
        for policy in of_kind(objects, "NetworkPolicy")
    }
    assert reached == {"metadata-service": [{"kubernetes.io/metadata.name": "metaflow-jobs"}]}


def test_what_a_pod_names_is_in_its_namespace(objects):
    """Accounts, secrets and their keys, certificates and their volumes."""
    for deployment in of_kind(objects, "Deployment"):
        namespace, pod = deployment["metadata"]["namespace"], deployment["spec"]["template"]["spec"]
        assert exists(objects, "ServiceAccount", pod["serviceAccountName"], namespace)
        for volume in pod["volumes"]:
            if "configMap" in volume:
                assert exists(objects, "ConfigMap", volume["configMap"]["name"], namespace)
        volumes = {volume["name"] for volume in pod["volumes"]}
        for container in (*pod["containers"], *pod["initContainers"]):
            assert {mount["name"] for mount in container["volumeMounts"]} == volumes
            for variable in container["env"]:
                if "valueFrom" in variable:
                    reference = variable["valueFrom"]["secretKeyRef"]
                    assert exists(objects, "Secret", reference["name"], namespace)
                    [secret] = [s for s in of_kind(objects, "Secret") if s["metadata"]["name"] == reference["name"]]
                    assert reference["key"] in secret["data"]


def test_a_file_that_a_variable_names_is_mounted(objects):
    for deployment in of_kind(objects, "Deployment"):
        pod = deployment["spec"]["template"]["spec"]
        for container in (*pod["containers"], *pod["initContainers"]):
            variables = {each["name"]: each.get("value") for each in container["env"]}
            [mount] = [each for each in container["volumeMounts"] if each["name"] == "database"]
            folder, _, file = variables["MF_METADATA_DB_SSL_ROOT_CERT"].rpartition("/")
            assert mount["mountPath"] == folder
            [certificates] = of_kind(objects, "ConfigMap")
            assert file in certificates["data"]


def test_a_binding_names_a_role_that_exists(objects):
    """Known defect 7 of the templates: a role binding names an account that does not exist."""
    for binding in of_kind(objects, "RoleBinding"):
        assert exists(objects, "Role", binding["roleRef"]["name"], binding["metadata"]["namespace"])
        assert {subject["kind"] for subject in binding["subjects"]} <= {"User", "Group"}
    for binding in of_kind(objects, "ClusterRoleBinding"):
        assert binding["roleRef"]["name"] == "cluster-admin"


def test_a_budget_is_there_only_where_there_are_two_pods_or_more(objects):
    """Facts, section 6: with one replica it blocks upgrades of nodes."""
    [deployment] = of_kind(objects, "Deployment")
    assert bool(of_kind(objects, "PodDisruptionBudget")) == (deployment["spec"]["replicas"] > 1)
