"""CDKTF constructs that run Metaflow on Google Cloud.

Importing this package makes the provider bindings lazy (see `_bindings.lazy_bindings`): import it before `cdktf` and
before any `cdktf_cdktf_provider_*` package. The names are those of `__init__.pyi`, each loaded when it is first used,
so that taking one construct costs one construct.
"""

import lazy_loader

from metaflow_gcp._bindings import lazy_bindings

lazy_bindings.install()

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
