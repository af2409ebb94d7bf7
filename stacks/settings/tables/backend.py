"""Where Terraform keeps its state."""

from typing import Literal

from metaflow_gcp import names
from metaflow_gcp.checks import Checks
from stacks.settings.tables.section import Section

_KEYS_OF = {"local": ("directory",), "gcs": ("bucket", "prefix")}


class Backend(Section):
    """Where Terraform keeps its state; one state for each environment and stack."""

    type: Literal["local", "gcs"] = "local"
    """local: a directory of this machine, for one person. gcs: a bucket, for a team; it locks the state."""
    directory: str = "state"
    """With local: the directory, seen from the project's folder. The state holds the database's password."""
    bucket: str | None = None
    """With gcs, required: a bucket that exists already. Give it versioning, and only admins access."""
    prefix: str = "metaflow-gcp"
    """With gcs: the folder in the bucket."""

    def check(self, checks: Checks) -> None:
        for type_, keys in _KEYS_OF.items():
            for key in keys:
                if type_ != self.type and key in self.model_fields_set:
                    checks.add(
                        key,
                        wrong=f"{getattr(self, key)!r} is given for a {self.type} backend",
                        allowed=f"{key} belongs to type {type_!r}; {self.type!r} has {', '.join(_KEYS_OF[self.type])}",
                        fix=f'remove it, or set backend.type = "{type_}"',
                    )
        if self.type == "local":
            checks.matches("directory", self.directory, r"\S(.*\S)?", "a path, such as state")
            return
        checks.matches(
            "prefix", self.prefix, r"[\w.-]+(/[\w.-]+)*", "letters, digits, -, _ and ., in parts parted by single /"
        )
        if self.bucket is None:
            checks.add(
                "bucket",
                wrong="none is given for a gcs backend",
                allowed="the name of a bucket that exists",
                fix='create one (gcloud storage buckets create gs://NAME) and set backend.bucket = "NAME"',
            )
        else:
            names.check(checks, "bucket", self.bucket, names.BUCKET)
