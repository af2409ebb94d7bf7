"""The pods that Argo Workflows 3.7 makes of a workflow's templates, as far as Kubernetes' admission looks at them.

https://github.com/argoproj/argo-workflows/blob/v3.7.11/workflow/controller/workflowpod.go
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.metaflow.deployment import Account, Deployment
from tests.metaflow.pods import Manifest, manifest


@dataclass(frozen=True, kw_only=True)
class Container:
    name: str
    requests: dict[str, str]
    limits: dict[str, str]
    token: Account | None
    """The account for which it holds a token of Kubernetes' API."""


@dataclass(frozen=True, kw_only=True)
class Pod:
    step: str
    account: Account
    containers: list[Container]
    makes: Manifest | None
    """What Argo makes in it, instead of running a task."""

    @property
    def own(self) -> list[Container]:
        """Argo's own: they report."""
        return [each for each in self.containers if self.makes or each.name != "main"]


def of_template(template: Manifest, deployment: Deployment) -> Iterator[Pod]:
    """Those of a workflow template; Argo's agent, and what a JobSet's controller makes, are not among them."""
    spec = deployment.workflow_defaults | template["spec"]
    namespace = template["metadata"]["namespace"]
    for each in spec["templates"]:
        if "container" not in each and "resource" not in each:
            continue
        account = (namespace, each.get("serviceAccountName") or spec.get("serviceAccountName") or "default")
        maker = _Maker(deployment, spec, each, account)
        containers = (
            # What makes a resource is Argo's own, too, and reports by itself: nothing waits beside it.
            [maker.own("init"), maker.own("main")]
            if "resource" in each
            else [maker.own("init"), maker.own("wait"), maker.task(each["container"])]
        )
        makes = manifest(each["resource"]["manifest"]) if "resource" in each else None
        yield Pod(step=each["name"], account=account, containers=containers, makes=makes)


@dataclass(frozen=True)
class _Maker:
    deployment: Deployment
    spec: Manifest
    template: Manifest
    account: Account

    def own(self, name: str) -> Container:
        """newExecContainer: resources of the configuration, and the executor's token where there is one."""
        resources = self.deployment.argo_values["executor"].get("resources") or {}
        if name == "main":
            resources = self._merged(resources)
        executor = (self.template.get("executor") or self.spec.get("executor") or {}).get("serviceAccountName")
        token = self._of_executor((self.account[0], executor)) if executor else self._of_pod()
        return Container(name=name, **_parts(resources), token=token)

    def task(self, container: Manifest) -> Container:
        """createWorkflowPod: `mainContainer` of the configuration below what the template says."""
        return Container(name="main", **_parts(self._merged(container.get("resources") or {})), token=self._of_pod())

    def _merged(self, resources: Manifest) -> Manifest:
        below = (self.deployment.argo_values.get("mainContainer") or {}).get("resources") or {}
        return {part: {**(below.get(part) or {}), **(resources.get(part) or {})} for part in ("requests", "limits")}

    def _of_executor(self, account: Account) -> Account | None:
        """In the Secret that Argo looks for: getServiceAccountTokenName."""
        name = (account[0], f"{account[1]}.service-account-token")
        return account if self.deployment.token_secrets.get(name) == account[1] else None

    def _of_pod(self) -> Account | None:
        """setupServiceAccount: only `false` is handed on, and then it is the account that decides."""
        for said in (self.template.get("automountServiceAccountToken"), self.spec.get("automountServiceAccountToken")):
            if said is not None:
                break
        return self.account if said is not False and self.deployment.automounts(self.account) else None


def _parts(resources: Manifest) -> dict[str, dict[str, str]]:
    """With Kubernetes' default: who limits and requests nothing requests its limit."""
    limits = {name: str(value) for name, value in (resources.get("limits") or {}).items()}
    requests = {name: str(value) for name, value in (resources.get("requests") or {}).items()}
    return {"requests": limits | requests, "limits": limits}
