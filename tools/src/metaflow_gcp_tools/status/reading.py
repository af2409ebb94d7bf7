"""Asks Kubernetes, page by page, and remembers what the person may not see."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from metaflow_gcp_tools.kubernetes_api import TIMEOUT
from metaflow_gcp_tools.problems import CommandFailed, Problem

PAGE = 500
MAX_PAGES = 20
"""10,000 of a kind are looked at, and no more: a status must end."""

_STRANGER = "what answers does not speak as Kubernetes does"
"""A proxy, or the page on which a network wants people to log in."""

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
        import urllib3
        from kubernetes.client import ApiException

        try:
            return call(*arguments, _request_timeout=TIMEOUT, **query)
        except ApiException as error:
            match error.status:
                case 403:
                    self.unknown.append(Unknown(what, ask))
                case 404:
                    pass
                case 401:
                    raise CommandFailed(
                        Problem(
                            what=f"the cluster {self._cluster} does not accept your credentials",
                            next_step="run `gcloud auth login`, and this again",
                        )
                    ) from None
                case 0:
                    raise self._silent(_STRANGER) from None
                case _:
                    raise self._silent(f"it answers {error.status} {error.reason}") from None
        except urllib3.exceptions.HTTPError as error:
            raise self._silent(_in_words(error)) from None
        except ValueError:
            raise self._silent(_STRANGER) from None
        return None

    def _silent(self, why: str) -> CommandFailed:
        return CommandFailed(
            Problem(
                what=f"the cluster {self._cluster} cannot be asked: {why}",
                next_step="is this machine online, and is the cluster there? `gcloud container clusters list` shows it",
            )
        )


def _in_words(error: Exception) -> str:
    """What lies under urllib3's wrapping, without addresses in memory."""
    import urllib3

    reason = getattr(error, "reason", None) or error
    match reason:
        case urllib3.exceptions.NameResolutionError():
            return "its name is not known to the network's DNS"
        case urllib3.exceptions.NewConnectionError():
            return "nobody accepts connections at its address"
        case urllib3.exceptions.TimeoutError():
            return "it does not answer in time"
        case urllib3.exceptions.SSLError():
            return "its certificate is not trusted here"
    return type(reason).__name__
