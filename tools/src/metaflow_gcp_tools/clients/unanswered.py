"""Everything that Google's and Kubernetes' client libraries raise, as one error: the only place that knows theirs.

with unanswered.translated("compute.googleapis.com"):
    request.execute()

Their exceptions are known by name: nothing is imported that is not in use already, and what their next version adds is
an exception of the same library.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, Self

from metaflow_gcp_tools.problems import CommandFailed, Problem

LIBRARIES = ("google", "kubernetes", "urllib3", "requests")
"""They let through what Python raises itself: `http.client`, `OSError`, and `ValueError` for what is no JSON."""

LOG_IN = "run `gcloud auth application-default login`, then retry"
CHECK_NETWORK = "check your network and proxy settings (HTTPS_PROXY), then retry"
LONGEST = 300
"""Characters of what somebody else said."""


class Cause(StrEnum):
    NO_CREDENTIALS = "there are no usable credentials on this machine"
    LOGIN = "the credentials are not accepted"
    MAY_NOT_IMPERSONATE = "the credentials may not impersonate the service account"
    FORBIDDEN = "403, for a person without the right; Google also answers so for what does not exist"
    NOT_FOUND = "404"
    API_DISABLED = "the API is not enabled in the project"
    NO_QUOTA_PROJECT = "the credentials name no project to count requests against"
    REFUSED = "another 4xx"
    FAILING = "429 and 5xx"
    NO_CONNECTION = "nothing was reached"
    NO_ANSWER = "nothing was answered in time"
    NOT_AN_API = "the answer is none of the API's: a proxy's, or a page to log in to a network"


class Unanswered(CommandFailed):
    """An API refused, failed or could not be asked. Not caught, it ends a command as any other failure.

    What it says is one line and holds no secret: no URL, no token.
    """

    def __init__(self, cause: Cause, what: str, next_step: str, *, status: int | None = None, reason: str = "") -> None:
        super().__init__(Problem(what=what, next_step=next_step))
        self.cause = cause
        self.status = status
        """Of HTTP, when the API itself refused."""
        self.reason = reason
        """The API's own, then."""

    def but(self, *, what: str = "", next_step: str = "") -> Self:
        """The same in other words: what a command knows more of it."""
        words = (what or self.what, next_step or self.next_step)
        return type(self)(self.cause, *words, status=self.status, reason=self.reason)


@contextmanager
def translated(who: str) -> Iterator[None]:
    """Raise `Unanswered` for whatever a client library raises meanwhile; `who` is asked: a host, or a cluster."""
    try:
        yield
    except CommandFailed:
        raise
    except Exception as error:
        if not _is_theirs(error):
            raise
        raise of(error, who) from None


def _is_theirs(error: BaseException) -> bool:
    return isinstance(error, OSError | ValueError) or any(
        each.__module__.partition(".")[0] in LIBRARIES
        or each.__module__ in {"http.client", "metaflow_gcp_tools.clients.google_rest"}
        for each in type(error).__mro__
    )


def of(error: BaseException, who: str) -> Unanswered:
    """The error of a client library, in our words."""
    names = [f"{each.__module__}.{each.__name__}" for each in type(error).__mro__]
    if status := _status(error):
        return _refused(error, status, who)
    inner = _wrapped(error)
    if inner is not error:
        return of(inner, who)
    for name, (cause, says) in _MEANINGS.items():
        if name in names:
            return _unanswered(cause, says or _said(error), error, who)
    return _unanswered(Cause.NOT_AN_API, _said(error), error, who)


_UNTRUSTED = "its certificate is not trusted on this machine"
_UNKNOWN_NAME = "its name cannot be resolved"
_REFUSED = "connection refused"
_CLOSED = "the connection was closed"

_MEANINGS: Mapping[str, tuple[Cause, str]] = {
    "google.auth.exceptions.DefaultCredentialsError": (Cause.NO_CREDENTIALS, ""),
    "google.auth.exceptions.MutualTLSChannelError": (Cause.NO_CREDENTIALS, ""),
    "google.auth.exceptions.ClientCertError": (Cause.NO_CREDENTIALS, ""),
    "google.auth.exceptions.RefreshError": (Cause.LOGIN, ""),
    "google.auth.exceptions.OAuthError": (Cause.LOGIN, ""),
    "google.auth.exceptions.UserAccessTokenError": (Cause.LOGIN, ""),
    "builtins.TimeoutError": (Cause.NO_ANSWER, ""),
    "google.auth.exceptions.TimeoutError": (Cause.NO_ANSWER, ""),
    "urllib3.exceptions.ReadTimeoutError": (Cause.NO_ANSWER, ""),
    "socket.gaierror": (Cause.NO_CONNECTION, _UNKNOWN_NAME),
    "urllib3.exceptions.NameResolutionError": (Cause.NO_CONNECTION, _UNKNOWN_NAME),
    "builtins.ConnectionRefusedError": (Cause.NO_CONNECTION, _REFUSED),
    "urllib3.exceptions.NewConnectionError": (Cause.NO_CONNECTION, _REFUSED),
    "ssl.SSLError": (Cause.NO_CONNECTION, _UNTRUSTED),
    "urllib3.exceptions.SSLError": (Cause.NO_CONNECTION, _UNTRUSTED),
    "urllib3.exceptions.ProxyError": (Cause.NO_CONNECTION, "the proxy does not let it through"),
    "builtins.ConnectionError": (Cause.NO_CONNECTION, _CLOSED),
    "http.client.IncompleteRead": (Cause.NO_CONNECTION, _CLOSED),
    "urllib3.exceptions.ProtocolError": (Cause.NO_CONNECTION, _CLOSED),
    "urllib3.exceptions.TimeoutError": (Cause.NO_CONNECTION, "it could not be opened in time"),
    "urllib3.exceptions.PoolError": (Cause.NO_CONNECTION, "it could not be opened"),
    "google.auth.exceptions.TransportError": (Cause.NO_CONNECTION, ""),
    "builtins.OSError": (Cause.NO_CONNECTION, ""),
}
"""By class, and what is said of it; empty: what it says itself. The first that fits, so subclasses stand before."""


