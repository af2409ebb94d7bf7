"""`python -m rehearsal.plugin google`: one provider, as Terraform starts it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rehearsal.facts import Facts
from rehearsal.protocol.provider import Provider


def provider(name: str, facts: Facts) -> Provider:
    """The provider of that name; only what it needs is imported."""
    if name == "random":
        from rehearsal.cloud.random import Random

        return Random(facts)
    from rehearsal.cloud.model import ENVIRONMENT, Cloud

    if ENVIRONMENT not in os.environ:
        sys.exit(f"{ENVIRONMENT} must name the file that holds the simulated cloud.")
    cloud = Cloud(Path(os.environ[ENVIRONMENT]))
    if name == "google":
        from rehearsal.cloud.google.provider import Google

        return Google(facts, cloud)
    if name == "helm":
        from rehearsal.cloud.helm import Helm

        return Helm(facts, cloud)
    from rehearsal.cloud.kubernetes.provider import Kubernetes

    return Kubernetes(facts, cloud)


def main() -> None:
    from rehearsal.protocol.server import serve
    from rehearsal.protocol.service import Service

    facts = Facts(sys.argv[1])
    serve(Service(provider(sys.argv[1], facts), lambda: facts.schema_response))


if __name__ == "__main__":
    main()
