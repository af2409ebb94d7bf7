"""Who deploys, as the stacks tell Terraform: the account that it impersonates, and where it keeps its state."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.checks import Check, State
from metaflow_gcp_tools.clients import google as google_apis, google_credentials
from metaflow_gcp_tools.clients.google_credentials import BACKEND
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered
from metaflow_gcp_tools.platform import stacks

ON_STATE = ("storage.objects.create", "storage.objects.delete", "storage.objects.get", "storage.objects.list")
"""A state is written over, and locked by an object beside it that goes away again.
https://developer.hashicorp.com/terraform/language/backend/gcs#required-configuration"""


@dataclass(frozen=True, kw_only=True)
class Deployer:
    impersonates: str | None
    """The service account that the provider impersonates."""
    bucket: str | None
    """Of the state; `None`: it is a file."""
    impersonates_for_state: str | None
    """The service account that the backend impersonates."""


def read(folder: Path) -> Deployer:
    """Of a folder that synth wrote. Raises `WrongUse` when there are no stacks in it."""
    every = list(stacks.read(folder).values())
    providers = [provider for stack in every for provider in stack.get("provider", {}).get("google", ())]
    backends: list[Mapping[str, Any]] = [
        stack.get("terraform", {}).get("backend", {}).get("gcs", {}) for stack in every
    ]
    return Deployer(
        impersonates=_first(providers, "impersonate_service_account"),
        bucket=_first(backends, "bucket"),
        impersonates_for_state=_first(backends, "impersonate_service_account"),
    )


def _first(blocks: list[Mapping[str, Any]], key: str) -> str | None:
    return next((str(block[key]) for block in blocks if block.get(key)), None)


def check_state(deployer: Deployer, timeout: float) -> Check:
    """Whether the state can be read and written with the credentials of the backend, which has variables of its own."""
    name = f"gs://{deployer.bucket}"
    check = ("state", name)
    try:
        found = google_credentials.find(BACKEND, impersonate=deployer.impersonates_for_state)
        asked = {"bucket": deployer.bucket, "permissions": list(ON_STATE)}
        method = "storage.buckets.testIamPermissions"
        answer = google_apis.call(method, retries=1, timeout=timeout, by=found.credentials, **asked)
        held = answer.get("permissions", ())
    except Unanswered as error:
        if error.cause in (Cause.NOT_FOUND, Cause.FORBIDDEN):
            return Check.failed(
                *check,
                f"the bucket {deployer.bucket} does not exist, or you may not see it: {error.what}",
                f"create it (`gcloud storage buckets create {name}`), fix `backend.bucket`, "
                "or ask its owner for access",
            )
        if error.cause in (Cause.LOGIN, Cause.NO_CREDENTIALS, Cause.MAY_NOT_IMPERSONATE):
            return Check.of(error, *check, state=State.FAIL)
        return Check.of(error, *check)
    if missing := [each for each in ON_STATE if each not in held]:
        return Check.failed(
            *check,
            f"missing: {', '.join(missing)} ({found.source})",
            f"ask its owner for the role Storage Object User (roles/storage.objectUser) on {name}",
        )
    return Check.passed(*check, f"readable and writable ({found.source})")
