"""Who a program is to Identity-Aware Proxy: a service account, by a token that it signs and that soon ends.

Google's own OAuth client lets in programs by no other way.
https://cloud.google.com/iap/docs/authentication-howto#authenticate_with_a_jwt
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from metaflow_gcp_tools.clients import google as google_apis
from metaflow_gcp_tools.problems import WrongUse

LIFE_SECONDS = 3600
"""The longest that Google accepts."""

EARLY = 0.25
"""The part of a token's life that is left when the next one is made."""

Sign = Callable[[dict[str, Any]], str]
"""Claims -> a signed token."""


@dataclass(frozen=True)
class _Token:
    text: str
    until: float


class Tokens:
    """One token for all requests; the next is made in time."""

    def __init__(
        self, host: str, account: str, sign: Sign, *, life: float = LIFE_SECONDS, now: Callable[[], float] = time.time
    ) -> None:
        self._host, self._account, self._sign, self._life, self._now = host, account, sign, life, now
        self._token: _Token | None = None
        self._making = threading.Lock()

    def get(self, *, refused: str | None = None) -> str:
        """One that has not ended. `refused`: not this one again. Raises `Unanswered`."""
        with self._making:
            if self._token is None or self._token.text == refused or self._now() > self._token.until:
                made = self._now()
                claims = {
                    "iss": self._account,
                    "sub": self._account,
                    # Of every path.
                    "aud": f"https://{self._host}/*",
                    "iat": int(made),
                    "exp": int(made + self._life),
                }
                self._token = _Token(self._sign(claims), made + self._life * (1 - EARLY))
            return self._token.text


def signed_by_google(account: str) -> Sign:
    """By IAM, with the key that Google keeps for the account: there is no key here."""

    def sign(claims: dict[str, Any]) -> str:
        method = "iamcredentials.projects.serviceAccounts.signJwt"
        answer = google_apis.call(
            method, name=f"projects/-/serviceAccounts/{account}", body={"payload": json.dumps(claims)}
        )
        return str(answer["signedJwt"])

    return sign


def account(asked_for: str | None) -> str:
    """The service account to be: the one asked for, else that of the credentials. Raises `Unanswered`, `WrongUse`."""
    if asked_for:
        return asked_for
    own = getattr(google_apis.credentials(), "service_account_email", None)
    if not own or own == "default":
        raise WrongUse.of(
            what="Identity-Aware Proxy lets in programs as a service account, and your credentials are none",
            next_step="name one of access.users with --impersonate-service-account; you need the role Service Account "
            "Token Creator on it. Or open forwards: --via kubectl",
        )
    return str(own)
