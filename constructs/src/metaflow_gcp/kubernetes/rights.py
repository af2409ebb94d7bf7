"""What a Kubernetes account may do, and why. Needs no Node."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Right:
    """Verbs on resources of one API group, in one namespace."""

    group: str
    """The API group; `""` is the core one."""
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    why: str
    """Who does it, and where in its source. It goes into docs/rights.md."""
    names: tuple[str, ...] = ()
    """Only on those with these names. Default: on all."""
    unseen: tuple[str, ...] = ()
    """Those verbs that no example flow made use of, in the audit log of an API server with the real controllers."""


def right(group: str, resources: str, verbs: str, why: str, names: tuple[str, ...] = (), *, unseen: str = "") -> Right:
    """`resources`, `verbs` and `unseen` with spaces between them."""
    return Right(
        group=group,
        resources=tuple(resources.split()),
        verbs=tuple(verbs.split()),
        why=" ".join(why.split()),
        names=names,
        unseen=tuple(unseen.split()),
    )
