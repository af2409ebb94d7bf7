"""What our pages and messages say of `@kubernetes`, against what the decorator of each client takes."""

import json
import re
import subprocess
from pathlib import Path

from tests.metaflow.clients import Client

ROOT = Path(__file__).parents[2]
PLACES = ("README.md", "docs/**/*.md", "docker/**/*.toml", "config/*.toml", "tools/src/**/*.py", "stacks/**/*.py")

TAKES = """
import json
from metaflow.plugins.aws.batch.batch_decorator import BatchDecorator
from metaflow.plugins.kubernetes.kubernetes_decorator import KubernetesDecorator
print(json.dumps([sorted(KubernetesDecorator.defaults), sorted(BatchDecorator.defaults)]))
"""


def test_only_options_that_the_decorator_has_are_named(client: Client, prepared: Path) -> None:
    told = subprocess.run([client.python, "-c", TAKES], check=True, capture_output=True, text=True, cwd=prepared)
    kubernetes, batch = map(set, json.loads(told.stdout))
    text = "\n".join(file.read_text("utf-8") for place in PLACES for file in sorted(ROOT.glob(place)))
    given = {name for call in re.findall(r"@kubernetes\(([^)]*)", text) for name in re.findall(r"(\w+)=", call)}
    given |= set(re.findall(r"`(\w+)` of `?@kubernetes", text))
    assert {"gpu", "node_selector", "tolerations"} <= given <= kubernetes
    # Those of @batch are another cloud's; `privileged` is also a key of `security_context`.
    assert not {f"`{name}`" for name in batch - kubernetes - {"privileged"}} & set(re.findall(r"`\w+`", text))
