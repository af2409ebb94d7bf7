"""What Google knows a little later than it says: an API that was just enabled, an account that was just made.

Off unless a cloud is told otherwise. The real provider (google 6.50.0) waits for both, and not for long enough:
services/resourcemanager/resource_google_project.go (`waitForServiceUsageEnabledServices`) until the API is listed,
resource_google_service_account.go for three answers in a row and 10 seconds more. It does not try again when the API is
refused all the same, and an IAM policy that names an unknown account only where the policy has changed meanwhile
(tpgiamresource/iam.go). The next run goes on.
https://cloud.google.com/iam/docs/access-change-propagation
"""

from collections.abc import Iterator
from typing import Any, Literal

from rehearsal.cloud.google.kind import Kind
from rehearsal.cloud.google.services import refusal
from rehearsal.cloud.model import Cloud
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.walk import strings

What = Literal["api", "account"]

_NAMED = ("member", "service_account_id", "node_config.service_account")
"""Where an account is named that has to be known."""


def delay(cloud: Cloud, what: What, calls: int) -> None:
    """So many calls that need a new API, or that name a new account, come too early."""
    cloud.wait_for(what, "", calls)


def begin(cloud: Cloud, what: What, name: str) -> None:
    """An API was enabled, or an account made."""
    if calls := cloud.waits_for(what, ""):
        cloud.wait_for(what, name, calls)


def check(cloud: Cloud, project: str, kind: Kind, state: dict[str, Any]) -> None:
    """Refuses a call that comes too early, and counts it; not within what is undone then."""
    if kind.api and _too_early(cloud, "api", f"{project}/{kind.api}"):
        raise refusal(project, kind)
    for email in _accounts(state):
        if _too_early(cloud, "account", email):
            said = f"googleapi: Error 400: Service account {email} does not exist., badRequest"
            raise Refused(f"Error creating {kind.type.removeprefix('google_')}: {said}")


def _too_early(cloud: Cloud, what: What, name: str) -> bool:
    left = cloud.waits_for(what, name)
    if left:
        cloud.wait_for(what, name, left - 1)
    return left > 0


def _accounts(state: dict[str, Any]) -> Iterator[str]:
    for path in _NAMED:
        for _, value in strings(state, path):
            yield value.removeprefix("serviceAccount:").rsplit("/", 1)[-1]
