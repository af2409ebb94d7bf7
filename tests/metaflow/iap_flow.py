"""A flow of a real client through the proxy of `run --via iap`, to a stand-in of IAP whose tokens soon end.

python -m tests.metaflow.iap_flow --seconds 180 --life 20
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.clients.iap import Tokens
from metaflow_gcp_tools.commands.forward.iap_proxy import Upstream, serving
from tests.metaflow import clients
from tests.metaflow.laptop import FORWARD, PATIENCE, laptop
from tests.metaflow.stand_ins import Kubernetes, MetadataService
from tests.tools.commands.run.stand_in_iap import ACCOUNT, HOST, Asked, StandInIap, sign

PROFILE = {
    "METAFLOW_DEFAULT_DATASTORE": "gs",
    "METAFLOW_DATASTORE_SYSROOT_GS": "gs://acme/metaflow",
    "METAFLOW_DEFAULT_METADATA": "service",
    "METAFLOW_SERVICE_URL": "http://127.0.0.1:8080/",
}


@dataclass(frozen=True)
class Ended:
    said: str
    tokens: int
    passed: tuple[tuple[str, str], ...]
    refused: tuple[str, ...]


def run(folder: Path, *, seconds: int, life: float) -> Ended:
    """One flow that takes as long; raises when it fails."""
    tokens = []

    def counted(claims: dict[str, Any]) -> str:
        tokens.append(claims)
        return sign(claims)

    def answer(asked: Asked) -> tuple[int, bytes]:
        status, body = service.answer(asked.method, asked.path.partition("?")[0], json.loads(asked.body or b"{}"))
        return status, json.dumps(body).encode()

    client = clients.install("newest")
    with Kubernetes() as kubernetes, MetadataService() as service:
        google = StandInIap(answer=answer, now=time.time, headers=dict(service.headers))
        with google.serving() as url, laptop(folder, client, PROFILE, kubernetes, service) as machine:
            upstream = Upstream(url, Tokens(HOST, ACCOUNT, counted, life=life))
            with serving(upstream, 0) as port:
                at = {FORWARD: f"http://127.0.0.1:{port}/"}
                tasks = str(max(2, seconds // 10))
                ended = subprocess.run(
                    [
                        client.python,
                        "slow.py",
                        "run",
                        "--seconds",
                        str(seconds),
                        "--tasks",
                        tasks,
                        "--max-workers",
                        "1",
                    ],
                    cwd=machine.folder / "flows",
                    env=machine.environment | at,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=2 * seconds + PATIENCE,
                )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    passed = tuple((each.method, each.path) for each in google.passed)
    return Ended(ended.stdout, len(tokens), passed, tuple(google.refused))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.metaflow.iap_flow")
    parser.add_argument("--seconds", type=int, default=180)
    parser.add_argument("--life", type=float, default=20, help="of a token, in seconds")
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="iap-flow-") as folder:
        ended = run(Path(folder), seconds=asked.seconds, life=asked.life)
    sys.stdout.write(
        f"{time.monotonic() - began:.0f} s, {ended.tokens} tokens, {len(ended.passed)} requests passed, "
        f"{len(ended.refused)} refused\n"
    )


if __name__ == "__main__":
    main()
