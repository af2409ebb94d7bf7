"""Every reference leads somewhere, within its own stack."""

import re

STACKS = ("apis", "infra", "services")
INTERPOLATION = re.compile(r"\$\{(.*?)\}(?!\})", re.DOTALL)
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
CHAIN = re.compile(r"(?<![\w.-])([a-z_][\w-]*)\.([\w-]+)(?:\.([\w-]+))?")
OF_THE_RESOURCE_ITSELF = "self"


def texts(value):
    if isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value


def referred(document):
    """Every (kind, type, name) that an expression or a `depends_on` of the stack names."""
    for text in texts(document):
        for expression in INTERPOLATION.findall(text):
            for head, second, third in CHAIN.findall(QUOTED.sub('""', expression)):
                if head == "data":
                    yield "data", second, third
                elif head != OF_THE_RESOURCE_ITSELF:
                    yield "resource", head, second
    for elements in document.get("resource", {}).values():
        for attributes in elements.values():
            for name in attributes.get("depends_on", []):
                type_, _, logical_id = name.partition(".")
                yield "resource", type_, logical_id


def declared(document):
    return {
        (kind, type_, logical_id)
        for kind in ("resource", "data")
        for type_, elements in document.get(kind, {}).items()
        for logical_id in elements
    }


def test_every_reference_is_to_something_that_the_same_stack_declares(platform):
    """CDKTF's Testing.synth, and `depends_on` across stacks, pass synth and break the plan."""
    for stack in STACKS:
        document = platform.stacks[stack]
        assert set(referred(document)) - declared(document) == set(), stack


def test_there_are_references_to_check(platform):
    """Else the test above would prove nothing."""
    assert len(set(referred(platform.stacks["infra"]))) > 10
    assert len(set(referred(platform.stacks["services"]))) > 10


def test_nothing_that_cdktf_knows_only_at_synth_is_left_over(platform):
    for stack in STACKS:
        assert "TfToken[" not in platform.texts[stack]
        assert "Token[" not in platform.texts[stack]


WAITING = {
    "google_pubsub_topic_iam_member": {"google_monitoring_notification_channel"},  # Google then makes the account
    "google_compute_backend_service": {"google_compute_instance_group_named_port"},  # its nodes answer at that port
    # Pods never start open, nor before the database is migrated.
    "kubernetes_deployment_v1": {"kubernetes_network_policy_v1", "kubernetes_deployment_v1"},
    "helm_release": {"kubernetes_network_policy_v1", "kubernetes_role_binding_v1", "helm_release"},
}

RESTS_ON_NOTHING = ("jobs-admission/policies", "metrics-collection/targets")


def test_what_rests_on_others_waits_for_them_and_nothing_waits_needlessly(platform):
    for each in platform.elements:
        types = {name.partition(".")[0] for name in each.attributes.get("depends_on", [])}
        assert types <= WAITING.get(each.type, set()), each.where
        # Policies rest on nothing: they are about what comes later.
        assert types or each.type not in WAITING or each.path in RESTS_ON_NOTHING, each.where


def test_a_pod_s_policy_is_the_one_that_its_deployment_waits_for(platform):
    for each in platform.of_type("kubernetes_deployment_v1"):
        policy = each.attributes["depends_on"][0]
        assert policy == f"kubernetes_network_policy_v1.<{each.path.removesuffix('deployment')}network-policy>"


def test_the_ui_waits_for_the_service_that_migrates_its_database(platform):
    waiting = {each.path: each.attributes["depends_on"][1:] for each in platform.of_type("kubernetes_deployment_v1")}
    assert waiting == {
        "metadata-service/service/deployment": [],
        "ui/service/deployment": ["kubernetes_deployment_v1.<metadata-service/service/deployment>"],
    }


def test_a_release_waits_for_its_policy_its_rights_and_its_controller(platform):
    waiting = {each.path: set(each.attributes["depends_on"]) for each in platform.of_type("helm_release")}
    rights = ["controller-config", "controller-workflows", "executor", "server-config", "server-workflows"]
    rights += ["server-shows"] if platform.settings == "everything" else []
    assert waiting == {
        "argo-workflows/release": {
            "kubernetes_network_policy_v1.<argo-workflows/release-network-policy>",
            *(f"kubernetes_role_binding_v1.<argo-workflows/{name}/binding>" for name in rights),
        },
        "argo-events/release": {
            "kubernetes_network_policy_v1.<argo-events/release-network-policy>",
            "kubernetes_role_binding_v1.<argo-events/controller/binding>",
        },
        # Its definitions and its controller, which on the way out outlives it.
        "argo-events/events": {"helm_release.<argo-events/release>"},
        "jobset/release": {"kubernetes_network_policy_v1.<jobset/release-network-policy>"},
        **{path: set() for path in RESTS_ON_NOTHING},
    }


def test_what_is_in_a_namespace_waits_for_it(platform):
    for each in platform.elements:
        attributes = each.attributes if each.stack == "services" else {}
        namespace = attributes.get("metadata", attributes).get("namespace")
        if namespace:
            assert namespace.startswith("${kubernetes_namespace_v1."), each.where


def test_workload_identity_waits_for_the_cluster(platform):
    """The identity pool does not exist before the project's first cluster has it: "Identity Pool does not exist".

    https://github.com/terraform-google-modules/terraform-google-kubernetes-engine/issues/916
    """
    bindings = [
        each.attributes["member"]
        for each in platform.of_type("google_service_account_iam_member")
        if each.attributes["role"] == "roles/iam.workloadIdentityUser"
    ]
    assert bindings
    for member in bindings:
        assert member.startswith("serviceAccount:${google_container_cluster.")
