"""Notification channels: how Cloud Monitoring reaches people and programs."""

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_google.data_google_project import DataGoogleProject
from cdktf_cdktf_provider_google.data_google_secret_manager_secret_version import (
    DataGoogleSecretManagerSecretVersion,
)
from cdktf_cdktf_provider_google.monitoring_notification_channel import (
    MonitoringNotificationChannel,
    MonitoringNotificationChannelSensitiveLabels,
)
from cdktf_cdktf_provider_google.pubsub_topic_iam_member import PubsubTopicIamMember
from constructs import Construct

from metaflow_gcp.google.monitoring import addresses
from metaflow_gcp.google.monitoring.addresses import Address
from metaflow_gcp.google.requirements import Requirements

_TYPES = {"mailto": "email", "slack": "slack", "pagerduty": "pagerduty", "pubsub": "pubsub"}
"""As `gcloud beta monitoring channel-descriptors list` names them."""


class Channels(Construct):
    """One channel for each address."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: str,
        name: str,
        notify: Sequence[str],
        slack_token_secret: str | None,
        labels: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id_)
        self._project, self._name, self._labels = project, name, dict(labels)
        self._slack_token_secret = slack_token_secret
        self._secrets: dict[str, str] = {}
        found = list(addresses.each(notify))
        made = {address: self._add(address) for address in found}
        self.ids = [made[address].name for address in found]
        """`projects/PROJECT/notificationChannels/NUMBER` of each, in their order."""
        self.email_ids = [made[address].name for address in found if address.scheme == "mailto"]
        """Of those that are mail: a budget takes no others."""
        self._apis = {"monitoring.googleapis.com"} if found else set()
        if self._secrets:
            self._apis.add("secretmanager.googleapis.com")
        if topics := [address for address in found if address.scheme == "pubsub"]:
            self._apis |= {"pubsub.googleapis.com", "cloudresourcemanager.googleapis.com"}
            self._let_publish(topics, made)

    @property
    def requirements(self) -> Requirements:
        return Requirements(apis=frozenset(self._apis))

    def _add(self, address: Address) -> MonitoringNotificationChannel:
        labels, sensitive = self._reached(address)
        return MonitoringNotificationChannel(
            self,
            address.id,
            project=self._project,
            display_name=f"{self._name}: {address.scheme}:{address.target}",
            type=_TYPES[address.scheme],
            labels=labels,
            sensitive_labels=sensitive,
            user_labels=self._labels or None,
        )

    def _reached(
        self, address: Address
    ) -> tuple[dict[str, str] | None, MonitoringNotificationChannelSensitiveLabels | None]:
        """`labels` and `sensitive_labels` of a channel."""
        match address.scheme:
            case "mailto":
                return {"email_address": address.target}, None
            case "pubsub":
                return {"topic": address.target}, None
            case "slack":
                token = self._secret("slack-token", self._slack_token_secret or "")
                return {"channel_name": address.target}, MonitoringNotificationChannelSensitiveLabels(auth_token=token)
            case _:
                key = self._secret(f"{address.id}-key", address.target)
                return None, MonitoringNotificationChannelSensitiveLabels(service_key=key)

    def _secret(self, id_: str, name: str) -> str:
        if id_ not in self._secrets:
            version = DataGoogleSecretManagerSecretVersion(self, id_, project=self._project, secret=name)
            self._secrets[id_] = version.secret_data
        return self._secrets[id_]

    def _let_publish(self, topics: Sequence[Address], made: Mapping[Address, MonitoringNotificationChannel]) -> None:
        """Cloud Monitoring's own account, which Google makes with a project's first channel to a topic.

        https://cloud.google.com/monitoring/support/notification-options#pubsub
        """
        number = DataGoogleProject(self, "project", project_id=self._project).number
        for address in topics:
            _, project, _, topic = address.target.split("/")
            PubsubTopicIamMember(
                self,
                f"{address.id}-publisher",
                project=project,
                topic=topic,
                role="roles/pubsub.publisher",
                member=f"serviceAccount:service-{number}@gcp-sa-monitoring-notification.iam.gserviceaccount.com",
                depends_on=[made[address]],
            )
