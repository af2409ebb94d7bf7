"""A budget: who pays hears of it before the month is over."""

from collections.abc import Sequence

from cdktf_cdktf_provider_google import billing_budget as billing
from cdktf_cdktf_provider_google.data_google_project import DataGoogleProject
from constructs import Construct

from metaflow_gcp.google.requirements import Requirements

THRESHOLDS = (0.5, 0.9, 1.0)
"""Shares of the month's amount."""
_CHANNELS = 5
"""https://cloud.google.com/billing/docs/how-to/budgets-notification-recipients#cloud-monitoring-notifications"""


class Budget(Construct):
    """What the project may cost in a month. It limits nothing: the billing account's administrators get mail.

    Google's API for it counts a person's requests against a project of theirs: the provider needs
    `user_project_override` and `billing_project`.
    https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/billing_budget
    """

    requirements = Requirements(
        apis=frozenset({"billingbudgets.googleapis.com", "cloudresourcemanager.googleapis.com"})
    )

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: str,
        name: str,
        billing_account: str,
        amount: int,
        email_channels: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        number = DataGoogleProject(self, "project", project_id=project).number
        current = [billing.BillingBudgetThresholdRules(threshold_percent=share) for share in THRESHOLDS]
        forecast = billing.BillingBudgetThresholdRules(threshold_percent=1.0, spend_basis="FORECASTED_SPEND")
        billing.BillingBudget(
            self,
            "budget",
            billing_account=billing_account,
            display_name=name,
            # By number, as Google answers. In the billing account's own currency, as no other is allowed.
            budget_filter=billing.BillingBudgetBudgetFilter(projects=[f"projects/{number}"], calendar_period="MONTH"),
            amount=billing.BillingBudgetAmount(
                specified_amount=billing.BillingBudgetAmountSpecifiedAmount(units=str(amount))
            ),
            threshold_rules=[*current, forecast],
            all_updates_rule=billing.BillingBudgetAllUpdatesRule(
                monitoring_notification_channels=list(email_channels[:_CHANNELS])
            )
            if email_channels
            else None,
        )
