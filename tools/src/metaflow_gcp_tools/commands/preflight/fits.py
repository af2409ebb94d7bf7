"""Where as much as a quota lacks here is free at this moment."""

from collections.abc import Iterable, Mapping

from metaflow_gcp_tools.commands.preflight.compute import Level, Offer, Region
from metaflow_gcp_tools.platform import machine_types
from metaflow_gcp_tools.platform.manifest import Quota

PREEMPTIBLE = "PREEMPTIBLE_"


def where_it_fits(
    quota: Quota, regions: Mapping[str, Region], of_all_regions: Mapping[str, Level], gpu_types: Offer | None
) -> dict[str, tuple[str, ...]]:
    """Other `regions`, and for a GPU other `gpu_types` in this region. Nothing while all regions together are short.

    `gpu_types` is where there are which, and `None` for a quota that is not of a GPU.
    """
    here, wanted = quota.region, quota.at_maximum
    if here is None:
        return {}
    if gpu_types is not None and of_all_regions.get("GPUS_ALL_REGIONS", Level(0, None)).free < wanted:
        return {}

    def free(region: str, metric: str) -> bool:
        level = regions[region].quotas.get(metric)
        return level is not None and level.free >= wanted

    def offered(region: str, types: Iterable[str]) -> bool:
        if gpu_types is None:
            return True
        return any(zone in regions[region].zones for each in types for zone in gpu_types.get(each, ()))

    own, others = _gpus(quota.metric)
    return {
        "regions": tuple(
            sorted(
                (region for region in regions if free(region, quota.metric) and offered(region, own)),
                # The near ones first: us-* for us-west1.
                key=lambda region: (region.partition("-")[0] != here.partition("-")[0], region),
            )
        ),
        "gpu_types": tuple(
            gpu
            for gpu, metric in others.items()
            if gpu_types is not None and here in regions and free(here, metric) and offered(here, [gpu])
        ),
    }


def _gpus(metric: str) -> tuple[list[str], dict[str, str]]:
    """The types of GPU that draw on a metric, and the metric that each other type would draw on in their place."""
    prefix = PREEMPTIBLE if metric.startswith(PREEMPTIBLE) else ""
    on_demand = metric.removeprefix(PREEMPTIBLE)
    known = {gpu: own for gpu, own in machine_types.gpu_quota_metrics().items() if own}
    others = {gpu: f"{prefix}{own}" for gpu, own in known.items() if own != on_demand}
    return [gpu for gpu, own in known.items() if own == on_demand], others
