"""Faults in who may do what: of accounts in Google Cloud, and of accounts in the cluster."""

import random
from collections.abc import Iterator

from tests.mutants.platform import DROPPED, Mutant, Platform, argument
from tests.mutants.ways_order import dropped

ROLE, BINDING, ACCOUNT = "kubernetes_role_v1", "kubernetes_role_binding_v1", "kubernetes_service_account_v1"
BROADER = {
    "roles/storage.objectUser": "roles/storage.admin",
    "roles/storage.objectViewer": "roles/storage.objectUser",
    "roles/artifactregistry.reader": "roles/artifactregistry.writer",
    "roles/container.defaultNodeServiceAccount": "roles/editor",
    "roles/secretmanager.secretAccessor": "roles/secretmanager.admin",
    "roles/iam.workloadIdentityUser": "roles/iam.serviceAccountAdmin",
}
NARROWER = {
    "roles/storage.objectUser": "roles/storage.objectViewer",
    "roles/storage.objectViewer": "roles/storage.objectCreator",
    "roles/artifactregistry.reader": "roles/logging.viewer",
    "roles/container.defaultNodeServiceAccount": "roles/logging.viewer",
    "roles/iam.workloadIdentityUser": "roles/iam.serviceAccountUser",
}


def role_missing(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements():
        if element.type.endswith("_iam_member"):
            yield dropped(element)
    for element in platform.elements(BINDING):
        yield dropped(element)


def role_too_narrow(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements():
        role = platform.of(element).get("role")
        if isinstance(role, str) and role in NARROWER:
            yield argument(element, ("role",), NARROWER[role])


def role_too_broad(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements():
        role = platform.of(element).get("role")
        if isinstance(role, str) and role in BROADER:
            yield argument(element, ("role",), BROADER[role])
    for element in platform.elements(ROLE):
        rules = platform.of(element)["rule"]
        yield argument(element, ("rule", 0, "verbs"), ["*"])
        secrets = {"api_groups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}
        yield argument(element, ("rule",), [*rules, secrets], said="and secrets")


def verb_missing(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements(ROLE):
        for number, rule in enumerate(platform.of(element)["rule"]):
            for index, verb in enumerate(rule["verbs"]):
                yield argument(
                    element, ("rule", number, "verbs", index), DROPPED, said=f"{verb} {rule['resources']} dropped"
                )


def resource_or_group_of_another_name(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements(ROLE):
        for number, rule in enumerate(platform.of(element)["rule"]):
            yield argument(element, ("rule", number, "api_groups"), ["extensions"])
            yield argument(element, ("rule", number, "resources", 0), f"{rule['resources'][0]}s")


def bound_to_somebody_else(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements(BINDING):
        for index, subject in enumerate(platform.of(element)["subject"]):
            if subject["kind"] == "ServiceAccount":
                yield argument(element, ("subject", index, "name"), "default")
                yield argument(element, ("subject", index, "namespace"), "default")
        yield argument(element, ("role_ref", "name"), "view")


def workload_identity_broken(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements(ACCOUNT):
        annotations = platform.of(element)["metadata"].get("annotations", {})
        for name in annotations:
            yield argument(element, ("metadata", "annotations", name), "nobody@acme-metaflow.iam.gserviceaccount.com")
            yield argument(element, ("metadata", "annotations"), DROPPED)
    for element in platform.elements("google_service_account_iam_member"):
        member = platform.of(element)["member"]
        pool, _, account = member.rpartition("[")
        yield argument(element, ("member",), f"{pool}[other-{account}")
    for element in platform.elements("google_container_cluster"):
        yield argument(element, ("workload_identity_config", "workload_pool"), "acme-metaflws.svc.id.goog")


WAYS = {
    "role missing": role_missing,
    "role too narrow": role_too_narrow,
    "role too broad": role_too_broad,
    "verb missing": verb_missing,
    "resource or API group of another name": resource_or_group_of_another_name,
    "role bound to somebody else": bound_to_somebody_else,
    "Workload Identity broken": workload_identity_broken,
}
