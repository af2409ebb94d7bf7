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


def test_pods_and_the_address_of_the_database_wait_for_what_they_rest_on(platform):
    waiting = {
        each.type: each.attributes["depends_on"] for each in platform.elements if "depends_on" in each.attributes
    }
    assert {type_: len(on) for type_, on in waiting.items()} == {
        "google_compute_forwarding_rule": 2,  # the database and its user
        "kubernetes_deployment_v1": 1,  # its network policy
    }


def test_what_is_in_a_namespace_waits_for_it(platform):
    for each in platform.elements:
        namespace = each.attributes.get("metadata", {}).get("namespace") if each.stack == "services" else None
        if namespace:
            assert namespace.startswith("${kubernetes_namespace_v1."), each.where


def test_workload_identity_waits_for_the_cluster(platform):
    """Facts, section 6: the identity pool does not exist before the project's first cluster has it."""
    bindings = [
        each.attributes["member"]
        for each in platform.of_type("google_service_account_iam_member")
        if each.attributes["role"] == "roles/iam.workloadIdentityUser"
    ]
    assert bindings
    for member in bindings:
        assert member.startswith("serviceAccount:${google_container_cluster.")
