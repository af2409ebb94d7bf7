"""Names that Google takes, where only Google checks them and not the provider."""

import re

from rehearsal.cloud.google.request import Request

FORMS = {
    # https://cloud.google.com/storage/docs/buckets#naming
    "google_storage_bucket": ("name", r"[a-z0-9][-_.a-z0-9]{1,220}[a-z0-9]", "Invalid bucket name: '{}'"),
    # https://cloud.google.com/artifact-registry/docs/repositories/create-repos
    "google_artifact_registry_repository": (
        "repository_id",
        r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?",
        "Invalid repository ID {}",
    ),
    # https://cloud.google.com/sql/docs/postgres/instance-settings#instance-id-2ndgen
    "google_sql_database_instance": ("name", r"[a-z]([-a-z0-9]{0,95}[a-z0-9])?", "Invalid instance name ({})"),
    # https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create
    "google_secret_manager_secret": ("secret_id", r"[A-Za-z0-9_-]{1,255}", "Invalid secret ID {}"),
}
"""Type -> attribute, form, and what is said of another."""


def check_compute(request: Request) -> None:
    """Compute Engine's names: https://cloud.google.com/compute/docs/naming-resources."""
    name, form = request.get("name"), "[a-z]([-a-z0-9]{0,61}[a-z0-9])?"
    if request.type.startswith("google_compute_") and isinstance(name, str) and not re.fullmatch(form, name):
        said = f"Invalid value for field 'resource.name': '{name}'. Must be a match of regex '{form}'"
        raise request.refuse(f"googleapi: Error 400: {said}, invalid", path=("name",))


def check(request: Request) -> None:
    name, form, said = FORMS[request.type]
    given = request.get(name)
    if isinstance(given, str) and not re.fullmatch(form, given):
        raise request.refuse(f"googleapi: Error 400: {said.format(given)}, invalid", path=(name,))
