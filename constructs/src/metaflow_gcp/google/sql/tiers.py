"""Cloud SQL's machine types for Postgres in edition ENTERPRISE. Needs no Node.

https://cloud.google.com/sql/docs/postgres/instance-settings (cores, memory).
"""

import re

from metaflow_gcp.checks import Checks, is_token

SHARED_CORE = ("db-f1-micro", "db-g1-small")
"""For trials: outside Cloud SQL's service level, and 25 (micro) or 50 (small) connections at most."""

_CUSTOM = re.compile(r"db-custom-([1-9][0-9]{0,3})-([1-9][0-9]{0,7})")

_MAX_CPUS = 96
_MEMORY_STEP_MB = 256
_MIN_MEMORY_MB = 3840
_MIN_MB_PER_CPU = 0.9 * 1024
_MAX_MB_PER_CPU = 6.5 * 1024

_FORMS = "db-f1-micro, db-g1-small, or db-custom-<vCPUs>-<memory in MB> such as db-custom-2-7680"


def check(checks: Checks, where: str, tier: str) -> None:
    """Add every problem of a tier."""
    if is_token(tier) or tier in SHARED_CORE:
        return
    match = _CUSTOM.fullmatch(tier)
    if match is None:
        fix = f"set {where} to one of these forms"
        if tier.startswith("db-perf-optimized-"):
            fix += "; the db-perf-optimized tiers belong to edition ENTERPRISE_PLUS, which the platform does not use"
        checks.add(where, wrong=f"{tier!r} is not a tier of edition ENTERPRISE", allowed=_FORMS, fix=fix)
        return
    cpus, memory = int(match[1]), int(match[2])
    if cpus > _MAX_CPUS or (cpus > 1 and cpus % 2):
        checks.add(
            where,
            wrong=f"{tier!r} has {cpus} vCPUs",
            allowed=f"1, or an even number up to {_MAX_CPUS}",
            fix=f"choose {min(cpus + 1, _MAX_CPUS)} vCPUs",
        )
        return  # the bounds of the memory follow from the vCPUs
    low, high = _memory_bounds(cpus)
    if not low <= memory <= high or memory % _MEMORY_STEP_MB:
        checks.add(
            where,
            wrong=f"{tier!r} has {memory} MB of memory",
            allowed=f"{low} to {high} MB for {cpus} vCPU(s), a multiple of {_MEMORY_STEP_MB} "
            "(0.9 to 6.5 GB per vCPU, 3.75 GB at least)",
            fix=f'set {where} to "db-custom-{cpus}-{_nearest(memory, low, high)}"',
        )


def _memory_bounds(cpus: int) -> tuple[int, int]:
    """The least and the most MB, both multiples of 256."""
    low = max(_MIN_MEMORY_MB, _round_up(cpus * _MIN_MB_PER_CPU))
    return low, int(cpus * _MAX_MB_PER_CPU)


def _nearest(memory: int, low: int, high: int) -> int:
    return min(max(_round_up(memory), low), high)


def _round_up(memory: float) -> int:
    return int(-(-memory // _MEMORY_STEP_MB) * _MEMORY_STEP_MB)


# Least memory in MB -> `max_connections`. https://cloud.google.com/sql/docs/postgres/flags#postgres-m
_CONNECTIONS = ((122880, 1000), (61440, 800), (30720, 600), (15360, 500), (7680, 400), (6144, 200), (3840, 100))
_SHARED_CORE_CONNECTIONS = {"db-f1-micro": 25, "db-g1-small": 50}

RESERVED_CONNECTIONS = 10
"""Of the superuser, Cloud SQL's own agents, and a person who looks."""


def max_connections(tier: str) -> int | None:
    """Connections that the tier's servers accept; `None` when only Terraform knows the tier."""
    if tier in _SHARED_CORE_CONNECTIONS:
        return _SHARED_CORE_CONNECTIONS[tier]
    match = _CUSTOM.fullmatch(tier)
    memory = int(match[2]) if match else None
    return next((most for least, most in _CONNECTIONS if memory >= least), None) if memory is not None else None
