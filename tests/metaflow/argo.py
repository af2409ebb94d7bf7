"""What Argo Workflows 3.7 does for a workflow, by the types of its templates: who asks Kubernetes for what.

Read in https://github.com/argoproj/argo-workflows/tree/v3.7.11, where each function says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.metaflow.deployment import Account, Deployment
from tests.metaflow.pods import manifest

GROUP = "argoproj.io"
AGENT = {"workflows.argoproj.io/component": "agent"}
"""A label of the agent's pod, which calls by HTTP."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    account: Account
    verb: str
    group: str
    resource: str
    namespace: str
    name: str | None = None
    """Of the one object; any where it is not known before."""


@dataclass(frozen=True)
class Argo:
    """With the configuration and the accounts of a deployment."""

    deployment: Deployment

    @property
    def controller(self) -> Account:
        [release] = [each for each in self.deployment.all("helm_release") if each["chart"] == "argo-workflows"]
        return (release["namespace"], self.deployment.argo_values["controller"]["serviceAccount"]["name"])

    def executor(self, template: dict[str, Any]) -> Account:
        """Whose token the containers beside a task hold: workflow/controller/workflowpod.go, newExecContainer."""
        return (template["metadata"]["namespace"], self._spec(template)["executor"]["serviceAccountName"])

    def agent(self, template: dict[str, Any]) -> Account:
        """The workflow's own account, whatever its templates name: workflow/controller/agent.go, createAgentPod."""
        return (template["metadata"]["namespace"], self._spec(template).get("serviceAccountName") or "default")

    def asked(self, template: dict[str, Any]) -> Iterator[Asked]:
        """For a workflow that is made of a workflow template, from its start to its removal."""
        namespace = template["metadata"]["namespace"]
        yield from self._of_controller(namespace, "", "pods", "create", "delete", "list", "watch", "patch")
        yield from self._of_controller(namespace, GROUP, "workflows", "list", "watch", "update", "delete")
        # `get`: workflow/controller/operator.go, setExecWorkflow, before it runs one.
        yield from self._of_controller(namespace, GROUP, "workflowtemplates", "get", "list", "watch")
        yield from self._of_controller(namespace, GROUP, "workflowtaskresults", "list", "watch", "deletecollection")
        for each in self._spec(template)["templates"]:
            match _type(each):
                case "container":
                    yield from self._container(template, each)
                case "resource":
                    yield from self._resource(template, each)
                case "http":
                    yield from self._http(template)
                case "dag" | "steps":
                    # The controller's own affair: it asks nobody.
                    pass
                case other:
                    raise AssertionError(f"{each['name']}: read first what Argo does for the type {other!r}")

    def hosts(self, template: dict[str, Any]) -> set[str]:
        """Whom the agent calls."""
        urls = [each["http"]["url"] for each in template["spec"]["templates"] if "http" in each]
        return {urlsplit(url).hostname or "" for url in urls}

    def _container(self, template: dict[str, Any], each: dict[str, Any]) -> Iterator[Asked]:
        """workflow/executor/taskresult.go. Daemons, and what is to end early, are signalled by exec."""
        executor = self.executor(template)
        yield from _asked(executor, executor[0], GROUP, "workflowtaskresults", "create", "patch")
        if each.get("daemon") or each.get("activeDeadlineSeconds"):
            yield from self._of_controller(executor[0], "", "pods/exec", "create")

    def _resource(self, template: dict[str, Any], each: dict[str, Any]) -> Iterator[Asked]:
        """workflow/executor/resource.go: made by kubectl within the pod, and looked at until it is done."""
        executor = self.executor(template)
        yield from _asked(executor, executor[0], GROUP, "workflowtaskresults", "create", "patch")
        assert each["resource"]["action"] == "create"
        made = manifest(each["resource"]["manifest"])
        group, _, _ = made["apiVersion"].rpartition("/")
        yield from _asked(executor, executor[0], group, f"{made['kind'].lower()}s", "create", "get")

    def _http(self, template: dict[str, Any]) -> Iterator[Asked]:
        """workflow/controller/agent.go and taskset.go; workflow/executor/agent.go."""
        agent = self.agent(template)
        namespace = agent[0]
        # Not found is fine, forbidden ends the call in error.
        yield Asked(
            account=self.controller,
            verb="get",
            group="",
            resource="secrets",
            namespace=namespace,
            name="argo-workflows-agent-ca-certificates",
        )
        yield from self._of_controller(namespace, "", "serviceaccounts", "get")
        tasks = ("create", "list", "watch", "patch")
        yield from self._of_controller(namespace, GROUP, "workflowtasksets", *tasks)
        yield from self._of_controller(namespace, GROUP, "workflowtasksets/status", "patch")
        yield from _asked(agent, namespace, GROUP, "workflowtasksets", "watch")
        yield from _asked(agent, namespace, GROUP, "workflowtasksets/status", "patch")

    def _of_controller(self, namespace: str, group: str, resource: str, *verbs: str) -> Iterator[Asked]:
        return _asked(self.controller, namespace, group, resource, *verbs)

    def _spec(self, template: dict[str, Any]) -> dict[str, Any]:
        return self.deployment.workflow_defaults | template["spec"]


def _asked(account: Account, namespace: str, group: str, resource: str, *verbs: str) -> Iterator[Asked]:
    return (Asked(account=account, verb=verb, group=group, resource=resource, namespace=namespace) for verb in verbs)


def _type(template: dict[str, Any]) -> str:
    """workflow_types.go, GetType: all that there are."""
    types = ("container", "resource", "http", "dag", "steps", "script", "suspend", "data", "plugin", "containerSet")
    [found] = [name for name in types if name in template]
    return found
