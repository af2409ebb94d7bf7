"""Asks a registry for an image's manifest, as `docker pull` does first, and no more.

HEAD /v2/<name>/manifests/<reference>, with the token that the registry's own service gives:
https://github.com/opencontainers/distribution-spec/blob/main/spec.md,
https://distribution.github.io/distribution/spec/auth/token/. Docker Hub does not count it as a pull:
https://docs.docker.com/docker-hub/usage/pulls/.
"""

from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from metaflow_gcp_tools.checks import State
from metaflow_gcp_tools.clients.registries import connection
from metaflow_gcp_tools.clients.registries.answer import Answer
from metaflow_gcp_tools.clients.registries.connection import Login
from metaflow_gcp_tools.clients.unanswered import Unanswered

_MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_OK, _UNAUTHORIZED, _NOT_FOUND = 200, 401, 404


@dataclass(frozen=True, kw_only=True)
class Reference:
    """An image's name, taken apart by Docker's rules: https://github.com/distribution/reference."""

    registry: str
    repository: str
    version: str
    """A digest, or else a tag."""

    @classmethod
    def parse(cls, name: str) -> Self:
        tagged, _, digest = name.partition("@")
        first, slash, rest = tagged.partition("/")
        if not slash or not (first == "localhost" or "." in first or ":" in first):
            first, rest = "docker.io", tagged if slash else f"library/{tagged}"
        repository, _, tag = rest.partition(":")
        return cls(registry=first, repository=repository, version=digest or tag or "latest")

    @property
    def url(self) -> str:
        host = "registry-1.docker.io" if self.registry == "docker.io" else self.registry
        return f"{connection.scheme(host)}://{host}/v2/{self.repository}/manifests/{self.version}"


def ask(name: str, timeout: float, login: Login | None = None) -> Answer:
    """Whether there is an image, or a chart, of this name. `login` is for its registry, and no other host gets it."""
    reference = Reference.parse(name)
    try:
        with connection.session() as opened:
            response = _manifest(opened, reference.url, timeout, login)
            return _answer(reference, response)
    except Unanswered as error:
        return Answer(state=State.UNKNOWN, says=error.what)


def _answer(reference: Reference, response: Any) -> Answer:
    if response.status_code == _NOT_FOUND:
        return Answer(
            state=State.FAIL,
            says=f"{reference.registry} has no version {reference.version} of {reference.repository}",
        )
    if response.status_code != _OK:
        raise connection.refused(response)
    digest = response.headers.get("Docker-Content-Digest")
    if digest is None and response.headers.get("Content-Type", "").partition(";")[0] not in _MANIFESTS:
        # A proxy's page, or that of a network to log in to.
        raise connection.no_answer(f"{reference.registry} did not respond like a registry")
    return Answer(state=State.PASS, says=f"{reference.registry} has it", digest=digest)


def _manifest(opened: Any, url: str, timeout: float, login: Login | None) -> Any:
    headers = {"Accept": ", ".join(_MANIFESTS)}
    response = connection.ask(opened, "HEAD", url, timeout, headers)
    if response.status_code != _UNAUTHORIZED:
        return response
    token = _token(opened, response, timeout, login)
    # Where the first request was led to: registry.k8s.io sends on to a registry near by.
    return connection.ask(opened, "HEAD", response.url, timeout, {**headers, "Authorization": f"Bearer {token}"})


def _token(opened: Any, refused: Any, timeout: float, login: Login | None) -> str:
    """What `Bearer realm="...",service="...",scope="..."` offers: to everybody, or to who logs in."""
    from requests.utils import parse_dict_header

    kind, _, rest = refused.headers.get("WWW-Authenticate", "").partition(" ")
    asked = dict(parse_dict_header(rest)) if kind.lower() == "bearer" else {}
    if "realm" not in asked:
        raise connection.no_answer("the registry requires a login: it is private or does not exist")
    query = urlencode([(key, asked[key]) for key in ("service", "scope") if key in asked])
    if urlsplit(asked["realm"]).netloc != urlsplit(refused.url).netloc:
        login = None
    response = connection.ask(opened, "GET", f"{asked['realm']}?{query}", timeout, login=login)
    if response.status_code != _OK:
        raise connection.refused(response)
    try:
        found = response.json()
        return str(found.get("token") or found["access_token"])
    except (ValueError, KeyError, AttributeError):
        raise connection.no_answer("the registry issued no token") from None
