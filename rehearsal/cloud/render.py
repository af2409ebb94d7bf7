"""Real Helm, to render local charts: its Go library, which PyPI's helm-python-sdk brings, or the program `helm`.

`python -m rehearsal.cloud.render` renders what standard input says: Go's runtime stays out of the provider's process.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from rehearsal.protocol.errors import Refused

_PROJECT = Path(__file__).parent.parent.parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RENDERED: dict[str, str] = {}


def render(folder: Path, values: dict[str, Any], *, name: str, namespace: str) -> list[dict[str, Any]]:
    """The objects of a chart, hooks included."""
    asked = {"values": values, "name": name, "namespace": namespace}
    # The same chart with the same values is rendered once: for the plan, and to install it.
    key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode())
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        key.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
    digest = key.hexdigest()
    if digest not in _RENDERED:
        _RENDERED[digest] = _rendered(folder, asked)
    return [each for each in yaml.load_all(_RENDERED[digest], Loader=_LOADER) if each]


def _rendered(folder: Path, asked: dict[str, Any]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "rehearsal.cloud.render"],
        input=json.dumps({"folder": str(folder.absolute()), **asked}),
        capture_output=True,
        text=True,
        cwd=_PROJECT,
        check=False,
    )
    if done.returncode:
        raise Refused(f"failed to render the chart {folder.name}", done.stderr.strip(), path=("chart",))
    return done.stdout


def _manifests(folder: str, values: dict[str, Any], name: str, namespace: str) -> str:
    if find_spec("helm_python"):
        import helm_python

        try:
            with helm_python.Chart.load(folder) as chart:
                rendered = chart.render(values, name=name, namespace=namespace)
        except helm_python.HelmError as error:
            sys.exit(str(error))
        return "\n---\n".join(text for path, text in rendered.items() if not path.endswith(("NOTES.txt", ".tpl")))
    helm = shutil.which("helm")
    if helm is None:
        sys.exit(
            "Helm is not installed: `make setup` brings helm-python-sdk for Linux with glibc 2.28, macOS and Windows; "
            "elsewhere install the program helm (https://helm.sh/docs/intro/install/)."
        )
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as scratch:
        file = Path(scratch) / "values.json"
        file.write_text(json.dumps(values), encoding="utf-8")
        arguments = ["template", name, folder, "--namespace", namespace, "--values", str(file)]
        done = subprocess.run([helm, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


if __name__ == "__main__":
    print(_manifests(**json.load(sys.stdin)))  # noqa: T201 - the answer
