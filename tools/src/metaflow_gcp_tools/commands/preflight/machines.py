"""Whether every pool's machines and GPUs exist in its zones, and where else they do."""

from collections.abc import Iterator, Mapping

from metaflow_gcp_tools.checks import Check, State
from metaflow_gcp_tools.clients.unanswered import Unanswered
from metaflow_gcp_tools.commands.preflight.compute import Compute, Region
from metaflow_gcp_tools.platform.manifest import Manifest, Pool

TOPIC = "machines"


def check(manifest: Manifest, compute: Compute) -> Iterator[Check]:
    try:
        yield _zones(manifest, compute.regions())
    except Unanswered as error:
        yield Check.of(error, TOPIC, "zones")
    for pool in manifest.pools:
        yield from _pool(manifest, pool, compute)


def _zones(manifest: Manifest, regions: Mapping[str, Region]) -> Check:
    if manifest.region not in regions:
        return Check.failed(
            TOPIC,
            "zones",
            f"there is no region {manifest.region}",
            f"set `region` to one of {', '.join(sorted(regions))}",
        )
    there = regions[manifest.region].zones
    if missing := sorted(set(manifest.zones) - there):
        return Check.failed(
            TOPIC,
            "zones",
            f"{manifest.region} has no zone {', '.join(missing)}",
            f"set `zones` to some of {', '.join(sorted(there))}",
        )
    return Check.passed(TOPIC, "zones", f"{', '.join(manifest.zones)} exist")


def _pool(manifest: Manifest, pool: Pool, compute: Compute) -> Iterator[Check]:
    custom = "custom-" in pool.machine_type
    if custom:
        says = "Compute Engine does not list custom machine types"
        yield Check.skipped(TOPIC, _name(pool.machine_type, pool), says)
    wanted = [] if custom else [(pool.machine_type, compute.machine_types)]
    wanted += [(pool.gpu.type, compute.gpu_types)] if pool.gpu else []
    offered: dict[str, frozenset[str]] = {}
    for kind, offer in wanted:
        try:
            offered[kind] = offer().get(kind, frozenset())
        except Unanswered as error:
            yield Check.of(error, TOPIC, _name(kind, pool))
    for kind, zones in offered.items():
        # A zone fits that has both, machine and GPU.
        yield _offered(manifest, pool, kind, zones, frozenset.intersection(*offered.values()))


def _offered(manifest: Manifest, pool: Pool, kind: str, zones: frozenset[str], fitting: frozenset[str]) -> Check:
    missing = [zone for zone in pool.zones if zone not in zones]
    if not missing:
        return Check.passed(TOPIC, _name(kind, pool), f"in {', '.join(pool.zones)}")
    elsewhere = sorted(zone for zone in zones if _region(zone) == manifest.region)
    here = tuple(zone for zone in elsewhere if zone in fitting)
    regions = tuple(sorted({_region(zone) for zone in fitting} - {manifest.region}))
    if here:
        quoted = ", ".join(f'"{zone}"' for zone in here)
        next_step = f"set `zones = [{quoted}]`{_settings(pool)}"
    elif regions:
        next_step = f"set another `machine_type`{_settings(pool)}, or one of the regions {', '.join(regions)}"
    else:
        next_step = f"set another `machine_type`{_settings(pool)}: this one is not available to the project anywhere"
    return Check(
        topic=TOPIC,
        name=_name(kind, pool),
        state=State.FAIL,
        says=f"not in {', '.join(missing)}; "
        + (f"in {', '.join(elsewhere)}" if elsewhere else f"nor elsewhere in {manifest.region}"),
        next_step=f"{next_step}; see https://cloud.google.com/compute/docs/regions-zones",
        fits={"zones": here, "regions": regions},
    )


def _name(kind: str, pool: Pool) -> str:
    return f"{kind} for the pool {pool.name}"


def _region(zone: str) -> str:
    return zone.rpartition("-")[0]


def _settings(pool: Pool) -> str:
    """Where the settings have the pool's own; the system pool's zones are those of all."""
    if pool.name == "system":
        return ""
    return f" in [{'gpu' if pool.gpu else 'task'}_pools.{pool.name}]"
