"""What the stacks deploy, as Kubernetes and Google would show it: the simulated cloud after a deploy."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from rehearsal.cloud.model import Cloud
from rehearsal.run import seed
from tests.deploys.conftest import World

SETTINGS = Path(__file__).parent / "platform.toml"
USER = "ada@example.com"

Account = tuple[str, str]
"""A service account's namespace and name."""


SECRET = {
    "projects": {"acme-metaflow": {"apis": ["secretmanager.googleapis.com"]}},
    "objects": [
        {
            "type": "google_secret_manager_secret",
            "attributes": {"project": "acme-metaflow", "secret_id": "training-key", "replication": {"auto": {}}},
        }
    ],
}
"""The team's own."""


def deploy(folder: Path) -> None:
    with World(folder, {"METAFLOW_GCP_SETTINGS": str(SETTINGS)}) as world:
        (folder / "cloud.json").write_text(json.dumps(SECRET))
        seed.seed(world.cloud, folder / "cloud.json")
        world.deploy()
        services = world.terraform("services")
    told = subprocess.run(
        ["terraform", "output", "-json"],
        cwd=services.folder,
        env=services.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    (folder / "outputs.json").write_text(told.stdout)


@dataclass(frozen=True)
class Deployment:
    """What is there."""

    folder: Path

    @cached_property
    def profile(self) -> dict[str, str]:
        """As a teammate gets it."""
        return dict(json.loads(self._output("client_profile")))

    @property
    def description(self) -> dict[str, Any]:
        """Where everything is, for `metaflow-gcp`."""
        return dict(json.loads(self._output("platform_description")))

    def _output(self, name: str) -> str:
        return str(json.loads(self.outputs.read_text())[name]["value"])

    @property
    def outputs(self) -> Path:
        """Of the services stack, as an administrator has them."""
        return self.folder / "outputs.json"

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [each.state for each in Cloud(self.folder / "cloud.sqlite").all(kind)]

    def _named(self, kind: str) -> set[Account]:
        return {(each["namespace"], each["name"]) for [each] in (state["metadata"] for state in self.all(kind))}

    @cached_property
    def accounts(self) -> set[Account]:
        return self._named("kubernetes_service_account")

    @cached_property
    def namespaces(self) -> set[str]:
        return {state["metadata"][0]["name"] for state in self.all("kubernetes_namespace")}

    @cached_property
    def buckets(self) -> set[str]:
        return {state["name"] for state in self.all("google_storage_bucket")}

    @cached_property
    def registries(self) -> set[str]:
        """What the images of our registry, and those that come through it, start with."""
        return {
            f"{state['location']}-docker.pkg.dev/{state['project']}/{state['repository_id']}/"
            for state in self.all("google_artifact_registry_repository")
        }

    def answers(self, url: str) -> bool:
        """Whether there is a Service behind a URL of the cluster."""
        parts = urlsplit(url)
        name, _, namespace = (parts.hostname or "").partition(".")
        return any(
            (about["namespace"], about["name"]) == (namespace, name)
            and parts.port in {int(port["port"]) for port in spec["port"]}
            for state in self.all("kubernetes_service")
            for about, spec in [(state["metadata"][0], state["spec"][0])]
        )

    def custom(self, kind: str) -> list[dict[str, Any]]:
        """The custom resources of a kind: our chart's, rendered by real Helm."""
        manifests = [state["manifest"] for state in self.all("kubernetes_manifest") if "manifest" in state]
        return [each for each in manifests if each["kind"] == kind]

    @cached_property
    def argo_values(self) -> dict[str, Any]:
        """What is set in Argo Workflows' chart."""
        [release] = [state for state in self.all("helm_release") if state["chart"] == "argo-workflows"]
        [values] = release["values"]
        return dict(yaml.safe_load(values))

    @property
    def workflow_defaults(self) -> dict[str, Any]:
        """What Argo adds to each workflow."""
        return dict(self.argo_values["controller"]["workflowDefaults"]["spec"])

    @cached_property
    def token_secrets(self) -> dict[Account, str]:
        """Secrets that Kubernetes fills with a token of an account of their namespace, and its name."""
        return {
            (about["namespace"], about["name"]): about["annotations"]["kubernetes.io/service-account.name"]
            for state in self.all("kubernetes_secret")
            if state["type"] == "kubernetes.io/service-account-token"
            for about in state["metadata"]
        }

    def automounts(self, account: Account) -> bool:
        """Whether the pods of an account get its token, when they say nothing themselves."""
        [said] = [
            state["automount_service_account_token"]
            for state in self.all("kubernetes_service_account")
            for about in state["metadata"]
            if (about["namespace"], about["name"]) == account
        ]
        return said is not False

    def event_source(self, namespace: str, name: str) -> dict[str, Any]:
        [found] = [
            each
            for each in self.custom("EventSource")
            if (each["metadata"]["namespace"], each["metadata"]["name"]) == (namespace, name)
        ]
        return found

    def served(self, kind: str) -> set[str]:
        """The API versions in which a custom kind is known to the cluster."""
        definitions = (state for state in self.all("kubernetes_manifest") if "manifest" not in state)
        return {str(state["group"]) for state in definitions if state["kind"] == kind}

    @cached_property
    def secret_prefixes(self) -> set[str]:
        """How secrets' names start in requests: with the project's number, not its id."""
        return {state["name"].rpartition("/")[0] + "/" for state in self.all("google_secret_manager_secret")}

    @cached_property
    def readers_of_secrets(self) -> set[tuple[str, str]]:
        """A secret's name, and whom it is granted to."""
        return {
            (state["secret_id"].rpartition("/")[2], state["member"].removeprefix("serviceAccount:"))
            for state in self.all("google_secret_manager_secret_iam_member")
        }

    def held_back(self, namespace: str, labels: dict[str, str]) -> list[str]:
        """The network policies that say where pods with the labels may connect to."""
        return [
            str(about["name"])
            for state in self.all("kubernetes_network_policy")
            for about, spec in [(state["metadata"][0], state["spec"][0])]
            if about["namespace"] == namespace
            and "Egress" in spec["policy_types"]
            and (spec["pod_selector"][0]["match_labels"] or {}).items() <= labels.items()
        ]

    def google_account(self, account: Account) -> str:
        [annotations] = [
            about["annotations"]
            for state in self.all("kubernetes_service_account")
            for about in state["metadata"]
            if (about["namespace"], about["name"]) == account
        ]
        return str(annotations["iam.gke.io/gcp-service-account"])

    def may(
        self, subject: Account, verb: str, group: str, resource: str, namespace: str, name: str | None = None
    ) -> bool:
        """Whether a role in the namespace lets an account, or a person (`("", address)`), do it, to the one object."""
        return any(
            verb in rule["verbs"]
            and group in rule["api_groups"]
            and resource in rule["resources"]
            and (not rule["resource_names"] or name in rule["resource_names"])
            for rule in self.rules(subject, namespace)
        )

    def rules(self, subject: Account, namespace: str) -> Iterator[dict[str, Any]]:
        """Of the roles that are bound to it in the namespace."""
        roles = {
            (about["namespace"], about["name"]): state["rule"]
            for state in self.all("kubernetes_role")
            for about in state["metadata"]
        }
        for binding in self.all("kubernetes_role_binding"):
            bound = {
                (each["namespace"] if each["kind"] == "ServiceAccount" else "", each["name"])
                for each in binding["subject"]
            }
            if binding["metadata"][0]["namespace"] == namespace and subject in bound:
                yield from roles[namespace, binding["role_ref"][0]["name"]]

    def is_ours(self, image: str) -> bool:
        return image.startswith(tuple(self.registries)) and bool(re.search(r":[\w.-]+$|@sha256:[0-9a-f]{64}$", image))
