"""Who a workload is to Kubernetes, and which Google account it may act as."""

from dataclasses import dataclass

from cdktf_cdktf_provider_kubernetes import service_account_v1 as kubernetes
from constructs import Construct

from metaflow_gcp.names import KubernetesName
from metaflow_gcp.properties import Properties


@dataclass(frozen=True, kw_only=True)
class KubernetesAccountProps(Properties):
    namespace: KubernetesName
    """The namespace, which must exist."""
    name: KubernetesName
    """The account's name."""
    google_service_account: str | None = None
    """The address of the Google account it acts as (bound by `ServiceIdentity.bind`). Default: none."""
    automount_token: bool = False
    """Whether pods get a token for the Kubernetes API. Default: no, for most talk to Google or to a database only."""


class KubernetesAccount(Construct):
    """The Kubernetes side of an identity."""

    def __init__(self, scope: Construct, id_: str, props: KubernetesAccountProps) -> None:
        super().__init__(scope, id_)
        email = props.google_service_account
        self._account = kubernetes.ServiceAccountV1(
            self,
            "account",
            metadata=kubernetes.ServiceAccountV1Metadata(
                namespace=props.namespace,
                name=props.name,
                annotations={"iam.gke.io/gcp-service-account": email} if email else None,
            ),
            automount_service_account_token=props.automount_token,
        )
        self.namespace = props.namespace
        """Where it is."""
        self.name = self._account.metadata.name
        """Known to Terraform only, so that what names it waits for it."""
