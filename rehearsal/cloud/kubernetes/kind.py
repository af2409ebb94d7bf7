"""One Kubernetes kind: what a cluster does with it beyond what holds for every kind (provider.py)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.cloud.model import Cloud, Key

State = dict[str, Any]

Table = Mapping[str, Any]
"""Attribute -> its default, or what works it out from the block that it stands in; block -> its table."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A block that the API server makes where it is missing, if that block's neighbours ask for it."""

    table: Table
    when: Callable[[State], bool] = lambda near: True


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Kind:
    """What is special about one kind. What is left out is nothing special."""

    type: str
    """Terraform's name of it, without the version: `kubernetes_deployment`."""
    any_name: bool = False
    """Whether its names need not be subdomains of RFC 1123."""
    defaults: Table = field(default_factory=dict)
    """What the API server writes where nobody wrote anything, and the provider reads back (defaults.py)."""
    quantities: frozenset[str] = frozenset()
    """Its attributes that hold amounts: the server gives them back in their canonical form."""
    facts: Callable[[Key], State] = lambda key: {}
    """What the server sets in a new object beside its metadata."""
    rules: tuple[Callable[[Cloud, Key, Key, State], None], ...] = ()
    """What may refuse an object, or has something to say of it: given its cluster, its key and its state."""

    pods: str | None = None
    """Where a kind that carries pods keeps their template: a dotted path, with a dot at its end."""
    matched: bool = False
    """Whether its selector must match the labels of its own pods."""
    selects: str = ""
    """Where a kind that is for pods says for which: one that selects none does nothing."""
    binds: bool = False
    """Whether it gives rights to accounts, which must be there to have them."""

    data: Callable[[Cloud, Key], State] | None = None
    """What a data source answers that reads no object of the kind, given its cluster."""
