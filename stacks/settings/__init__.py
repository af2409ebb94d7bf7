"""What a deployment is configured by: a TOML file and the environment, checked as a whole. Needs no Node.

    settings = load_settings()

Every problem is found at once; `InvalidSettings` holds them.
"""

from stacks.settings.loading.errors import InvalidSettings
from stacks.settings.model import Settings, load_settings
from stacks.settings.tables.access import Access
from stacks.settings.tables.backend import Backend
from stacks.settings.tables.cluster import AutoProvisioning, Cluster, Maintenance
from stacks.settings.tables.data import Database, Images, MetadataService, Registry, Storage
from stacks.settings.tables.jobs import Argo, Jobs, JobSet
from stacks.settings.tables.network import ExistingNetwork, Network
from stacks.settings.tables.pools import GpuPool, SystemPool, TaskPool

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
