"""Cloud Storage, Secret Manager and Artifact Registry: what keeps things."""

from __future__ import annotations

from typing import Any

from rehearsal.cloud import invent
from rehearsal.cloud.google.request import Request
from rehearsal.cloud.model import Cloud, Key, Use
from rehearsal.protocol.errors import Refused

NONCURRENT = "noncurrent version of a google_storage_bucket_object"


def bucket(request: Request) -> dict[str, Any]:
    name = request.get("name")
    return {
        "url": f"gs://{name}",
        "self_link": f"https://www.googleapis.com/storage/v1/b/{name}",
        "project_number": int(request.number or 0),
        "public_access_prevention": "inherited",
        "uniform_bucket_level_access": False,
        "rpo": "",
        "time_created": invent.timestamp(*request.seed()),
        "updated": invent.timestamp(*request.seed()),
        "soft_delete_policy": [
            {"retention_duration_seconds": 604800, "effective_time": invent.timestamp(*request.seed("soft"))}
        ],
    }


def planned_location(state: dict[str, Any]) -> dict[str, Any]:
    """Cloud Storage writes locations in capitals, and so does the provider."""
    return {"location": state["location"].upper()} if isinstance(state["location"], str) else {}


def bucket_object(request: Request) -> dict[str, Any]:
    bucket, name = request.get("bucket"), request.get("name")
    content = str(request.get("content", "")) or str(request.get("source", ""))
    path, generation = f"storage/v1/b/{bucket}/o/{name}", invent.number(content, digits=16)
    return {
        "output_name": name,
        "self_link": f"https://www.googleapis.com/{path}",
        "media_link": f"https://storage.googleapis.com/download/{path}?generation={generation}&alt=media",
        "generation": generation,
        "md5hash": request.digest(content, length=24),
        "md5hexhash": request.digest(content, length=32),
        "crc32c": request.digest(content, length=8),
        "storage_class": "STANDARD",
        "content_type": "text/plain; charset=utf-8",
        "kms_key_name": "",
    }


def bucket_is_empty(request: Request) -> None:
    """A bucket that holds something goes only by force."""
    if request.get("force_destroy", False):
        return
    holds = [
        key
        for key in request.cloud.users(request.key, part=True)
        if key.kind in ("google_storage_bucket_object", NONCURRENT)
    ]
    if holds:
        raise Refused(
            f"Error trying to delete bucket {request.get('name')} containing objects without `force_destroy` set "
            "to true",
            f"It holds {', '.join(key.id for key in holds)}.",
        )


def object_deleted(request: Request) -> None:
    """In a bucket with versioning a deleted object stays as a noncurrent version, and the bucket is not empty."""
    bucket = Key("google_storage_bucket", "", str(request.get("bucket")))
    found = request.cloud.get(bucket)
    if found and any(each["enabled"] for each in found.state.get("versioning") or []):
        request.cloud.put(Key(NONCURRENT, "", request.key.id), {}, [Use(target=bucket, part=True)])


def secret(request: Request) -> dict[str, Any]:
    return {
        "name": f"projects/{request.number}/secrets/{request.get('secret_id')}",
        "create_time": invent.timestamp(*request.seed()),
    }


def secret_version(request: Request) -> dict[str, Any]:
    path, number = str(request.get("secret", "")), request.get("version")
    project, name = path.split("/")[1] if path.startswith("projects/") else request.project, path.rsplit("/", 1)[-1]
    return {
        "name": f"projects/{request.cloud.project_number(project)}/secrets/{name}/versions/{number}",
        "version": str(number),
        "create_time": invent.timestamp(*request.seed()),
        "destroy_time": "",
    }


def next_version(cloud: Cloud, state: dict[str, Any]) -> dict[str, Any]:
    """Versions of a secret count from 1; the number of a destroyed one is not used again."""
    project, secret = str(state.get("project") or ""), str(state.get("secret")).rsplit("/", 1)[-1]
    number = 1
    while cloud.reserved(
        Key("google_secret_manager_secret_version", project, f"projects/{project}/secrets/{secret}/versions/{number}")
    ):
        number += 1
    return {"version": str(number)}


def version_made(request: Request) -> None:
    request.cloud.reserve(request.key, "the number was used")


def secret_deleted(request: Request) -> None:
    """A new secret of the same name counts from 1 again."""
    for key in request.cloud.all_reserved():
        if key.kind == "google_secret_manager_secret_version" and key.id.startswith(f"{request.key.id}/"):
            request.cloud.release(key)


def secret_deletion_protection(request: Request) -> None:
    if request.get("deletion_protection", False):
        raise Refused(
            "cannot destroy secret manager secret without setting deletion_protection=false and running "
            "`terraform apply`"
        )


def repository(request: Request) -> dict[str, Any]:
    location, name = request.get("location"), request.get("repository_id")
    kind = str(request.get("format", "docker")).lower()
    return {
        "name": name,
        "registry_uri": f"{location}-{kind}.pkg.dev/{request.project}/{name}",
        "create_time": invent.timestamp(*request.seed()),
        "update_time": invent.timestamp(*request.seed()),
        "mode": "STANDARD_REPOSITORY",
        "location": location,
    }


FACTS = {
    "google_storage_bucket": bucket,
    "google_storage_bucket_object": bucket_object,
    "google_secret_manager_secret": secret,
    "google_secret_manager_secret_version": secret_version,
    "google_artifact_registry_repository": repository,
}
DELETION_RULES = {
    "google_storage_bucket": [bucket_is_empty],
    "google_secret_manager_secret": [secret_deletion_protection],
}
GENERATED = {"google_secret_manager_secret_version": next_version}
AFTER = {"google_secret_manager_secret_version": version_made}
AFTER_DELETION = {"google_storage_bucket_object": object_deleted, "google_secret_manager_secret": secret_deleted}
PLANNED = {"google_storage_bucket": planned_location}
