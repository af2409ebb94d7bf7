"""Load provider bindings one resource at a time, in Python and in Node.

A bindings package's `__init__` imports every resource of its provider (Google's: about 1,470 modules), and its
JavaScript entry point does the same on Node's side. Both are needed for none of the output. Here the Python package is
loaded without running its `__init__`, and Node is told to take the `lazy-index.js` that lies beside the entry point.
Besides, Node loads assemblies while Python goes on importing (`background_loads`).
The synthesized JSON is the same byte for byte; a test compares it.

`METAFLOW_GCP_EAGER_BINDINGS=1` switches all of it off.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

_PREFIXES = ("cdktf_cdktf_provider_", "cdktn_provider_")
_PRELOAD = Path(__file__).with_name("lazy_bindings.cjs")


def install() -> None:
    """Make bindings that are imported from now on lazy. Harmless when called twice.

    Node is started by the first import of `cdktf`: when that came first, only Python's side becomes lazy.
    """
    if os.environ.get("METAFLOW_GCP_EAGER_BINDINGS") == "1":
        return
    if not any(isinstance(finder, _LazyBindingsFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _LazyBindingsFinder())
    options = os.environ.get("NODE_OPTIONS", "")
    # NODE_OPTIONS splits at spaces and knows double quotes with backslash escapes.
    quoted = str(_PRELOAD).replace("\\", "\\\\").replace('"', '\\"')
    if quoted not in options:
        options = f'{options} --require "{quoted}"'
    if "--max-semi-space-size" not in options:
        # Node keeps 32 MB for young objects; a synth makes few.
        options += " --max-semi-space-size=2"
    os.environ["NODE_OPTIONS"] = options.strip()


class _LazyBindingsFinder(MetaPathFinder):
    """Finds packages as Python would, but gives bindings a loader that does not run their `__init__`, and jsii ours."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if path is not None or not (name == "jsii" or name.startswith(_PREFIXES)):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None:
            return None
        if name == "jsii" and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _JsiiLoader(spec.loader.name, spec.loader.path)
            return spec
        if _is_eager_jsii_package(spec):
            spec.loader = _LazyPackageLoader()
            return spec
        return None


class _LazyPackageLoader(Loader):
    def exec_module(self, module: ModuleType) -> None:
        def load_submodule(attribute: str) -> ModuleType:
            name = f"{module.__name__}.{attribute}"
            # Probes such as `__all__` must fail as on any module, without a search of the package's folder.
            if attribute.startswith("__") or find_spec(name) is None:
                raise AttributeError(f"module {module.__name__!r} has no attribute {attribute!r}")
            return import_module(name)

        module.__getattr__ = load_submodule  # type: ignore[method-assign]


class _JsiiLoader(SourceFileLoader):
    """Puts our provider in front of the one of jsii's kernel."""

    def exec_module(self, module: ModuleType) -> None:
        from metaflow_gcp._bindings.background_loads import BackgroundLoads  # noqa: PLC0415 - not for those who use no jsii

        super().exec_module(module)
        module.kernel.provider = BackgroundLoads(module.kernel.provider)


def _is_eager_jsii_package(spec: ModuleSpec) -> bool:
    """Bindings made by jsii keep their assembly in `_jsii`; anything else under the prefix is left alone."""
    return any(Path(folder, "_jsii").is_dir() for folder in spec.submodule_search_locations or ())
