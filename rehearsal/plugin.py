"""`python -m rehearsal.plugin google`: one provider, as Terraform starts it."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rehearsal.facts import Facts
from rehearsal.faults.provider import Faulty
from rehearsal.protocol.provider import Provider

if TYPE_CHECKING:
    from rehearsal.cloud.model import Cloud


def provider(name: str, facts: Facts) -> Provider:
    """The provider of that name, in the cloud that the environment names; only what it needs is imported."""
    from rehearsal.cloud.model import ENVIRONMENT, Cloud

    if ENVIRONMENT not in os.environ:
        sys.exit(f"{ENVIRONMENT} must name the file that holds the simulated cloud.")
    return provider_of(name, facts, Cloud(Path(os.environ[ENVIRONMENT])))


def provider_of(name: str, facts: Facts, cloud: "Cloud") -> Faulty:
    """The provider of that name in a cloud; its calls break where a fault is asked for."""
    return Faulty(_healthy(name, facts, cloud), cloud)


def _healthy(name: str, facts: Facts, cloud: "Cloud") -> Provider:
    if name == "random":
        from rehearsal.cloud.random import Random

        return Random(facts)
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
