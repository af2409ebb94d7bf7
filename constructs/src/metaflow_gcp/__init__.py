"""CDKTF constructs that run Metaflow on Google Cloud.

Importing this package makes the provider bindings lazy (see `metaflow_gcp.lazy_bindings`): import it before any
`cdktf_cdktf_provider_*` package. The names below are loaded when they are first used, so that taking one construct
costs one construct.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from metaflow_gcp import lazy_bindings
from metaflow_gcp._version import __version__ as __version__

if TYPE_CHECKING:
    from metaflow_gcp.checks import InvalidProperties as InvalidProperties
    from metaflow_gcp.checks import Problem as Problem
    from metaflow_gcp.datastore import Datastore as Datastore
    from metaflow_gcp.datastore import DatastoreProps as DatastoreProps

lazy_bindings.install()

_MODULE_OF = {
    "Datastore": "datastore",
    "DatastoreProps": "datastore",
    "InvalidProperties": "checks",
    "Problem": "checks",
}

__all__ = ["__version__", *_MODULE_OF]


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
