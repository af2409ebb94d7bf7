"""`python -m rehearsal.attached FOLDER`: all our providers in one process, to which Terraform attaches.

For every command Terraform starts each provider two to four times. It starts none that TF_REATTACH_PROVIDERS names
(Terraform's internal/command/meta_providers.go, `unmanagedProviderFactories`): the way in which providers are debugged.
"""

import json
import os
import signal
import sys
import tempfile

from rehearsal.facts import PROVIDERS, REGISTRY, Facts
from rehearsal.plugin import provider
from rehearsal.protocol.server import serve_attached
from rehearsal.protocol.service import Service


def main() -> None:
    """Writes that variable's value, and serves until standard input ends: with the process that started this."""
    # Ctrl-C is for Terraform, which asks for more before it stops.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.chdir(sys.argv[1])  # A provider that Terraform starts is in its folder, and reads local charts from there.
    with tempfile.TemporaryDirectory(prefix="tf") as sockets:
        services = {name: _service(name) for name in PROVIDERS}
        kept = serve_attached(services, lambda name: f"{sockets}/{name}")
        sys.stdout.write(json.dumps({f"{REGISTRY}/hashicorp/{name}": _at(f"{sockets}/{name}") for name in services}))
        sys.stdout.write("\n")
        sys.stdout.flush()
        sys.stdin.read()
        for server in kept:
            server.stop(grace=0)
    # Python's own leave-taking waits for gRPC's threads.
    os._exit(0)


def _service(name: str) -> Service:
    facts = Facts(name)
    return Service(provider(name, facts), lambda: facts.schema_response)


def _at(address: str) -> dict[str, object]:
    """Go's go-plugin calls it a test: it does not end the process when Terraform ends."""
    return {
        "Protocol": "grpc",
        "ProtocolVersion": 6,
        "Pid": os.getpid(),
        "Test": True,
        "Addr": {"Network": "unix", "String": address},
    }


if __name__ == "__main__":
    main()
