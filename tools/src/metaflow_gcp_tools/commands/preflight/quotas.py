"""What the settings draw on each quota, at first start and at their maximum, against what is free."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from metaflow_gcp_tools.checks import Check, State
from metaflow_gcp_tools.clients.unanswered import Unanswered
from metaflow_gcp_tools.commands.preflight.compute import Compute, Level
from metaflow_gcp_tools.commands.preflight.fits import where_it_fits
from metaflow_gcp_tools.platform.manifest import Manifest, Pool, PoolGpus, Quota

NAMED = 5
"""Of the regions that would fit, so many are said; `--json` has all."""


@dataclass(frozen=True)
class Quotas:
    """All quotas of a manifest."""

    manifest: Manifest
    compute: Compute
    elsewhere: Callable[[str, str | None], Level | None]
    """Cloud Quotas, for a metric and region that Compute Engine does not list. It may raise `Unanswered`."""

    def check(self) -> Iterator[Check]:
        for quota in self.manifest.quotas:
            try:
                yield self._check(quota)
            except Unanswered as error:
                yield replace(Check.of(error, "quotas", name_of(quota)), need=_need(quota))
        for pool in self.manifest.pools:
            if pool.gpu and pool.gpu.quota_metric is None:
                yield self._without_metric(pool, pool.gpu)

    def _check(self, quota: Quota) -> Check:
        level = self._listed(quota).get(quota.metric) or self._told_elsewhere(quota)
        if level is None:
            return Check(
                topic="quotas",
                name=name_of(quota),
                state=State.UNKNOWN,
                says=f"neither Compute Engine nor Cloud Quotas lists {quota.metric}; that does not mean zero",
                next_step=f"look for it in {self._page()}",
                need=_need(quota),
            )
        if quota.at_start > max(level.free, 0):
            return self._short(quota, level, State.FAIL, f"the deployment fails: it needs {quota.at_start} to start")
        if quota.at_maximum > level.free:
            return self._short(quota, level, State.WARN, f"the deployment works, but {self._stays_small(quota, level)}")
        says = "no limit" if math.isinf(level.limit) else "enough"
        if level.in_use is None:
            says += ", according to Cloud Quotas, which does not report usage"
        return _measured(quota, level, State.PASS, says)

    def _listed(self, quota: Quota) -> Mapping[str, Level]:
        if quota.region is None:
            return self.compute.of_all_regions()
        region = self.compute.regions().get(quota.region)
        return region.quotas if region else {}

    def _told_elsewhere(self, quota: Quota) -> Level | None:
        try:
            return self.elsewhere(quota.metric, quota.region)
        except Unanswered as error:
            raise error.but(what=f"Compute Engine does not list this metric, and {error.what}") from None

    def _short(self, quota: Quota, level: Level, state: State, says: str) -> Check:
        fits = self._fits(quota)
        where = [
            f"{name} {', '.join(found[:NAMED])}" + (f" and {len(found) - NAMED} more" if len(found) > NAMED else "")
            for name, found in (("in", fits.get("regions", ())), ("here with", fits.get("gpu_types", ())))
            if found
        ]
        return _measured(
            quota,
            level,
            state,
            says + (f"; available now: {'; '.join(where)}" if where else ""),
            next_step=f"request {enough(quota, level.in_use)}: `metaflow-gcp preflight --request`, or {self._page()}",
            fits=fits,
        )

    def _stays_small(self, quota: Quota, level: Level) -> str:
        """What cannot grow, and how far it can."""
        pools = [
            (pool, pool.gpu)
            for pool in self.manifest.pools
            if pool.gpu and quota.metric in (pool.gpu.quota_metric, "GPUS_ALL_REGIONS")
        ]
        if len(pools) == 1:
            pool, gpu = pools[0]
            nodes = int(level.free // gpu.count)
            can = f"can grow to {nodes} of {pool.max_nodes} nodes only" if nodes > 0 else "cannot start a node"
            return f"the pool {pool.name} {can}"
        who = f"the pools {', '.join(pool.name for pool, _ in pools)}" if pools else "the pools"
        return f"{who} can grow to {max(level.free, 0):g} of {quota.at_maximum} only"

    def _fits(self, quota: Quota) -> dict[str, tuple[str, ...]]:
        """As far as that is known."""
        try:
            gpu_types = self.compute.gpu_types() if "NVIDIA" in quota.metric else None
            return where_it_fits(quota, self.compute.regions(), self.compute.of_all_regions(), gpu_types)
        except Unanswered:
            return {}

    def _without_metric(self, pool: Pool, gpu: PoolGpus) -> Check:
        need = {"at_start": gpu.count * pool.min_nodes, "at_maximum": gpu.count * pool.max_nodes}
        return Check(
            topic="quotas",
            name=f"{gpu.type} for the pool {pool.name}",
            state=State.UNKNOWN,
            says="Google documents no metric for this GPU",
            next_step=f"look for its quota in {self._page()}",
            need=need,
        )

    def _page(self) -> str:
        return f"https://console.cloud.google.com/iam-admin/quotas?project={self.manifest.project}"


def name_of(quota: Quota) -> str:
    """As the check is called."""
    return f"{quota.metric} in {quota.region or 'all regions'}"


def enough(quota: Quota, in_use: float | None) -> int:
    """The limit that leaves as much free as the settings need at their maximum."""
    return math.ceil(quota.at_maximum + (in_use or 0))


def _need(quota: Quota) -> dict[str, int]:
    return {"at_start": quota.at_start, "at_maximum": quota.at_maximum}


def _measured(
    quota: Quota,
    level: Level,
    state: State,
    says: str,
    *,
    next_step: str = "",
    fits: Mapping[str, tuple[str, ...]] | None = None,
) -> Check:
    return Check(
        topic="quotas",
        name=name_of(quota),
        state=state,
        says=says,
        next_step=next_step,
        need=_need(quota),
        limit=None if math.isinf(level.limit) else level.limit,
        in_use=level.in_use,
        fits=fits or {},
    )
