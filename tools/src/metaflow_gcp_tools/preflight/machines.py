"""Whether every pool's machines and GPUs exist in its zones, and where else they do."""

from collections.abc import Callable, Iterator, Mapping

from metaflow_gcp_tools.manifest import Manifest, Pool
from metaflow_gcp_tools.preflight.answers import Unanswered
from metaflow_gcp_tools.preflight.checks import Check, State
from metaflow_gcp_tools.preflight.compute import Offer, Region


def check(
    manifest: Manifest,
    regions: Callable[[], Mapping[str, Region]],
    machine_types: Callable[[], Offer],
    gpu_types: Callable[[], Offer],
) -> Iterator[Check]:
    """The three give what was asked for, or raise `Unanswered`."""
    try:
        yield _zones(manifest, regions())
    except Unanswered as error:
        yield _unknown("zones", error)
    for pool in manifest.pools:
        yield from _pool(manifest, pool, machine_types, gpu_types)


def _zones(manifest: Manifest, regions: Mapping[str, Region]) -> Check:
    if manifest.region not in regions:
        return _failed(
            "zones",
            f"there is no region {manifest.region}",
            f"set `region` to one of {', '.join(sorted(regions))}",
        )
    there = regions[manifest.region].zones
    if missing := sorted(set(manifest.zones) - there):
        return _failed(
            "zones",
            f"{manifest.region} has no zone {', '.join(missing)}",
            f"set `zones` to some of {', '.join(sorted(there))}",
        )
    return _passed("zones", f"{', '.join(manifest.zones)} are there")


def _pool(
    manifest: Manifest, pool: Pool, machine_types: Callable[[], Offer], gpu_types: Callable[[], Offer]
) -> Iterator[Check]:
    name = f"{pool.machine_type} for the pool {pool.name}"
    try:
        if "custom-" in pool.machine_type:
            yield Check(
                topic="machines", name=name, state=State.SKIP, says="Compute Engine does not list custom machine types"
            )
        else:
            there = machine_types().get(pool.machine_type, frozenset())
            yield _offered(manifest, pool, name, there, _with_gpus(there, pool, gpu_types))
    except Unanswered as error:
        yield _unknown(name, error)
    if pool.gpu:
        name = f"{pool.gpu.type} for the pool {pool.name}"
        try:
            there = gpu_types().get(pool.gpu.type, frozenset())
            yield _offered(manifest, pool, name, there, there)
        except Unanswered as error:
            yield _unknown(name, error)


def _with_gpus(zones: frozenset[str], pool: Pool, gpu_types: Callable[[], Offer]) -> frozenset[str]:
    """Those of the zones that have the pool's GPUs, too, as far as that is known."""
    if pool.gpu is None:
        return zones
    try:
        return zones & gpu_types().get(pool.gpu.type, frozenset())
    except Unanswered:
        return zones


def _offered(manifest: Manifest, pool: Pool, name: str, there: frozenset[str], fitting: frozenset[str]) -> Check:
    missing = [zone for zone in pool.zones if zone not in there]
    if not missing:
        return _passed(name, f"in {', '.join(pool.zones)}")
    here = tuple(sorted(zone for zone in fitting if _region(zone) == manifest.region))
    regions = tuple(sorted({_region(zone) for zone in fitting} - {manifest.region}))
    if here:
        quoted = ", ".join(f'"{zone}"' for zone in here)
        next_step = f"set `zones = [{quoted}]`{_settings(pool)}"
    elif regions:
        next_step = f"set another `machine_type`{_settings(pool)}, or one of the regions {', '.join(regions)}"
    else:
        next_step = f"set another `machine_type`{_settings(pool)}: this one is offered to the project nowhere"
    return _failed(
        name,
        f"not in {', '.join(missing)}"
        + (f"; in {', '.join(here)}" if here else f", nor elsewhere in {manifest.region}"),
        f"{next_step}; see https://cloud.google.com/compute/docs/regions-zones",
        fits={"zones": here, "regions": regions},
    )


def _region(zone: str) -> str:
    return zone.rpartition("-")[0]


def _settings(pool: Pool) -> str:
    """Where the settings have the pool's own; the system pool's zones are those of all."""
    if pool.name == "system":
        return ""
    return f" in [{'gpu' if pool.gpu else 'task'}_pools.{pool.name}]"


def _passed(name: str, says: str) -> Check:
    return Check(topic="machines", name=name, state=State.PASS, says=says)


def _failed(name: str, says: str, next_step: str, fits: Mapping[str, tuple[str, ...]] | None = None) -> Check:
    return Check(
        topic="machines", name=name, state=State.FAIL, says=says, next_step=next_step, blocks=True, fits=fits or {}
    )


def _unknown(name: str, error: Unanswered) -> Check:
    return Check(topic="machines", name=name, state=State.UNKNOWN, says=str(error), next_step=error.next_step)
