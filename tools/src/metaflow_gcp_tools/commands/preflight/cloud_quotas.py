"""Cloud Quotas: what Compute Engine's own lists leave out, such as H100 and later GPUs; and where increases are filed.

https://cloud.google.com/docs/quotas/reference/rest
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered
from metaflow_gcp_tools.commands.preflight.answers import Google
from metaflow_gcp_tools.commands.preflight.compute import Level

SERVICE = "compute.googleapis.com"
UNLIMITED = -1


@dataclass(frozen=True)
class QuotaName:
    """What Cloud Quotas calls a metric of Compute Engine's in a region."""

    quota_id: str
    dimensions: Mapping[str, str]


@dataclass(frozen=True)
class Quota:
    name: QuotaName
    limit: float | None
    """`None`: it is there, and has no value for this region."""
    refused_because: str
    """Why an increase cannot be asked for; empty when it can."""


def names(metric: str, region: str | None) -> list[QuotaName]:
    """The likely one first. GPUs from H100 on are, on demand, counted in one quota by their family."""
    base = metric.replace("_", "-")
    if region is None:
        return [QuotaName(f"{base}-per-project", {})]
    own = QuotaName(f"{base}-per-project-region", {"region": region})
    if not metric.startswith("NVIDIA_"):
        return [own]
    family = {"region": region, "gpu_family": metric.removesuffix("_GPUS")}
    return [own, QuotaName("GPUS-PER-GPU-FAMILY-per-project-region", family)]


def find(google: Google, metric: str, region: str | None) -> Quota | None:
    """The quota, or `None` when Cloud Quotas does not list it either. Raises `Unanswered`."""
    for name in names(metric, region):
        try:
            found = _get(google, name)
        except Unanswered as error:
            if error.cause is Cause.NOT_FOUND:
                continue
            raise
        eligibility = found.get("quotaIncreaseEligibility", {"isEligible": True})
        refused = "" if eligibility.get("isEligible") else eligibility.get("ineligibilityReason", "no reason given")
        return Quota(name, _limit(found.get("dimensionsInfos", ()), name.dimensions), refused)
    return None


def level(google: Google, metric: str, region: str | None) -> Level | None:
    """The limit, without what is in use: Cloud Quotas does not tell that. Raises `Unanswered`."""
    quota = find(google, metric, region)
    return None if quota is None or quota.limit is None else Level(quota.limit, None)


def _limit(infos: Iterable[Mapping[str, Any]], dimensions: Mapping[str, str]) -> float | None:
    """Of the first that applies: they come the more specific ones first."""
    location = dimensions.get("region", "global")
    for info in infos:
        of, locations = info.get("dimensions", {}), info.get("applicableLocations", ())
        if (not locations or location in locations) and all(dimensions.get(key) == of[key] for key in of):
            # JSON of Google's leaves out a number that is 0: https://protobuf.dev/programming-guides/json/
            value = int(info.get("details", {}).get("value", 0))
            return float("inf") if value == UNLIMITED else value
    return None


def _get(google: Google, name: QuotaName) -> Any:
    path = f"projects/{google.project}/locations/global/services/{SERVICE}/quotaInfos/{name.quota_id}"
    return google.ask("cloudquotas.projects.locations.services.quotaInfos.get", name=path)
