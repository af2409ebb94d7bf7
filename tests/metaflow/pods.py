"""The pods that Metaflow's objects become, whichever kind of object it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

Manifest = dict[str, Any]
GPU = "nvidia.com/gpu"


@dataclass(frozen=True, kw_only=True)
class Pod:
    step: str
    namespace: str
    account: str
    image: str
    env: dict[str, str]
    limits: dict[str, str]
    node_selector: dict[str, str]
    tolerations: list[Any]
    makes: Manifest | None = None
    """What Argo's helper makes in it, instead of a container."""

    @property
    def gpus(self) -> int:
        return int(self.limits.get(GPU, 0))


def of_template(template: Manifest, defaults: Manifest) -> Iterator[Pod]:
    """A workflow template's, with what Argo's configuration adds, and those of the JobSets that it makes."""
    spec = defaults | template["spec"]
    namespace = template["metadata"]["namespace"]
    for each in spec["templates"]:
        about = {
            "step": each["name"],
            "namespace": namespace,
            # Kubernetes' rule for those who say nothing.
            "account": each.get("serviceAccountName") or spec.get("serviceAccountName") or "default",
            "node_selector": each.get("nodeSelector") or {},
            "tolerations": each.get("tolerations") or [],
        }
        if "container" in each:
            yield Pod(**about, **_of_container(each["container"]))
        elif "resource" in each:
            made = manifest(each["resource"]["manifest"])
            yield Pod(**about, image="", env={}, limits={}, makes=made)
            yield from of_job_set(made, namespace)


def of_job_set(job_set: Manifest, namespace: str) -> Iterator[Pod]:
    for replicated in job_set["spec"]["replicatedJobs"]:
        yield of_job({"metadata": {"namespace": namespace} | job_set["metadata"], **replicated["template"]})


def of_job(job: Manifest, namespace: str = "") -> Pod:
    template = job["spec"]["template"]
    [container] = template["spec"]["containers"]
    return Pod(
        step=container["name"],
        namespace=template["metadata"].get("namespace") or job["metadata"].get("namespace") or namespace,
        account=template["spec"].get("serviceAccountName") or "default",
        node_selector=template["spec"].get("nodeSelector") or {},
        tolerations=template["spec"].get("tolerations") or [],
        **_of_container(container),
    )


def _of_container(container: Manifest) -> dict[str, Any]:
    return {
        "image": container["image"],
        "env": {each["name"]: each["value"] for each in container.get("env") or [] if each.get("value") is not None},
        "limits": (container.get("resources") or {}).get("limits") or {},
    }


def manifest(text: str) -> Manifest:
    """A manifest for Argo: numbers that it computes when the workflow runs are 1 here."""
    return dict(yaml.safe_load(re.sub(r"'?\{\{=.*?\}\}'?", "1", text)))
