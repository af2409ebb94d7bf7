"""Asks Kubernetes, page by page, and remembers what the person may not see."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from metaflow_gcp_tools.clients import kubernetes as kubernetes_api
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered

PAGE = 500
MAX_PAGES = 20
"""10,000 of a kind are looked at, and no more: a status must end."""

ASK_USERS = "ask an administrator of the platform to add you to `access.users`"
ASK_ADMINS = "an administrator sees it: ask one, or ask to be added to `access.admins`"


@dataclass(frozen=True)
class Unknown:
    """What could not be seen, and what to ask for."""

    what: str
    ask: str


class Reader:
    """Of one cluster."""

    def __init__(self, cluster: str) -> None:
        self._cluster = cluster
        self.unknown: list[Unknown] = []

    def all(self, what: str, ask: str, call: Callable[..., Any], *arguments: Any, **query: Any) -> list[Any] | None:
        """Everything that a list call of Kubernetes' client has; `None` when the person may not see it.

        Raises `CommandFailed` when the cluster does not answer, or does not know who asks.
        """
        found: list[Any] = []
        for _ in range(MAX_PAGES):
            page = self.one(what, ask, call, *arguments, limit=PAGE, **query)
            if page is None:
                return None
            # A resource that is defined in the cluster comes as it is in JSON.
            if isinstance(page, dict):
                found += page["items"]
                next_page = page["metadata"].get("continue")
            else:
                found += page.items
                next_page = page.metadata._continue  # noqa: SLF001 - so the client calls it: `continue` is Python's
            if not next_page:
                return found
            query["_continue"] = next_page
        self.unknown.append(Unknown(f"{what} beyond the first {PAGE * MAX_PAGES}", "look with kubectl"))
        return found

    def one(self, what: str, ask: str, call: Callable[..., Any], *arguments: Any, **query: Any) -> Any:
        """The answer of a call; `None` when the person may not see it, or when it is not there."""
        try:
            with kubernetes_api.asking(self._cluster):
                return call(*arguments, _request_timeout=kubernetes_api.TIMEOUT, **query)
        except Unanswered as error:
            match error.cause:
                case Cause.FORBIDDEN:
                    self.unknown.append(Unknown(what, ask))
                    return None
                case Cause.NOT_FOUND:
                    return None
                case Cause.LOGIN:
                    raise
            raise error.but(
                next_step="check your network, and that `gcloud container clusters list` shows the cluster"
            ) from None
