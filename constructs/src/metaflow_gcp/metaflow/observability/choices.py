"""What a person chooses about dashboard, alerts and budget. Needs no Node."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le, Unit

from metaflow_gcp.checks import Checks
from metaflow_gcp.choices import check_each
from metaflow_gcp.google import secret_manager
from metaflow_gcp.google.monitoring import addresses


@dataclass(frozen=True, kw_only=True)
class ObservabilityChoices:
    """A dashboard and alerts in Cloud Monitoring, and a budget (docs/observability.md: what is watched)."""

    notify: tuple[str, ...] = ()
    """Who hears of an alert: mailto:ADDRESS, slack:#CHANNEL, pagerduty:SECRET (the name of a secret in this project's
    Secret Manager with the integration key), pubsub:projects/PROJECT/topics/TOPIC. Default: nobody; the console shows
    alerts all the same. https://cloud.google.com/monitoring/support/notification-options"""
    slack_token_secret: str | None = None
    """With slack: the name of a secret in this project's Secret Manager that holds the token of Google Cloud
    Monitoring's Slack app. Its value also gets into Terraform's state, as that of `pagerduty:` does."""
    billing_account: str | None = None
    """The billing account that pays for the project, as 012345-6789AB-CDEF01, for a budget. You must be a Billing
    Account Costs Manager of it. Default: no budget. gcloud billing projects describe PROJECT"""
    monthly_budget: Annotated[int, Ge(1), Le(100_000_000), Unit("of the account's currency")] | None = None
    """With billing_account: what the project may cost in a month, in the account's currency. The account's
    administrators and up to five of the mailto: hear at 50, 90 and 100 percent, and when the forecast is above. It
    limits nothing."""

    def check(self, checks: Checks) -> None:
        check_each(checks, self)
        addresses.check(checks, "notify", self.notify)
        self._check_slack(checks)
        self._check_budget(checks)

    def _check_slack(self, checks: Checks) -> None:
        slack = any(address.scheme == "slack" for address in addresses.each(self.notify))
        if slack and self.slack_token_secret is None:
            checks.add(
                "slack_token_secret",
                wrong="none is given, and notify names a Slack channel",
                allowed="the name of a secret in this project's Secret Manager",
                fix="store the app's token (gcloud secrets create NAME --data-file=-), and name it here",
            )
        if self.slack_token_secret is not None:
            secret_manager.check_name(checks, "slack_token_secret", self.slack_token_secret)
            if not slack:
                checks.add(
                    "slack_token_secret",
                    wrong=f"{self.slack_token_secret!r} is given, and notify names no Slack channel",
                    allowed="a token together with slack:#CHANNEL in notify",
                    fix="add the channel to notify, or remove slack_token_secret",
                )

    def _check_budget(self, checks: Checks) -> None:
        if self.billing_account is not None:
            checks.matches(
                "billing_account",
                self.billing_account,
                r"[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}",
                "three times six hexadecimal digits in capitals, without billingAccounts/: 012345-6789AB-CDEF01",
            )
        if (self.billing_account is None) != (self.monthly_budget is None):
            missing = "monthly_budget" if self.monthly_budget is None else "billing_account"
            given = "billing_account" if self.monthly_budget is None else "monthly_budget"
            checks.add(
                missing,
                wrong=f"none is given, and {given} is",
                allowed="both of them for a budget, or neither",
                fix=f"set {missing}, or remove {given}",
            )
