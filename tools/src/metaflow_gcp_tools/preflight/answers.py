"""What Google says, or why it says nothing: every error of a call becomes a reason and a next step."""

import json
import threading
from collections.abc import Callable
from contextlib import closing
from importlib import resources
from typing import Any

from metaflow_gcp_tools import google_apis

RETRIES = 1
"""After 429, 5xx and silence. Who waits at a terminal rather reads that an API fails, and tries again."""

LOG_IN = "run `gcloud auth application-default login`"


class Unanswered(Exception):
    """It could not be found out. Its text is the reason, and holds no secret: no URL, no token."""

    def __init__(self, reason: str, next_step: str, *, code: int | None = None, api_is_off: bool = False) -> None:
        super().__init__(reason)
        self.next_step = next_step
        self.code = code
        """Of HTTP, when it is Google that refused."""
        self.api_is_off = api_is_off


class Google:
    """Asks on behalf of one project, in as many threads as there are questions."""

    def __init__(self, project: str, timeout: float) -> None:
        self.project = project
        self.timeout = timeout
        """Of each request, in seconds."""
        self._clients: dict[str, Any] = {}
        self._making = threading.Lock()
        """A client makes requests in one thread at a time; what waits for an answer has its own connection."""

    def ask(self, api: str, version: str, request: Callable[[Any], Any], *, retries: int = RETRIES) -> Any:
        """The answer to what `request` makes of the API's client. Raises `Unanswered`."""
        from google.auth.exceptions import GoogleAuthError, TransportError
        from googleapiclient.errors import HttpError

        try:
            with self._making:
                made = request(self._client(api, version))
            with closing(google_apis.http(timeout=self.timeout)) as http:
                return google_apis.call(made, retries=retries, http=http)
        except HttpError as error:
            raise self._refused(f"{api}.googleapis.com", error) from None
        except TimeoutError:
            raise Unanswered(
                f"{api}.googleapis.com did not answer within {self.timeout:g} s",
                "run this again, with a longer --timeout on a slow connection",
            ) from None
        except (OSError, TransportError) as error:
            raise Unanswered(
                f"{api}.googleapis.com cannot be reached: {_first_line(error)}",
                "see to the network and the proxy of this machine (HTTPS_PROXY), and run this again",
            ) from None
        except GoogleAuthError as error:
            raise Unanswered(f"Google does not take the credentials: {_first_line(error)}", LOG_IN, code=401) from None

    def _client(self, api: str, version: str) -> Any:
        if api not in self._clients:
            document = _cloud_quotas() if api == "cloudquotas" else None
            self._clients[api] = google_apis.service(api, version, document=document)
        return self._clients[api]

    def _refused(self, host: str, error: Any) -> Unanswered:
        code, said = int(error.status_code), str(error.reason or "no reason given").strip().splitlines()[0]
        content = error.content.decode("utf-8", "replace")
        if "SERVICE_DISABLED" in content or "accessNotConfigured" in content:
            return Unanswered(
                f"the API {host} is off in this project",
                f"run `{enable(self.project, host)}`",
                code=code,
                api_is_off=True,
            )
        if "quota project" in said:
            return Unanswered(
                f"{host} wants the credentials to name a project",
                f"run `gcloud auth application-default set-quota-project {self.project}`",
                code=code,
            )
        if code == 401:  # noqa: PLR2004 - HTTP's own numbers
            return Unanswered(f"Google does not take the credentials: {said}", LOG_IN, code=code)
        if code in (403, 404):
            return Unanswered(
                f"{host} refuses ({code}: {said})", f"ask an owner of {self.project} for the right to see it", code=code
            )
        return Unanswered(
            f"{host} fails ({code}: {said})", "run this again later; see https://status.cloud.google.com", code=code
        )


def enable(project: str, *apis: str) -> str:
    """The command that turns APIs on."""
    return f"gcloud services enable {' '.join(apis)} --project {project}"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _cloud_quotas() -> Any:
    package = resources.files("metaflow_gcp_tools.preflight")
    return json.loads((package / "cloudquotas.v1.json").read_text("utf-8"))