def _unanswered(cause: Cause, says: str, error: BaseException, who: str) -> Unanswered:
    match cause:
        case Cause.NO_CREDENTIALS:
            return Unanswered(cause, f"the credentials on this machine cannot be used: {says}", LOG_IN)
        case Cause.LOGIN:
            return _login(error)
        case Cause.NO_ANSWER:
            return Unanswered(cause, f"no response from {who} in time", "retry; the connection may be slow")
        case Cause.NO_CONNECTION:
            return Unanswered(cause, f"no connection to {who}: {says}", CHECK_NETWORK)
    return Unanswered(
        Cause.NOT_AN_API,
        f"{who} sent an unexpected response: {says}",
        "check whether a proxy or a network's login page answered instead",
    )


def _wrapped(error: BaseException) -> BaseException:
    """What a library has wrapped: urllib3 in `reason`, google-auth in its first argument."""
    for inner in (getattr(error, "reason", None), error.args[0] if error.args else None):
        if isinstance(inner, Exception) and inner is not error:
            return inner
    return error


def _status(error: Any) -> int:
    """Of HTTP; 0 for an error that has none."""
    names = {f"{each.__module__}.{each.__name__}" for each in type(error).__mro__}
    if not names & {"metaflow_gcp_tools.clients.google_rest.HttpError", "kubernetes.client.exceptions.ApiException"}:
        return 0
    status = getattr(error, "status", None)
    return status if isinstance(status, int) else 0


def _refused(error: Any, status: int, who: str) -> Unanswered:
    said = _one_line(getattr(error, "reason", None) or "no reason given")
    content = getattr(error, "content", None) or b""
    content = content if isinstance(content, str) else content.decode("utf-8", "replace")
    what = f"{who} returned {status}: {said}"
    if "SERVICE_DISABLED" in content or "accessNotConfigured" in content:
        cause, what = Cause.API_DISABLED, f"the API {who} is not enabled in the project"
        next_step = f"run `gcloud services enable {who}`"
    elif "quota project" in said:
        cause, what = Cause.NO_QUOTA_PROJECT, f"{who} requires a quota project in the credentials"
        next_step = "run `gcloud auth application-default set-quota-project PROJECT`"
    elif status == 401:  # noqa: PLR2004 - HTTP's own
        cause, what, next_step = Cause.LOGIN, f"{who} does not accept your credentials: {said}", LOG_IN
    elif status >= 500:  # noqa: PLR2004 - HTTP's own
        cause, next_step = Cause.FAILING, "retry later; see https://status.cloud.google.com"
    else:
        cause, next_step = _REFUSALS.get(
            status, (Cause.REFUSED, "check the names on the command line and in the settings, then retry")
        )
    return Unanswered(cause, what, next_step, status=status, reason=said)


_REFUSALS: Mapping[int, tuple[Cause, str]] = {
    403: (Cause.FORBIDDEN, "ask an owner of the project for access"),
    404: (Cause.NOT_FOUND, "check the name, and that it exists"),
    429: (Cause.FAILING, "retry in a minute"),
}
"""By HTTP's status."""


def _login(error: BaseException) -> Unanswered:
    """google-auth gives its own message, and what Google's token endpoint answered."""
    said = _said(error)
    if "impersonated" in said:
        return Unanswered(
            Cause.MAY_NOT_IMPERSONATE,
            f"the service account cannot be impersonated: {_answered(error) or said}",
            "ask for the role Service Account Token Creator (roles/iam.serviceAccountTokenCreator) on that account",
        )
    if "necessary fields need to refresh" in said:
        # A 401 to a token that stands alone.
        return Unanswered(
            Cause.LOGIN,
            "the token in GOOGLE_OAUTH_ACCESS_TOKEN has expired or is not accepted",
            "run `export GOOGLE_OAUTH_ACCESS_TOKEN=$(gcloud auth print-access-token)`, or unset it and run "
            "`gcloud auth application-default login`",
        )
    if "invalid_grant" in said or "Reauth" in said or "reauth" in said:
        return Unanswered(Cause.LOGIN, f"your login to Google Cloud has expired ({said})", LOG_IN)
    return Unanswered(Cause.LOGIN, f"Google does not accept the credentials: {said}", LOG_IN)


def _answered(error: BaseException) -> str:
    """The message in what the token endpoint answered."""
    try:
        return _one_line(json.loads(error.args[1])["error"]["message"])
    except (LookupError, TypeError, ValueError):
        return ""


def _said(error: BaseException) -> str:
    """The first line of an error, without the addresses in memory that some have for a text."""
    text = str(
        (error.strerror if isinstance(error, OSError) else None)
        or (error.args[0] if error.args else None)
        or getattr(error, "reason", None)
        or ""
    )
    return _one_line(text) if text.strip() and " object at 0x" not in text else type(error).__name__


def _one_line(text: Any) -> str:
    lines = str(text).strip().splitlines() or ["no reason given"]
    return lines[0].rstrip(".")[:LONGEST]
