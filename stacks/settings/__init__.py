"""What a deployment is configured by: a TOML file and the environment, checked as a whole. Needs no Node.

    settings = load_settings()

Every problem is found at once; `InvalidSettings` holds them.
"""

from stacks.settings.access import Access
from stacks.settings.backend import Backend
from stacks.settings.cluster import AutoProvisioning, Cluster, Maintenance
from stacks.settings.data import Database, Images, MetadataService, Registry, Storage
from stacks.settings.invalid import InvalidSettings
from stacks.settings.jobs import Argo, Jobs, JobSet
from stacks.settings.model import Settings, load_settings
from stacks.settings.network import ExistingNetwork, Network
from stacks.settings.pools import GpuPool, SystemPool, TaskPool

__all__ = [
    "Access",
    "Argo",
    "AutoProvisioning",
    "Backend",
    "Cluster",
    "Database",
    "ExistingNetwork",
    "GpuPool",
    "Images",
    "InvalidSettings",
    "JobSet",
    "Jobs",
    "Maintenance",
    "MetadataService",
    "Network",
    "Registry",
    "Settings",
    "Storage",
    "SystemPool",
    "TaskPool",
    "load_settings",
]
