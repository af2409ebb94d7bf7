"""GPUs of node pools: which machine types have them, how many, and what is left of the quotas.

The table is the rehearsal's own, and not read from the library's catalogue on purpose: a mistake there is to be refused
here. tests/rehearsal/cloud/google/test_gpus.py compares the two.
https://cloud.google.com/compute/docs/gpus
"""

import re
from typing import Any

from rehearsal.cloud.google.request import Request

GPUS = {
    "nvidia-l4": (r"g2-standard-(?P<n>4|8|12|16|32|24|48|96)$", "NVIDIA_L4_GPUS"),
    "nvidia-tesla-a100": (r"a2-(highgpu-[1248]g|megagpu-16g)$", "NVIDIA_A100_GPUS"),
    "nvidia-a100-80gb": (r"a2-ultragpu-[1248]g$", "NVIDIA_A100_80GB_GPUS"),
    "nvidia-h100-80gb": (r"a3-highgpu-[1248]g$", "NVIDIA_H100_GPUS"),
    "nvidia-h100-mega-80gb": (r"a3-megagpu-8g$", "NVIDIA_H100_MEGA_GPUS"),
    "nvidia-h200-141gb": (r"a3-ultragpu-8g$", "NVIDIA_H200_GPUS"),
    "nvidia-b200": (r"a4-highgpu-8g$", "NVIDIA_B200_GPUS"),
    "nvidia-rtx-pro-6000": (r"g4-standard-(48|96|192|384)$", ""),
    "nvidia-tesla-t4": (r"n1-", "NVIDIA_T4_GPUS"),
    "nvidia-tesla-v100": (r"n1-", "NVIDIA_V100_GPUS"),
    "nvidia-tesla-p4": (r"n1-", "NVIDIA_P4_GPUS"),
    "nvidia-tesla-p100": (r"n1-", "NVIDIA_P100_GPUS"),
}
"""Accelerator type -> the machine types it comes with, and its regional quota metric ("" where none is known)."""

_G2 = {"24": 2, "48": 4, "96": 8}
_G4 = {"48": 1, "96": 2, "192": 4, "384": 8}
_N1 = {
    "nvidia-tesla-t4": (1, 2, 4),
    "nvidia-tesla-v100": (1, 2, 4, 8),
    "nvidia-tesla-p4": (1, 2, 4),
    "nvidia-tesla-p100": (1, 2, 4),
}


def accelerator_fits(request: Request) -> None:
    """A GPU comes with certain machine types, in certain numbers."""
    machine = str(request.get("node_config.machine_type", "e2-medium"))
    accelerator = request.get("node_config.guest_accelerator.type")
    count = request.get("node_config.guest_accelerator.count", 0)
    path = ("node_config", 0, "guest_accelerator")
    if not accelerator:
        return
    if accelerator not in GPUS and not _is_known(machine):
        request.cloud.note(f"{request.key.id}: whether there is a {accelerator} for {machine} is not known here")
        return
    if accelerator not in GPUS:
        raise request.refuse(
            f'googleapi: Error 400: Accelerator type "{accelerator}" does not exist in zone., badRequest', path=path
        )
    if not re.match(GPUS[accelerator][0], machine):
        raise request.refuse(
            f'googleapi: Error 400: Accelerator type "{accelerator}" is not supported with machine type '
            f'"{machine}"., badRequest',
            path=path,
        )
    if str(request.get("location", "")).count("-") == 1 and not request.get("node_locations"):
        raise request.refuse(
            f'googleapi: Error 400: Accelerator type "{accelerator}" does not exist in every zone of '
            f"{request.get('location')}: node_locations must name the zones., badRequest",
            path=("node_locations",),
        )
    allowed = per_node(accelerator, machine)
    if count not in allowed:
        raise request.refuse(
            f"googleapi: Error 400: {machine} takes {' or '.join(map(str, allowed))} of {accelerator}, not "
            f"{count}., badRequest",
            path=path,
        )


def _is_known(machine: str) -> bool:
    """Whether it is of a family whose GPUs are known; newer ones come every few months."""
    families = {re.split(r"[-(]", pattern, maxsplit=1)[0] for pattern, _ in GPUS.values()}
    return machine.split("-", 1)[0] in families | {"e2", "c3", "n2", "n4"}


def per_node(accelerator: str, machine: str) -> tuple[int, ...]:
    """How many of an accelerator a machine type may have."""
    if machine.startswith("n1-"):
        return _N1[accelerator]
    size = machine.rsplit("-", 1)[-1]
    if machine.startswith("g2-"):
        return (_G2.get(size, 1),)
    return (_G4[size],) if machine.startswith("g4-") else (int(size.removesuffix("g")),)


def gpu_quota(request: Request) -> None:
    """The nodes a pool starts with must fit in what is left of the quotas. A metric nobody set is not limited."""
    accelerator = request.get("node_config.guest_accelerator.type")
    if not accelerator or accelerator not in GPUS:
        return
    location = str(request.get("location", ""))
    region = "-".join(location.split("-")[:2])
    needed = _gpus(request.state)
    metric = _metric(request.state)
    others = [
        each.state
        for each in request.cloud.all("google_container_node_pool", request.project)
        if each.key != request.key
    ]
    for where, name, same in (
        (region, metric, [o for o in others if _metric(o) == metric and str(o["location"]).startswith(region)]),
        ("global", "GPUS_ALL_REGIONS", others),
    ):
        limit = request.cloud.quota(request.project, where, name)
        used = sum(_gpus(other) for other in same)
        if limit is not None and used + needed > limit:
            raise request.refuse(
                f'googleapi: Error 403: Insufficient quota to satisfy the request: resource "{name}": request requires '
                f"'{needed:.1f}' and is short '{used + needed - limit:.1f}'. project has a quota of '{limit:.1f}' with "
                f"'{limit - used:.1f}' available in {where}., forbidden"
            )


def _metric(pool: dict[str, Any]) -> str:
    config = (pool.get("node_config") or [{}])[0]
    accelerator = (config.get("guest_accelerator") or [{}])[0].get("type")
    spot = config.get("spot") or config.get("preemptible")
    return ("PREEMPTIBLE_" if spot else "") + GPUS[accelerator][1] if accelerator in GPUS else ""


def _gpus(pool: dict[str, Any]) -> float:
    """The GPUs of the nodes a pool has from the start."""
    config = (pool.get("node_config") or [{}])[0]
    accelerators = config.get("guest_accelerator") if isinstance(config, dict) else None
    if not isinstance(accelerators, list) or not accelerators:
        return 0.0
    location = str(pool.get("location", ""))
    zones = pool.get("node_locations")
    spread = len(zones) if isinstance(zones, list) and zones else 3 if location.count("-") == 1 else 1
    scaling = (pool.get("autoscaling") or [{}])[0]
    counts = [pool.get("initial_node_count"), pool.get("node_count"), scaling.get("min_node_count")]
    nodes = max(
        [spread * each for each in counts if isinstance(each, int)] + [scaling.get("total_min_node_count") or 0]
    )
    return float(nodes * (accelerators[0].get("count") or 0))
