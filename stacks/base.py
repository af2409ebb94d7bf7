"""What the three stacks share: state, provider, labels, and the guard against destroying."""

import os
from pathlib import Path

from cdktf import (
    DataTerraformRemoteStateGcs,
    DataTerraformRemoteStateLocal,
    GcsBackend,
    LocalBackend,
    TerraformRemoteState,
    TerraformResource,
    TerraformResourceLifecycle,
    TerraformStack,
)
from cdktf_cdktf_provider_google import provider as google
from constructs import Construct

from stacks.settings import Settings

PROJECT_FOLDER = Path(__file__).parent.parent


def outdir() -> Path:
    """Where synth writes to: `cdktf.out`, or what the CDKTF CLI says (`--output`)."""
    return PROJECT_FOLDER / os.environ.get("CDKTF_OUTDIR", "cdktf.out")


class PlatformStack(TerraformStack):
    """A stack of the platform: one Terraform state an environment."""

    def __init__(self, scope: Construct, id_: str, settings: Settings) -> None:
        super().__init__(scope, id_)
        self.add_override("terraform.required_version", ">= 1.11")
        backend = settings.backend
        if backend.type == "gcs":
            GcsBackend(
                self,
                bucket=backend.bucket or "",
                prefix=_gcs_prefix(settings, id_),
                impersonate_service_account=settings.impersonate_service_account,
            )
        else:
            LocalBackend(self, path=_local_path(settings, id_))
        # The providers for Kubernetes and Helm follow: their token is the one of `google_client_config`.
        self.google = google.GoogleProvider(
            self,
            "google",
            project=settings.project,
            region=settings.region,
            impersonate_service_account=settings.impersonate_service_account,
        )
        # Not as a property: CDKTF turns hyphens in a provider's properties into underscores, those of labels, too.
        self.google.add_override("default_labels", labels(settings))
        if settings.deletion_protection:
            self._refuse_to_be_destroyed()

    def _refuse_to_be_destroyed(self) -> None:
        """Make `destroy` fail as a whole, at plan time.

        The protection of the cluster, the database and the bucket alone would let everything else go first. Terraform's
        message names the resource, so the resource is named after what to do.
        """
        guard = TerraformResource(
            self,
            "deletion-guard",
            # Terraform's own, and not by way of CDKTF's DataResource: that one runs `terraform version` at every synth.
            terraform_resource_type="terraform_data",
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
        )
        guard.override_logical_id("set_deletion_protection_to_false_and_deploy_before_you_destroy")


def labels(settings: Settings) -> dict[str, str]:
    """Of everything that takes labels."""
    return {**settings.labels, "metaflow-environment": settings.environment}


def state_of(scope: Construct, id_: str, settings: Settings, stack: str) -> TerraformRemoteState:
    """The outputs of another stack."""
    backend = settings.backend
    if backend.type == "gcs":
        return DataTerraformRemoteStateGcs(
            scope,
            id_,
            bucket=backend.bucket or "",
            prefix=_gcs_prefix(settings, stack),
            impersonate_service_account=settings.impersonate_service_account,
        )
    return DataTerraformRemoteStateLocal(scope, id_, path=_local_path(settings, stack))


def _gcs_prefix(settings: Settings, stack: str) -> str:
    return f"{settings.backend.prefix}/{settings.environment}/{stack}"


def _local_path(settings: Settings, stack: str) -> str:
    """Relative to the stack's folder, where Terraform runs: the same JSON in every folder of every machine."""
    state = Path(settings.backend.directory, settings.environment, f"{stack}.tfstate")
    if state.is_absolute():
        return str(state)
    return os.path.relpath(PROJECT_FOLDER / state, outdir() / "stacks" / stack)
