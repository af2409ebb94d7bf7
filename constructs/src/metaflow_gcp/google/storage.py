"""The bucket that holds every artifact of every run."""

from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_google import storage_bucket as gcs
from cdktf_cdktf_provider_google.storage_bucket_iam_member import StorageBucketIamMember
from cdktf_cdktf_provider_google.storage_bucket_object import StorageBucketObject
from constructs import Construct

from metaflow_gcp import names
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.requirements import Requirements
from metaflow_gcp.google.storage_choices import DatastoreChoices
from metaflow_gcp.properties import Properties

_DAY = 24 * 60 * 60
_LOGS = "-logs"


def root_of(bucket: str) -> str:
    """Where in the bucket Metaflow keeps artifacts, logs and cards. Beside it lies what is about the platform."""
    return f"gs://{bucket}/metaflow"


def put_document(scope: Construct, *, bucket: str, name: str, text: str) -> None:
    """Put a JSON document into a bucket, for people who fetch it when something has changed."""
    StorageBucketObject(
        scope,
        "object",
        bucket=bucket,
        name=name,
        content=text,
        content_type="application/json",
        cache_control="no-cache",
    )


@dataclass(frozen=True, kw_only=True)
class DatastoreProps(DatastoreChoices, Properties):
    project: str
    """The id of the project."""
    name: str
    """The bucket's name: unique in all of Google Cloud, 3 to 63 characters."""
    location: str
    """A region or multi-region. The cluster's region costs no traffic."""
    deletion_protection: bool = True
    """Refuse to delete the bucket at plan time, and to delete it with objects in it."""

    def _check(self, checks: Checks) -> None:
        names.check(checks, "name", f"{self.name}{_LOGS if self.usage_logs_days else ''}", names.BUCKET)
        self.check(checks)


class Datastore(Construct):
    """A bucket for Metaflow's artifacts: private, versioned, cleaned up."""

    requirements = Requirements(apis=frozenset({"storage.googleapis.com"}))

    def __init__(self, scope: Construct, id_: str, props: DatastoreProps) -> None:
        super().__init__(scope, id_)
        rules = [_delete(age_days=7, with_state="ANY", action="AbortIncompleteMultipartUpload")]
        if props.versioning:
            rules.append(_delete(noncurrent_days=props.noncurrent_days, with_state="ARCHIVED"))
        logs = self._add_usage_logs(props) if props.usage_logs_days else None
        self._bucket = gcs.StorageBucket(
            self,
            "bucket",
            project=props.project,
            name=props.name,
            location=props.location,
            storage_class="STANDARD",
            # One way to grant access, on the bucket; per-object lists are easily overlooked.
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning=gcs.StorageBucketVersioning(enabled=props.versioning),
            soft_delete_policy=gcs.StorageBucketSoftDeletePolicy(
                retention_duration_seconds=props.soft_delete_days * _DAY
            ),
            lifecycle_rule=rules,
            logging=gcs.StorageBucketLogging(log_bucket=logs.bucket) if logs else None,
            force_destroy=not props.deletion_protection,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if props.deletion_protection else None,
        )

    def _add_usage_logs(self, props: DatastoreProps) -> StorageBucketIamMember:
        """The bucket for them, and Google's right to write there: whatever logs waits for that."""
        bucket = gcs.StorageBucket(
            self,
            "usage-logs",
            project=props.project,
            name=f"{props.name}{_LOGS}",
            location=props.location,
            storage_class="STANDARD",
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            soft_delete_policy=gcs.StorageBucketSoftDeletePolicy(retention_duration_seconds=0),
            lifecycle_rule=[_delete(age_days=props.usage_logs_days, with_state="ANY")],
            # They tell of the other bucket and go with it; that one is protected.
            force_destroy=True,
        )
        return StorageBucketIamMember(
            self,
            "usage-logs-writer",
            bucket=bucket.name,
            role="roles/storage.objectCreator",
            member="group:cloud-storage-analytics@google.com",
        )

    @property
    def name(self) -> str:
        return self._bucket.name

    @property
    def root(self) -> str:
        """Metaflow's `DATASTORE_SYSROOT_GS`."""
        return root_of(self._bucket.name)

    def grant_read_write(self, id_: str, member: str) -> None:
        """Read, write, list and delete objects; nothing of the bucket itself."""
        self._grant(id_, "roles/storage.objectUser", member)

    def grant_read(self, id_: str, member: str) -> None:
        """Read and list objects."""
        self._grant(id_, "roles/storage.objectViewer", member)

    def grant_admin(self, id_: str, member: str) -> None:
        """Everything with the bucket and what is in it."""
        self._grant(id_, "roles/storage.admin", member)

    def _grant(self, id_: str, role: str, member: str) -> None:
        StorageBucketIamMember(self, id_, bucket=self._bucket.name, role=role, member=member)


def _delete(
    *, with_state: str, age_days: int | None = None, noncurrent_days: int | None = None, action: str = "Delete"
) -> gcs.StorageBucketLifecycleRule:
    return gcs.StorageBucketLifecycleRule(
        action=gcs.StorageBucketLifecycleRuleAction(type=action),
        condition=gcs.StorageBucketLifecycleRuleCondition(
            age=age_days, days_since_noncurrent_time=noncurrent_days, with_state=with_state
        ),
    )
