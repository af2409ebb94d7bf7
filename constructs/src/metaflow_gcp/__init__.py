"""CDKTF constructs that run Metaflow on Google Cloud.

Importing this package makes CDK Terrain answer to CDKTF's names where it runs (see `_bindings.cdk`), and the provider
bindings lazy (see `_bindings.lazy_bindings`): import it before `cdktf` and before any `cdktf_cdktf_provider_*` package.
The names are those of `__init__.pyi`, each loaded when it is first used: taking one construct costs one construct.
"""

import lazy_loader

from metaflow_gcp._bindings import cdk, lazy_bindings

cdk.install()
lazy_bindings.install()

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
