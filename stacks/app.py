"""The three stacks together, and the manifest that says what they need and are named."""

import json
from typing import Any

from cdktf import App

from stacks.apis import ApisStack
from stacks.base import outdir
from stacks.infra import InfraStack
from stacks.manifest import manifest
from stacks.services import ServicesStack
from stacks.settings import Settings


def synth(settings: Settings) -> dict[str, Any]:
    """Write `cdktf.out`, and return the manifest that lies in it as `platform.json`."""
    app = App(outdir=str(outdir()))
    infra = InfraStack(app, settings)
    services = ServicesStack(app, settings)
    apis = ApisStack(app, settings, [infra.requirements, services.requirements])
    infra.add_dependency(apis)
    services.add_dependency(infra)
    outdir().mkdir(parents=True, exist_ok=True)
    app.synth()
    platform = manifest(settings, apis.requirements)
    (outdir() / "platform.json").write_text(json.dumps(platform, indent=2, sort_keys=True) + "\n")
    return platform
