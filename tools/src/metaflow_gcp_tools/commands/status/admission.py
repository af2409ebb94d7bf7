"""Why Kubernetes makes no pod for a task: what its admission plugins say, in plain words.

In the event `FailedCreate` of the Job, `Error creating: pods "train-x" is forbidden: ...`
(pkg/controller/controller_utils.go of Kubernetes 1.34.4), or at the workflow's node.
"""

import re
from collections.abc import Iterable

from metaflow_gcp_tools.commands.status import trouble
from metaflow_gcp_tools.commands.status.why import Waiting, Why

# forbiddenResponse in admission/admission.go and ForbiddenDetail in policy/checks.go of k8s.io/pod-security-admission
# 0.34.4: `violates PodSecurity "baseline:latest": hostPath volumes (volume "data"), privileged (container "main" ...)`.
_POD_SECURITY = re.compile(r'violates PodSecurity "([a-z]+):[^"]*": (.*)', re.DOTALL)

_ALLOWED_INSTEAD = {
    "hostPath volumes": "use `use_tmpfs` or `persistent_volume_claims` of @kubernetes, or the bucket, in place of the "
    "node's folders",
    "privileged": "take `privileged` out of `security_context` of @kubernetes; GPUs do not need it",
}
"""By the reasons of the checks in k8s.io/pod-security-admission/policy/."""


def never_made(refused: Iterable[tuple[str, str]]) -> list[Waiting]:
    """Tasks whose pods are refused: the name of each, and what Kubernetes says."""
    groups: dict[Why, set[str]] = {}
    for task, message in refused:
        groups.setdefault(_not_allowed(message), set()).add(task)
    return [Waiting(why=why, tasks=tuple(sorted(tasks)), since=None) for why, tasks in groups.items()]


def _not_allowed(message: str) -> Why:
    # pods "train-x" is forbidden: exceeded quota: tasks, requested: requests.cpu=8, used: ..., limited: ...
    if exceeded := re.search(r"exceeded quota: ([\w.-]+), requested: (.*?), used: (.*?), limited: (.*)", message):
        return Why(
            reason="resource quota",
            what="all tasks together may not have more: "
            f"requested {exceeded[2]}, in use {exceeded[3]}, limit {exceeded[4]}",
            next_step="wait until others have ended, or raise `total_...` in `[jobs]` of the settings and deploy",
        )
    # pods "train-x" is forbidden: maximum cpu usage per Container is 32, but limit is 64
    if too_much := re.search(r"forbidden: \[?(maximum .*)", message):
        return Why(
            reason="limit of a task",
            what=f"it requests more than one task may have: {trouble.tidy(too_much[1])}",
            next_step="ask for less in @kubernetes, or raise `jobs.task_cpus` or `jobs.task_memory_gb` and deploy",
        )
    if insecure := _POD_SECURITY.search(message):
        return _insecure(insecure[1], insecure[2])
    return Why(
        reason="unknown",
        what=f"its pod cannot be created: {trouble.tidy(message)}",
        next_step="`kubectl describe job` shows the full message",
    )


def _insecure(level: str, violations: str) -> Why:
    instead = [advice for violation, advice in _ALLOWED_INSTEAD.items() if re.search(rf"\b{violation}\b", violations)]
    return Why(
        reason="pod security",
        what=f"Pod Security refuses its pod; the namespace enforces the level {level!r}: {trouble.tidy(violations)}",
        next_step="; ".join(instead or [f"ask for nothing that the level {level!r} refuses"])
        + ": https://kubernetes.io/docs/concepts/security/pod-security-standards/",
    )
