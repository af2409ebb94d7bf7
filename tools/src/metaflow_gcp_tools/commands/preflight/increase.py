"""`--request`: files what is short with Cloud Quotas, once.

https://cloud.google.com/docs/quotas/reference/rest/v1/projects.locations.quotaPreferences
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from metaflow_gcp_tools.checks import Check, State
from metaflow_gcp_tools.clients.unanswered import Unanswered
from metaflow_gcp_tools.commands.preflight import cloud_quotas
from metaflow_gcp_tools.commands.preflight.answers import Google
from metaflow_gcp_tools.commands.preflight.cloud_quotas import SERVICE, QuotaName
from metaflow_gcp_tools.commands.preflight.quotas import enough, name_of
from metaflow_gcp_tools.platform.manifest import Manifest, Quota


class Outcome(StrEnum):
    TO_FILE = "to file"
    FILED = "filed"
    PENDING = "pending"
    """It was filed before, and Google has not decided."""
    ANSWERED = "answered"
    """It was filed before, and Google granted less, or has not brought it into effect yet."""
    IMPOSSIBLE = "impossible"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Increase:
    """Of one quota."""

    check: str
    """The name of the check that found it too small."""
    quota: QuotaName
    wanted: int
    outcome: Outcome
    says: str = ""
    preference: str = ""
    """The full name of an older request for less, which is changed: there is one for each quota."""


def planned(google: Google, manifest: Manifest, checks: Sequence[Check]) -> Iterator[Increase]:
    """What is to be filed for quotas that are too small, and what not. Raises `Unanswered`."""
    short = [
        (check, quota)
        for check in checks
        for quota in manifest.quotas
        if check.topic == "quotas" and check.state in (State.WARN, State.FAIL) and check.name == name_of(quota)
    ]
    preferences = _preferences(google) if short else []
    for check, quota in short:
        yield _planned(google, check, quota, preferences)


def not_known(manifest: Manifest, checks: Sequence[Check]) -> list[str]:
    """The quotas that no check has read: whether they are too small, nobody knows."""
    read = {
        check.name
        for check in checks
        if check.topic == "quotas" and check.state in (State.PASS, State.WARN, State.FAIL)
    }
    return [name_of(quota) for quota in manifest.quotas if name_of(quota) not in read]


def _planned(google: Google, check: Check, quota: Quota, preferences: Sequence[Mapping[str, Any]]) -> Increase:
    found = cloud_quotas.find(google, quota.metric, quota.region)
    increase = Increase(
        check=check.name,
        quota=found.name if found else cloud_quotas.names(quota.metric, quota.region)[0],
        wanted=enough(quota, check.in_use),
        outcome=Outcome.IMPOSSIBLE,
        says="Cloud Quotas does not list it",
    )
    if found is None:
        return increase
    older = next((each for each in preferences if _is_for(each, found.name)), None)
    config = older.get("quotaConfig", {}) if older else {}
    if older and int(config.get("preferredValue", 0)) >= increase.wanted:
        if older.get("reconciling"):
            return replace(increase, outcome=Outcome.PENDING, says="filed earlier; Google has not decided yet")
        said = f"filed earlier; granted {config.get('grantedValue', '0')}. {config.get('stateDetail', '')}"
        return replace(increase, outcome=Outcome.ANSWERED, says=said.strip())
    if found.refused_because:
        return replace(increase, says=f"Google does not accept requests for it: {found.refused_because}")
    return replace(increase, outcome=Outcome.TO_FILE, says="", preference=older["name"] if older else "")


def file(google: Google, increase: Increase, *, contact: str, environment: str) -> Increase:
    """File one that is to be filed. Not tried again when it fails: nobody knows whether it arrived."""
    quota = increase.quota
    body = {
        "service": SERVICE,
        "quotaId": quota.quota_id,
        "dimensions": dict(quota.dimensions),
        "quotaConfig": {"preferredValue": str(increase.wanted)},
        "contactEmail": contact,
        "justification": f"Node pools of a Metaflow platform on GKE, environment {environment}, at their maximum.",
    }

    verb, asked = "create", {"parent": _parent(google), "quotaPreferenceId": _id(quota), "body": body}
    if increase.preference:
        verb, asked = "patch", {"name": increase.preference, "body": {**body, "name": increase.preference}}
    try:
        answer = google.ask(f"cloudquotas.projects.locations.quotaPreferences.{verb}", retries=0, **asked)
    except Unanswered as error:
        return replace(increase, outcome=Outcome.FAILED, says=error.what)
    granted = answer.get("quotaConfig", {}).get("grantedValue", "0")
    if int(granted) >= increase.wanted:
        return replace(increase, outcome=Outcome.FILED, says="granted at once; takes effect within minutes")
    return replace(increase, outcome=Outcome.FILED, says=f"Google answers to {contact}")


def _preferences(google: Google) -> list[Mapping[str, Any]]:
    pages = google.pages("cloudquotas.projects.locations.quotaPreferences.list", parent=_parent(google))
    return [each for page in pages for each in page.get("quotaPreferences", ())]


def _is_for(preference: Mapping[str, Any], quota: QuotaName) -> bool:
    return (preference.get("service"), preference.get("quotaId"), preference.get("dimensions", {})) == (
        SERVICE,
        quota.quota_id,
        dict(quota.dimensions),
    )


def _id(quota: QuotaName) -> str:
    """The same for the same quota: Google refuses a second one, even from two machines at once."""
    short = quota.quota_id.removesuffix("-region").removesuffix("-per-project")
    return re.sub("[^a-z0-9]+", "-", "-".join((short, *sorted(quota.dimensions.values()))).lower())


def _parent(google: Google) -> str:
    return f"projects/{google.project}/locations/global"
