"""Cloud Storage: buckets and what lies in them."""

from rehearsal.cloud import invent
from rehearsal.cloud.google import naming
from rehearsal.cloud.google.kind import Kind, State
from rehearsal.cloud.google.references import PART
from rehearsal.cloud.google.request import Request
from rehearsal.cloud.model import Key, Use
from rehearsal.protocol.errors import Refused

BUCKET = "google_storage_bucket"
NONCURRENT = "noncurrent version of a google_storage_bucket_object"


def bucket(request: Request) -> State:
    name = request.get("name")
    return {
        "url": f"gs://{name}",
        "self_link": f"https://www.googleapis.com/storage/v1/b/{name}",
        "project_number": int(request.number or 0),
        "public_access_prevention": "inherited",
        "time_created": invent.timestamp(*request.seed()),
        "updated": invent.timestamp(*request.seed()),
        "soft_delete_policy": [
            {"retention_duration_seconds": 604800, "effective_time": invent.timestamp(*request.seed("soft"))}
        ],
    }


def planned_location(state: State) -> State:
    """Cloud Storage writes locations in capitals, and so does the provider."""
    return {"location": state["location"].upper()} if isinstance(state["location"], str) else {}


def bucket_object(request: Request) -> State:
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


KINDS = [
    Kind(
        type=BUCKET,
        path="{{name}}",
        worldwide=True,
        planned=planned_location,
        facts=bucket,
        rules=(naming.check,),
        deletion_rules=(bucket_is_empty,),
    ),
    Kind(
        type="google_storage_bucket_object",
        # An upload replaces what is there.
        joins=True,
        path="{{bucket}}/{{%name}}",
        id="{{bucket}}-{{%name}}",
        worldwide=True,
        references={"bucket": (BUCKET, PART)},
        facts=bucket_object,
        after_deletion=object_deleted,
    ),
    Kind(type="google_storage_managed_folder", references={"bucket": (BUCKET, PART)}),
    Kind(type="google_storage_folder", references={"bucket": (BUCKET, PART)}),
]
