"""Names that only Google checks."""

import pytest

from rehearsal.protocol.errors import Refused
from tests.rehearsal.cloud.google.shapes import SQL, settings


@pytest.mark.parametrize(
    ("type_", "given", "said"),
    [
        ("google_storage_bucket", {"name": "Things", "location": "US"}, "Invalid bucket name: 'Things'"),
        (
            "google_artifact_registry_repository",
            {"repository_id": "my_images", "location": "us-west1", "format": "DOCKER"},
            "Invalid repository ID my_images",
        ),
        ("google_secret_manager_secret", {"secret_id": "a b", "replication": {"auto": {}}}, "Invalid secret ID a b"),
        (
            "google_sql_database_instance",
            SQL | {"name": "Db_1", "region": "us-west1", "settings": settings()},
            "Invalid instance name",
        ),
    ],
)
def test_a_name_of_another_form(google, type_, given, said):
    with pytest.raises(Refused, match=said):
        google.create(type_, **given)
