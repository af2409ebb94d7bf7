"""Which CDK runs: CDKTF, or CDK Terrain, which continues it under other names.

The modules of this library import `cdktf` and `cdktf_cdktf_provider_*`. Where CDK Terrain runs, a finder answers these
names with its own modules, `cdktn` and `cdktn_provider_*`. They are the same objects under both names, so that an app
may use either.

`METAFLOW_GCP_CDK` chooses, `cdktf` or `cdktn`. Without it the one that is imported already runs; then CDKTF if it is
installed, so that nothing changes for an app because CDK Terrain is installed, too; then CDK Terrain.
"""

import os
import sys
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_CDKS = ("cdktf", "cdktn")
_VARIABLE = "METAFLOW_GCP_CDK"
_INSTALL = "pip install 'metaflow-gcp-constructs[{}]'"


class WrongCdk(ImportError):
    """No CDK is installed, or another one than `METAFLOW_GCP_CDK` asks for.

    Raised when the first construct is imported.
    """


def install() -> None:
    """Answer CDKTF's names from now on. Harmless when called twice."""
    if not any(isinstance(finder, _CdktnUnderCdktfsNames) for finder in sys.meta_path):
        sys.meta_path.insert(0, _CdktnUnderCdktfsNames())


class _CdktnUnderCdktfsNames(MetaPathFinder):
    def find_spec(self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        own = _name_in_cdktn(name)
        if own is None or _running() == "cdktf":
            return None
        return ModuleSpec(name, _Cdktn(own))


class _Cdktn(Loader):
    def __init__(self, name: str) -> None:
        self._name = name

    def create_module(self, _spec: ModuleSpec) -> ModuleType:
        module = import_module(self._name)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # It has run under its own name. Python has given it the spec of the other one since.
        module.__spec__ = self._spec


def _name_in_cdktn(name: str) -> str | None:
    package, dot, rest = name.partition(".")
    if package == "cdktf":
        return f"cdktn{dot}{rest}"
    provider = package.removeprefix("cdktf_cdktf_provider_")
    return None if provider == package else f"cdktn_provider_{provider}{dot}{rest}"


@cache
def _running() -> str:
    asked = os.environ.get(_VARIABLE)
    imported = [cdk for cdk in _CDKS if cdk in sys.modules]
    installed = [cdk for cdk in _CDKS if PathFinder.find_spec(cdk)]
    if asked and asked not in _CDKS:
        raise WrongCdk(f"{_VARIABLE} is {asked!r}. Allowed: cdktf, cdktn. Set it to one of them, or unset it.")
    if asked and asked not in installed:
        raise WrongCdk(f"{_VARIABLE} is {asked!r}, which is not installed. Run {_INSTALL.format(asked)}, or unset it.")
    if asked and imported and asked not in imported:
        raise WrongCdk(f"{_VARIABLE} is {asked!r}, but {imported[0]} is imported already. Import metaflow_gcp first.")
    if not installed:
        choices = " or ".join(_INSTALL.format(cdk) for cdk in _CDKS)
        raise WrongCdk(f"Neither cdktf nor cdktn is installed, and constructs need one of them. Run {choices}.")
    return asked or (imported or installed)[0]
