"""What Google's catalog calls the items of a price list.

Descriptions are those of SKUs, as https://cloud.google.com/skus shows them. A description ends in the name of a
place, which differs by service: where a SKU is sold, its `serviceRegions` say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from metaflow_gcp_tools.prices.book import Provisioning

COMPUTE, NETWORKING, SQL = "Compute Engine", "Networking", "Cloud SQL"


@dataclass(frozen=True, kw_only=True)
class Item:
    name: str
    service: str
    """Its display name."""
    description: re.Pattern[str]
    """Of the whole description."""
    units: float = 1
    """Of the SKU's in one of ours."""


_FAMILIES = {
    "a2": "A2 Instance",
    "a3": "A3 Instance",
    "a3-mega": "A3Plus Instance",
    "c2": "Compute optimized",
    "c2d": "C2D AMD Instance",
    "c3": "C3 Instance",
    "c3d": "C3D Instance",
    "c4": "C4 Instance",
    "c4a": "C4A Arm Instance",
    "c4d": "C4D Instance",
    "e2": "E2 Instance",
    "g2": "G2 Instance",
    "g4": "G4 Instance",
    "n1": "N1 Predefined Instance",
    "n2": "N2 Instance",
    "n2d": "N2D AMD Instance",
    "n4": "N4 Instance",
    "n4a": "N4A Instance",
    "n4d": "N4D Instance",
    "t2a": "T2A Arm Instance",
    "t2d": "T2D AMD Instance",
}

_GPUS = {
    "nvidia-a100-80gb": "Nvidia Tesla A100 80GB GPU",
    "nvidia-h100-80gb": "Nvidia H100 80GB GPU",
    "nvidia-h100-mega-80gb": "Nvidia H100 (?:80GB Mega|80GB Plus|Mega 80GB) GPU",
    "nvidia-l4": "Nvidia L4 GPU",
    "nvidia-rtx-pro-6000": "RTX 6000 96GB",
    "nvidia-tesla-a100": "Nvidia Tesla A100 GPU",
    "nvidia-tesla-p100": "Nvidia Tesla P100 GPU",
    "nvidia-tesla-p4": "Nvidia Tesla P4 GPU",
    "nvidia-tesla-t4": "Nvidia Tesla T4 GPU",
    "nvidia-tesla-v100": "Nvidia Tesla V100 GPU",
}

_DISKS = {
    "hyperdisk-balanced": "Hyperdisk Balanced",
    "pd-balanced": "Balanced PD",
    "pd-ssd": "SSD backed PD",
    "pd-standard": "Storage PD",
}

_SQL = {
    "vcpu": "vCPU",
    "memory": "RAM",
    "PD_SSD": "Standard storage",
    "PD_HDD": "Low cost storage",
    "db-f1-micro": "Micro instance",
    "db-g1-small": "Small instance",
}

_OTHERS = {
    "armor/policy": (NETWORKING, "Networking Cloud Armor Policy"),
    "armor/rule": (NETWORKING, "Networking Cloud Armor Rule"),
    "gke/cluster": ("Kubernetes Engine", "Regional Kubernetes Clusters"),
    "lb/forwarding-rule": (NETWORKING, "Cloud Load Balancer Forwarding Rule Minimum Global"),
    "logging/volume": ("Cloud Logging", "Log Storage cost"),
    "nat/address": (NETWORKING, "Networking Cloud NAT IP Usage"),
    "nat/data": (NETWORKING, "Networking Cloud Nat Data Processing"),
    "nat/node": (NETWORKING, "Networking Cloud Nat Gateway Uptime"),
    "psc/endpoint": (NETWORKING, "Networking Private Service Connect Consumer End Point"),
    "registry/storage": ("Artifact Registry", "Artifact Registry Storage"),
    "secret/version": ("Secret Manager", "Secret version replica storage"),
    "sql/backup": (SQL, "Cloud SQL: Backups in .+"),
    "storage/standard": ("Cloud Storage", "Standard Storage (?!.*Dual-region).+"),
}

_ENDS: dict[Provisioning, str] = {"on demand": "", "spot": "/spot", "flex-start": "/flex-start"}


def _items() -> Iterator[Item]:
    for family, called in _FAMILIES.items():
        short = called.removesuffix(" Instance")
        for item, which in (("vcpu", "Core"), ("memory", "Ram")):
            name = f"{item}/{family}"
            yield _compute(name, f"{called} {which} running in .+")
            yield _compute(f"{name}/spot", f"Spot Preemptible {called} {which} running in .+")
            yield _compute(f"{name}/flex-start", f"DWS Defined Duration {short} {which} running in .+")
    for gpu, called in _GPUS.items():
        yield _compute(f"gpu/{gpu}", f"{called} running in .+")
        yield _compute(f"gpu/{gpu}/spot", f"{called} attached to Spot Preemptible VMs running in .+")
        yield _compute(f"gpu/{gpu}/flex-start", f"{called} attached to DWS Defined Duration VMs running in .+")
    for disk, called in _DISKS.items():
        yield _compute(f"disk/{disk}", f"{called} Capacity( in .+)?")
    ssd = "SSD backed Local Storage"
    yield _compute("local-ssd/any", f"{ssd}( in .+)?")
    yield _compute("local-ssd/any/spot", f"{ssd} attached to Spot Preemptible VMs( in .+)?")
    yield _compute("local-ssd/any/flex-start", f"DWS Defined Duration {ssd}( running)?( in .+)?")
    for item, called in _SQL.items():
        yield _item(f"sql/{item}", SQL, f"Cloud SQL for PostgreSQL: Zonal - {called} in .+")
    for name, (service, description) in _OTHERS.items():
        yield _item(name, service, description)
    # Ours is a million samples.
    yield _item("monitoring/samples", "Cloud Monitoring", "Prometheus Samples Ingested", units=1e6)


def _compute(name: str, description: str) -> Item:
    return _item(name, COMPUTE, description)


def _item(name: str, service: str, description: str, units: float = 1) -> Item:
    return Item(name=name, service=service, description=re.compile(description), units=units)


ITEMS = tuple(_items())

FAMILIES = {"a3-megagpu": "a3-mega"}
"""Of machines whose vCPUs and memory are not sold at their family's price."""

LOCAL_SSD_GB = {"a2-ultragpu": 375, "a3-highgpu": 750, "a3-megagpu": 750}
"""For each GPU, part of the machine and paid for: https://cloud.google.com/compute/docs/accelerator-optimized-machines"""
