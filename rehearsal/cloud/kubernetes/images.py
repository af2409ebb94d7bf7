"""Whether the nodes get the images of a pod.

An image exists if the project's file of what lives elsewhere names it (`schemas/externals.json`). What that file says
nothing of, a team's own image for one, is taken to be there.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from rehearsal.cloud.google import permissions
from rehearsal.cloud.kubernetes import scheduling
from rehearsal.cloud.kubernetes.events import Event
from rehearsal.cloud.model import Cloud, Key

_FILE = Path(__file__).parents[2] / "schemas" / "externals.json"
_HOSTED = re.compile(r"(?P<location>[a-z0-9-]+)-docker\.pkg\.dev/(?P<project>[^/]+)/(?P<repository>[^/]+)/(?P<rest>.+)")
_DOWNLOAD = "artifactregistry.repositories.downloadArtifacts"
REPOSITORY = "google_artifact_registry_repository"


def events(cloud: Cloud, cluster: Key, pod: Any) -> Iterator[Event]:
    """What the kubelet says of images that it does not get."""
    images = {str(each.get("image")) for kind in ("init_container", "container") for each in pod.get(kind) or []}
    for image in sorted(images):
        for why in (_missing(cloud, image), *_forbidden(cloud, cluster, image, pod)):
            if why:
                yield Event(reason="ErrImagePull", message=f'failed to pull and unpack image "{image}": {why}')


def _missing(cloud: Cloud, image: str) -> str | None:
    hosted = _HOSTED.fullmatch(image)
    if hosted is None or cloud.project_number(hosted["project"]) is None:
        return None if exists(image) else _not_found(image)
    found = _repository(cloud, hosted)
    if found is None:
        return f'Repository "{hosted["repository"]}" not found'
    if found.get("mode") == "REMOTE_REPOSITORY" and not exists(f"docker.io/{hosted['rest']}"):
        return _not_found(f"docker.io/{hosted['rest']}")
    return None


def _not_found(image: str) -> str:
    return f"{image}: not found (schemas/externals.json names other tags of it)"


def _forbidden(cloud: Cloud, cluster: Key, image: str, pod: Any) -> Iterator[str]:
    """The account of the nodes pulls, not that of the pod."""
    hosted = _HOSTED.fullmatch(image)
    found = _repository(cloud, hosted) if hosted else None
    if hosted is None or found is None:
        return
    repository = Key(REPOSITORY, hosted["project"], found["id"])
    for account in sorted({pool.account for pool in scheduling.possible(cloud, cluster, pod)}):
        if "@" in account and not permissions.may(cloud, account, _DOWNLOAD, repository):
            yield f"403 Forbidden: {account} has no permission {_DOWNLOAD} on {found['id']}"


def _repository(cloud: Cloud, hosted: re.Match[str]) -> dict[str, Any] | None:
    path = f"projects/{hosted['project']}/locations/{hosted['location']}/repositories/{hosted['repository']}"
    found = cloud.get(Key(REPOSITORY, hosted["project"], path))
    return found.state if found else None


def exists(image: str) -> bool:
    """As far as is known: where the file names an image, it names all its tags that there are."""
    name, tag = split(image)
    return name not in _tags() or tag in _tags()[name]


def split(image: str) -> tuple[str, str]:
    """The whole name, and the tag: `nats` is `docker.io/library/nats` and `latest`."""
    plain = image.partition("@")[0]
    host, slash, rest = plain.partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        host, rest = "docker.io", plain if slash else f"library/{plain}"
    name, _, tag = rest.partition(":")
    return f"{host}/{name}", "" if "@" in image else tag or "latest"


@cache
def _tags() -> dict[str, set[str]]:
    document = json.loads(_FILE.read_text(encoding="utf-8"))
    found: dict[str, set[str]] = {}
    for image in (*(each["name"] for each in document["images"].values()), *document["never_pulled"]):
        name, tag = split(image)
        # By its digest an image has no tag to be wrong.
        found.setdefault(name, {""}).add(tag)
    return found
