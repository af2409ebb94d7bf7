"""constructs/README.md is true: its code deploys, its tables are the library."""

import dataclasses
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from constructs import Construct

import metaflow_gcp

PROJECT = Path(__file__).parent.parent
README = (PROJECT / "constructs" / "README.md").read_text()
CODE = "\n".join(re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL))
OUTPUT = "".join(re.findall(r"^```text\n(.*?)^```$", README, re.MULTILINE | re.DOTALL))

PUBLIC = {name: getattr(metaflow_gcp, name) for name in dir(metaflow_gcp)}
CONSTRUCTS = {name: value for name, value in PUBLIC.items() if inspect.isclass(value) and issubclass(value, Construct)}


def _names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


TABLE = {
    name: [_names(cell) for cell in rest.split("|")]
    for name, rest in re.findall(
        r"^\| `(\w+)` \|(.*)\|$", README.split("## Constructs")[1].split("##")[0], re.MULTILINE
    )
}


def test_the_table_lists_exactly_the_public_constructs() -> None:
    assert TABLE.keys() == CONSTRUCTS.keys()


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_the_table_names_what_is_required(name: str) -> None:
    properties = PUBLIC[f"{name}Props"]
    missing = dataclasses.MISSING
    required = [each.name for each in dataclasses.fields(properties) if each.default is each.default_factory is missing]
    assert TABLE[name][1] == required


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_the_table_names_attributes_that_exist(name: str) -> None:
    source = inspect.getsource(CONSTRUCTS[name])
    there = {*dir(CONSTRUCTS[name]), *re.findall(r"self\.(\w+)(?:: [^=]+)? =", source)}
    assert set(TABLE[name][2]) <= there


def test_every_public_name_is_said() -> None:
    ours = {name.removesuffix("Props") for name in PUBLIC} - {"__version__"}
    assert ours <= set(re.findall(r"\w+", README))


def test_the_version_has_an_entry_in_the_change_log() -> None:
    changes = (PROJECT / "constructs" / "CHANGELOG.md").read_text()
    assert f"\n## {metaflow_gcp.__version__}\n" in changes
    assert f"metaflow_gcp_constructs-{metaflow_gcp.__version__}-" in README


def test_the_code_deploys_and_prints_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(CODE)
    env = {name: value for name, value in os.environ.items() if not name.startswith("CDKTF_")}
    ended = subprocess.run(
        [sys.executable, "main.py"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == OUTPUT
    check = [sys.executable, "-m", "rehearsal", "check", str(tmp_path / "cdktf.out")]
    checked = subprocess.run(check, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
