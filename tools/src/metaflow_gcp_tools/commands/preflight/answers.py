"""What Google says to preflight's questions, asked in threads; errors come with the next step for this project."""

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from metaflow_gcp_tools.clients import google as google_apis, google_credentials, unanswered
from metaflow_gcp_tools.clients.google_credentials import Found
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered

RETRIES = 1
"""After 429, 5xx and silence. Who waits at a terminal rather reads that an API fails, and retries."""


class Google:
    """Asks on behalf of one project, in as many threads as there are questions."""

    def __init__(self, project: str, timeout: float, *, impersonate: str | None = None) -> None:
        self.project = project
        self.timeout = timeout
        """Of each request, in seconds."""
        self._impersonate = impersonate
        self._found: Found | None = None
        self._finding = threading.RLock()

    @property
    def found(self) -> Found:
        """The credentials that Terraform's provider would use. Raises `Unanswered` when there are none."""
        with self._finding:
            if self._found is None:
                self._found = google_credentials.find(impersonate=self._impersonate)
            return self._found

    def token(self) -> str:
        """One that has not expired, fetched anew when need be. Raises `Unanswered`."""
        credentials: Any = self.found.credentials
        if not credentials.valid:
            with unanswered.translated("Google's token service"):
                credentials.refresh(google_apis.token_request(self.timeout))
        return str(credentials.token)

    def login_to_registries(self) -> tuple[str, str] | None:
        """For Google's own registries; `None` without credentials that work."""
        try:
            with self._finding:
                return "oauth2accesstoken", self.token()
        except Unanswered:
            return None

    def ask(self, method: str, *, retries: int = RETRIES, **given: Any) -> Any:
        """The answer of a method to these parameters. Raises `Unanswered`."""
        try:
            return google_apis.call(method, retries=retries, timeout=self.timeout, by=self.found.credentials, **given)
        except Unanswered as error:
            raise self._with_next_step(error, f"{method.partition('.')[0]}.googleapis.com") from None

    def pages(self, method: str, **given: Any) -> Iterator[Mapping[str, Any]]:
        """All pages of a list."""
        return google_apis.pages(method, self.ask, **given)

    def _with_next_step(self, error: Unanswered, host: str) -> Unanswered:
        what, next_step = error.what, error.next_step
        match error.cause:
            case Cause.API_DISABLED:
                next_step = f"run `{enable(self.project, host)}`"
            case Cause.NO_QUOTA_PROJECT:
                next_step = f"run `gcloud auth application-default set-quota-project {self.project}`"
            case Cause.FORBIDDEN | Cause.NOT_FOUND:
                next_step = f"ask an owner of {self.project} for the right to see it"
            case Cause.NO_ANSWER:
                what = f"no response from {host} within {self.timeout:g} s"
                next_step = "retry; on a slow connection, with a longer --timeout"
        return error.but(what=what, next_step=next_step)


def enable(project: str, *apis: str) -> str:
    """The command that turns APIs on."""
    return f"gcloud services enable {' '.join(apis)} --project {project}"
