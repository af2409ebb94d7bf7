"""Google's limits on names. Needs no Node.

A name that is too long is refused, never cut off: a cut name may meet another one, and changes when the limit does.
"""

from typing import Annotated

from metaflow_gcp.checks import Checks

Kind = tuple[str, int, str]
"""Of names: a pattern, the most characters, and both in words. `Annotated[str, names.CLUSTER]` is such a name."""

BUCKET = (r"[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]", 63, "3 to 63 of a-z, 0-9, - and _, a letter or digit at both ends")
"""https://cloud.google.com/storage/docs/buckets#naming (names with dots need a verified domain: left out)."""

CLUSTER = (r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?", 40, "up to 40 of a-z, 0-9 and -, a letter first, no - last")
"""https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters#Cluster.FIELDS.name"""

NODE_POOL = CLUSTER
"""https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters.nodePools"""

REPOSITORY = (r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", 63, "up to 63 of a-z, 0-9 and -, a letter first, no - last")
"""https://cloud.google.com/artifact-registry/docs/repositories/create-repos"""

RESOURCE = (r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", 63, "up to 63 of a-z, 0-9 and -, a letter first, no - last")
"""Compute Engine: networks, subnets, addresses, routers. https://cloud.google.com/compute/docs/naming-resources"""

SERVICE_ACCOUNT = (r"[a-z][a-z0-9-]{4,28}[a-z0-9]", 30, "6 to 30 of a-z, 0-9 and -, a letter first, no - last")
"""https://cloud.google.com/iam/docs/service-accounts-create"""

SQL_INSTANCE = (r"[a-z]([a-z0-9-]{0,96}[a-z0-9])?", 98, "project and name together up to 98 characters of a-z, 0-9, -")
"""https://cloud.google.com/sql/docs/postgres/create-instance: `project:name` has 98 characters at most."""

KUBERNETES = (r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", 63, "up to 63 of a-z, 0-9 and -, a letter or digit at both ends")
"""RFC 1123 label: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/"""
KubernetesName = Annotated[str, KUBERNETES]


def check(checks: Checks, where: str, name: str, kind: Kind, fix: str | None = None) -> None:
    """Add a problem when `name` is not a name of `kind` (one of this module's constants)."""
    pattern, length, allowed = kind
    before = len(checks.problems)
    checks.at_most(where, name, length, fix or f"shorten {where}")
    if len(checks.problems) == before:
        checks.matches(where, name, pattern, allowed)
