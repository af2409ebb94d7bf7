"""What a client makes of the flows in `variants`."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.metaflow.laptop import Laptop
from tests.metaflow.stand_ins import Kubernetes, Request
from tests.metaflow.variants import VARIANTS, Variant

_HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Deployed:
    said: dict[str, list[tuple[int, str]]]
    """A flow's name -> with which code its commands ended, and what they said."""
    requests: list[Request]
    """What was asked of Kubernetes."""
    options: list[str]
    """All that `argo-workflows create` knows."""
    decorators: list[str]
    """All that the client knows."""

    def made(self, resource: str, name: str) -> dict[str, Any]:
        """The object that was sent last."""
        [*_, found] = [
            each.body
            for each in self.requests
            if each.resource == resource and each.verb in {"create", "update"} and each.body["metadata"]["name"] == name
        ]
        return found


def deploy(machine: Laptop, kubernetes: Kubernetes) -> Deployed:
    variants = list(_known(machine.client.release))
    for each in variants:
        (machine.folder / "flows" / each.file).write_text(each.source)
    before = len(kubernetes.requests)
    micromamba = machine.folder / "bin" / "micromamba"
    micromamba.parent.mkdir()
    # It starts dozens of times: without the search for a Python, and without what is installed in it.
    micromamba.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{_HERE / "micromamba.py"}" "$@"\n')
    micromamba.chmod(0o755)
    forked = machine.fork([each.command for each in variants], METAFLOW_PATH_TO_MICROMAMBA=str(micromamba))
    said: dict[str, list[tuple[int, str]]] = {}
    for variant, ran in zip(variants, forked.pop("ran"), strict=True):
        said.setdefault(variant.name, []).append((ran["code"], ran["said"]))
    return Deployed(said=said, requests=kubernetes.requests[before:], **forked)


def _known(release: str) -> Iterator[Variant]:
    return (each for each in VARIANTS if release in each.releases)
