"""Imports go in one direction: what pyproject.toml's contracts say holds, and each of them would notice."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAM = Path(sys.executable).with_name("lint-imports")

PLANTED = {
    "constructs/src/metaflow_gcp/google/requirements.py": "import metaflow_gcp.metaflow.connections, stacks.contracts",
    "constructs/src/metaflow_gcp/metaflow/connections.py": "import metaflow_gcp.metaflow.client_settings",
    "constructs/src/metaflow_gcp/metaflow/client_settings.py": "import metaflow_gcp.metaflow.connections",
    "constructs/src/metaflow_gcp/_bindings/background_loads.py": "import metaflow_gcp.checks",
    "tools/src/metaflow_gcp_tools/problems.py": "import metaflow_gcp_tools.checks",
    "tools/src/metaflow_gcp_tools/commands/env/command.py": "import metaflow_gcp_tools.commands.plan.command",
    "rehearsal/facts.py": "import metaflow_gcp.names",
    "rehearsal/protocol/values.py": "import rehearsal.facts",
    "rehearsal/cloud/model.py": "import rehearsal.cloud.google.kind",
    # Nothing of the settings imports it directly: its importer's importers do.
    "constructs/src/metaflow_gcp/checks.py": "import cdktf_cdktf_provider_google.provider",
}
"""File -> what it imports in a copy, against every contract."""


def lint(folder, **environment):
    return subprocess.run(
        [PROGRAM, "--no-cache"],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_go_in_one_direction():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_contract_notices_a_planted_import(tmp_path):
    """Also one that a module's import brings along: `stacks.settings` stands for all that it needs of the library."""
    sources = ("constructs/src/metaflow_gcp", "tools/src/metaflow_gcp_tools", "stacks", "rehearsal")
    for file in (file for each in sources for file in (ROOT / each).rglob("*.py")):
        copy = tmp_path / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, line in PLANTED.items():
        with (tmp_path / name).open("a") as file:
            file.write(f"\n{line}\n")
    done = lint(tmp_path, PYTHONPATH=os.pathsep.join(str((tmp_path / each).parent) for each in sources))
    assert re.findall(r"Contracts: (\d+) kept", done.stdout) == ["0"], done.stdout + done.stderr
