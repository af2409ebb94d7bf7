"""What is special about Kubernetes' kinds: a record for each, in a file for each API group.

Defaults are from the defaulting functions of Kubernetes 1.34 (pkg/apis/{core,apps,networking,rbac,storage}/v1/
defaults.go), in the words of Terraform's provider (its `flatten*` functions, which read the object back). A kind of our
stacks has a record even where the server fills in nothing that the provider reads back.
"""

from rehearsal.cloud.kubernetes.kind import Kind
from rehearsal.cloud.kubernetes.kinds import apps, batch, core, networking, policy, rbac, scheduling, storage

GROUPS = (apps, batch, core, networking, policy, rbac, scheduling, storage)

KINDS = {kind.type: kind for group in GROUPS for kind in group.KINDS}


def find(type_: str) -> Kind:
    return KINDS.get(type_) or Kind(type=type_)
