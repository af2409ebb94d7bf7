"""Budgets of a billing account. They watch projects, which stand in no way of their removal."""

from rehearsal.cloud.google.kind import Kind
from rehearsal.cloud.google.kinds.monitoring import CHANNEL
from rehearsal.cloud.google.references import NEEDS

KINDS = [
    Kind(
        type="google_billing_budget",
        path="billingAccounts/{{billing_account}}/budgets/{{name}}",
        references={"all_updates_rule.monitoring_notification_channels": (CHANNEL, NEEDS)},
    ),
]
