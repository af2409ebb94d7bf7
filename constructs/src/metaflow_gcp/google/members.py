"""Members of IAM policies who are people or programs by name. Needs no Node.

https://cloud.google.com/iam/docs/principal-identifiers
"""

import hashlib
import re
from collections.abc import Iterator, Sequence

from metaflow_gcp.checks import Checks, is_token

KINDS = ("user", "group", "serviceAccount")

_ALLOWED = (
    "user:<address>, group:<address>, serviceAccount:<address>, or a federated identity: "
    "principal://iam.googleapis.com/... or principalSet://iam.googleapis.com/..."
)
_POOL = (
    r"//iam\.googleapis\.com/"
    r"(locations/global/workforcePools|projects/\d+/locations/global/workloadIdentityPools)/[\w.-]+"
)
_FEDERATED = re.compile(rf"principal:{_POOL}/subject/\S+|principalSet:{_POOL}/(group/\S+|attribute\.\w+/\S+|\*)")
_IN_RBAC = re.compile(
    r"(principal:(?=\S+/subject/)|principalSet:(?=\S+/group/))//iam\.googleapis\.com/locations/global/workforcePools/\S+"
)
"""Single identities and groups of a workforce pool: https://cloud.google.com/kubernetes-engine/docs/how-to/oidc"""
_ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PUBLIC = ("allUsers", "allAuthenticatedUsers")


def is_federated(member: str) -> bool:
    """Whether it is an identity of another provider, or a set of such, as IAM writes them. It has no address."""
    return member.startswith(("principal:", "principalSet:"))


def key(member: str) -> str:
    """The same for two spellings of one member: IAM ignores the letter case of addresses, not that of other names."""
    return member if is_federated(member) else member.lower()


def check(checks: Checks, where: str, members: Sequence[str], *, in_kubernetes: bool = False) -> None:
    """Add a problem for each member who is none, and for each named twice.

    `in_kubernetes`: they are bound in Kubernetes RBAC as well, which knows fewer of the federated ones.

    Two spellings of one address are no problem: IAM takes them for one member, Kubernetes knows the person by one of
    them only (see `spellings`).
    """
    seen: set[str] = set()
    for index, member in enumerate(members):
        if is_token(member):
            continue
        entry = f"{where}[{index}]"
        if is_federated(member):
            _check_federated(checks, entry, member, in_kubernetes=in_kubernetes)
        else:
            _check_member(checks, entry, member)
        if member in seen:
            checks.add(entry, wrong=f"{member!r} is named twice", allowed="each member once", fix="remove one of them")
        seen.add(member)


def spellings(address: str) -> tuple[str, ...]:
    """The address as given and in lower case: Kubernetes RBAC compares letter by letter, IAM and Google's login do not.

    The name that GKE gives RBAC is the address as Google has it, which is most often in lower case; where it is not,
    only the exact spelling works. The person is the same in both.
    https://cloud.google.com/kubernetes-engine/docs/how-to/role-based-access-control#rolebinding
    """
    return (address,) if is_token(address) else tuple(dict.fromkeys((address, address.lower())))


def ids(people: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Construct ids that follow the member, not its place in the list, each with it: adding one leaves others alone.

    IAM does not tell addresses apart by case: who is user and admin in two spellings is one member.
    """
    yield from {_id(member): member for member in reversed(people)}.items()


def _id(member: str) -> str:
    if is_federated(member):
        # Slashes part construct ids, and what is cut out may be all that tells two apart.
        digest = hashlib.sha256(member.encode()).hexdigest()[:8]
        return f"{re.sub('[^A-Za-z0-9]+', '-', member.partition('Pools/')[2]).strip('-')}-{digest}"
    return member.lower().replace(":", "-").replace("@", "-at-")


def _check_federated(checks: Checks, where: str, member: str, *, in_kubernetes: bool) -> None:
    pool = "//iam.googleapis.com/locations/global/workforcePools/POOL"
    if not _FEDERATED.fullmatch(member):
        checks.add(
            where,
            wrong=f"{member!r} is not a federated identity as IAM writes it",
            allowed=f"principal:{pool}/subject/SUBJECT, principalSet:{pool}/group/GROUP, .../attribute.NAME/VALUE or "
            ".../*, and the same of projects/NUMBER/locations/global/workloadIdentityPools/POOL",
            fix="copy it from https://cloud.google.com/iam/docs/principal-identifiers",
        )
    elif in_kubernetes and not _IN_RBAC.fullmatch(member):
        checks.add(
            where,
            wrong=f"{member!r} can have roles in Google Cloud, but none in the cluster: "
            "Kubernetes RBAC does not know it",
            allowed=f"of federated identities, principal:{pool}/subject/SUBJECT and principalSet:{pool}/group/GROUP",
            fix="name a subject or a group of a workforce pool; a workload impersonates a service account: name that",
        )


def _check_member(checks: Checks, where: str, member: str) -> None:
    kind, colon, address = member.partition(":")
    if member in _PUBLIC:
        checks.add(
            where,
            wrong=f"{member!r} opens the platform to everyone on the internet",
            allowed=_ALLOWED,
            fix="name the people, or a Google group of them",
        )
    elif kind == "domain":
        checks.add(
            where,
            wrong=f"{member!r} takes in everyone of the domain, those who join later included",
            allowed=_ALLOWED,
            fix="name the people, or a Google group of them",
        )
    elif not colon and _ADDRESS.fullmatch(member):
        guess = "serviceAccount" if member.endswith(".gserviceaccount.com") else "user"
        checks.add(where, wrong=f"{member!r} has no kind", allowed=_ALLOWED, fix=f'write "{guess}:{member}"')
    elif kind not in KINDS or not _ADDRESS.fullmatch(address):
        checks.add(where, wrong=f"{member!r} is not a member", allowed=_ALLOWED, fix=f"correct {where}")
    elif (kind == "serviceAccount") != address.endswith(".gserviceaccount.com"):
        right = "user" if kind == "serviceAccount" else "serviceAccount"
        checks.add(
            where,
            wrong=f"{member!r} is of another kind: service accounts' addresses, and only they, "
            "end in .gserviceaccount.com",
            allowed=_ALLOWED,
            fix=f'write "{right}:{address}" if the address is right',
        )
