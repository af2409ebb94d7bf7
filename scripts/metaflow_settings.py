"""Writes which settings Metaflow's client reads, as the supported releases have them.

    python scripts/metaflow_settings.py PYTHON-WITH-OLDEST PYTHON-WITH-NEWEST

A test compares the file with the clients.
"""

import datetime as dt
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent.parent / "constructs/src/metaflow_gcp/metaflow/client_settings.json"

_READ = """
import ast, inspect, json
import metaflow
from metaflow import metaflow_config
from metaflow.metaflow_config_funcs import _all_configs
from metaflow.metaflow_version import get_version

choices = {}
for call in ast.walk(ast.parse(inspect.getsource(metaflow_config))):
    if isinstance(call, ast.Call) and getattr(call.func, "id", None) == "from_conf":
        for each in call.keywords:
            if each.arg == "validate_fn":
                choices["METAFLOW_" + call.args[0].value] = ast.literal_eval(each.value.args[0])
kinds = {list: "list", dict: "table", bool: "bool", int: "int", float: "float"}
keys = {
    name: choices.get(name) or kinds.get(type(each.value), "text") for name, each in sorted(_all_configs.items())
}
print(json.dumps({"version": get_version(), "keys": keys}))
"""


def read(python: str | Path) -> dict[str, Any]:
    """The client's release, and its settings: their names, and what each takes (`_all_configs`, metaflow_config.py)."""
    with tempfile.TemporaryDirectory() as home:
        told = subprocess.run(
            [python, "-c", _READ],
            cwd=home,
            env={"HOME": home, "METAFLOW_HOME": home},
            capture_output=True,
            text=True,
            check=True,
        )
    return dict(json.loads(told.stdout))


def main(pythons: list[str]) -> None:
    clients = [read(Path(each).absolute()) for each in pythons]
    keys: dict[str, Any] = {}
    for client in clients:
        keys |= client["keys"]
    document = {
        "version": 1,
        "read": dt.datetime.now(dt.UTC).date().isoformat(),
        "source": "metaflow/metaflow_config.py and metaflow/extension_support of the releases",
        "releases": [client["version"] for client in clients],
        "keys": dict(sorted(keys.items())),
    }
    FILE.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
