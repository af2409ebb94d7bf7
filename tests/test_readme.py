"""README.md is true: its commands run, its tables and its picture are what is deployed, its links lead somewhere.

The commands run from top to bottom, as a reader would run them, in a copy of the project whose folder has a space in
its name. CDKTF and Terraform are real and the cloud is simulated; gcloud and kubectl are `tests/stand_ins.py`. The copy
shares the environment that `make setup` made here; setting up from nothing takes minutes.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rehearsal.cloud.model import Cloud
from rehearsal.run import mirror, seed
from rehearsal.run.attached import Attached
from stacks.settings import Settings
from stacks.settings.loading.keys import paths
from tests.synthesis import synthesize
from tests.tools.commands.preflight.cloud import Cloud as ReadyProject, write_program
from tests.tools.discovery import Call
from tests.tools.stand_in_google import StandInGoogle

PROJECT = Path(__file__).parent.parent
README = PROJECT / "README.md"
STACKS = ("apis", "infra", "services")

INSTEAD = {
    "make rehearse": "make --dry-run rehearse",  # .ci/run runs it: this walk deploys and destroys as well
    "make test": "make --dry-run test",  # this very test is part of it
    # The line before it deploys: this one shows that pipenv finds the CLI, and what the CLI starts.
    "pipenv run cdktf deploy apis infra services": "pipenv run cdktf synth",
    # It asks registries, whose names it takes from the settings: tests/tools/commands/preflight does that.
    "metaflow-gcp preflight": "metaflow-gcp-online preflight",
    # It asks, and reaches a cluster: tests/tools/commands/configure does that.
    "metaflow-gcp configure --project acme-metaflow": "metaflow-gcp configure --project acme-metaflow --yes --no-check",
}
NOT_RUN = {
    'pip install metaflow kubernetes google-cloud-storage google-auth "boto3>=1.44"': "fills a teammate's environment",
    "pipx install ./tools": "fills a teammate's environment; the wheel is built and tested in tests/tools",
    "metaflow-gcp run -- python flow.py run": "tests/metaflow/test_run.py runs a flow so",
    "metaflow-gcp forward": "lasts until Ctrl-C; tests/tools/commands/forward",
}
ONLY_CHECKED = {
    "backend": "the simulated cloud keeps no state in buckets; the settings are checked",
}
LEFT_BEHIND = (
    *(".git", ".venv", ".venv-cdktn", "node_modules", "build", "cdktf.out", "state", "settings.toml", "tests"),
    *("__pycache__", ".*_cache"),
)
"""What a clone does not hold, and the tests."""
NOT_DRAWN = {"deletion-guard"}
"""Constructs without anything in the cloud."""


@dataclass(frozen=True, kw_only=True)
class Block:
    language: str
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


def blocks(text: str) -> list[Block]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(language=language, text=inside) for language, inside in found]


BLOCKS = blocks(README.read_text())


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    assert {block.language for block in BLOCKS} == {"sh", "toml", "mermaid"}


def test_what_is_not_run_is_there() -> None:
    lines = {line for block in BLOCKS for line in block.lines}
    assert lines >= INSTEAD.keys() | NOT_RUN.keys()


class Walk:
    """A reader with a clone of the project, and a home of their own."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "a clone"
        self.home = folder / "home"
        self.home.mkdir()
        self._clone()
        self.cloud = Cloud(folder / "cloud.sqlite")
        seed.add_projects(self.cloud, {"acme-metaflow"})
        self.google = _google(self.cloud)
        self._env = mirror.environment(mirror.write(folder), self.cloud.path)
        self._env["PATH"] = self._path(folder / "stand-ins")
        for name in ("VIRTUAL_ENV", "NODE_OPTIONS", "JSII_NODE", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "LANE"):
            self._env.pop(name, None)
        # The stack with local charts, which are read from its folder.
        self.services = self.project / "cdktf.out" / "stacks" / "services"
        self.services.mkdir(parents=True)

    def _clone(self) -> None:
        ignored = shutil.ignore_patterns(*LEFT_BEHIND)
        shutil.copytree(PROJECT, self.project, ignore=ignored)
        environment = self.project / ".venv"
        environment.mkdir()
        for part in ("bin", "lib", "pyvenv.cfg"):
            (environment / part).symlink_to(Path(sys.prefix, part))
        (environment / "complete").write_text(f"{self.project}\n")
        (self.project / "node_modules").symlink_to(PROJECT / "node_modules")

    def _path(self, stand_ins: Path) -> str:
        """The system's folders without our environment, and before them what a reader has installed."""
        stand_ins.mkdir()
        for name in ("gcloud", "kubectl"):
            file = stand_ins / name
            run = [sys.executable, str(PROJECT / "tests" / "stand_ins.py"), name]
            file.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(PROJECT))} exec {shlex.join(run)} "$@"\n')
            file.chmod(0o755)
        write_program(stand_ins / "gke-gcloud-auth-plugin", "echo Kubernetes v1.30.0")
        for name in ("pipenv", "metaflow-gcp"):
            (stand_ins / name).symlink_to(Path(sys.prefix, "bin", name))
        online = shlex.join([sys.executable, str(PROJECT / "tests/tools/online.py")])
        write_program(stand_ins / "metaflow-gcp-online", f'exec {online} "$@"')
        ours = str(Path(sys.prefix, "bin"))
        return os.pathsep.join([str(stand_ins), *(p for p in os.environ["PATH"].split(os.pathsep) if p != ours)])

    def sh(self, text: str, *, at_home: bool = False) -> subprocess.CompletedProcess[str]:
        env = {**self._env, "HOME": str(self.home)} if at_home else self._env
        return subprocess.run(
            ["sh", "-e", "-c", text],
            cwd=self.home if at_home else self.project,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    @contextmanager
    def online(self) -> Iterator[None]:
        """Google's APIs answer."""
        with self.google.serving() as environment:
            self._env |= environment
            yield

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Terraform starts no providers."""
        with Attached(folder=self.services, environment=self._env) as attached:
            self._env = self._env | attached.variables
            yield

    def put(self, text: str) -> None:
        """Adds to settings.toml: keys at the top, tables at the end."""
        file = self.project / "settings.toml"
        before = file.read_text() if file.exists() else ""
        file.write_text(f"{before}\n{text}" if text.startswith("[") else f"{text}\n{before}")

    def there_is(self) -> set[str]:
        return {each.key.id for each in self.cloud.all()}


def _google(cloud: Cloud) -> StandInGoogle:
    """A project that is ready for the platform, whose buckets are those of the simulated cloud."""

    def buckets(_: Call) -> dict[str, Any]:
        found = cloud.all("google_storage_bucket")
        return {"items": [{"name": each.key.id, "labels": each.state["effective_labels"]} for each in found]}

    def content(call: Call) -> bytes:
        (found,) = [
            each.state
            for each in cloud.all("google_storage_bucket_object")
            if (each.state["bucket"], each.state["name"]) == (call.parameters["bucket"], call.parameters["object"])
        ]
        return str(found["content"]).encode()

    google = ReadyProject().google
    google.use("storage", "v1")
    google.answer("storage.buckets.list", buckets)
    google.answer("storage.objects.get", content)
    return google


@pytest.mark.long
def test_its_commands_run_from_top_to_bottom(tmp_path: Path) -> None:
    walk = Walk(tmp_path)
    with walk.online(), walk.attached():
        for block in BLOCKS:
            if block.language == "toml":
                _follow_settings(walk, block.text)
            elif block.language == "sh":
                _follow_commands(walk, block)
    profile = json.loads((walk.home / ".metaflowconfig" / "config.json").read_text())
    assert profile["METAFLOW_SERVICE_URL"] == "http://127.0.0.1:8080/"
    assert walk.there_is() == set()


def _follow_settings(walk: Walk, text: str) -> None:
    keys = tomllib.loads(text).keys()
    if "deletion_protection" in keys:
        _destroying_is_refused(walk)
    if not keys & ONLY_CHECKED.keys():
        walk.put(text)


def _follow_commands(walk: Walk, block: Block) -> None:
    text = "\n".join(INSTEAD.get(line, line) for line in block.lines if line not in NOT_RUN)
    # CDKTF and jsii keep their caches at home; everything else gets the reader's.
    ended = walk.sh(text, at_home=not re.search(r"\b(make|cdktf)\b", text))
    assert ended.returncode == 0, f"{text}\n{ended.stdout}"


def _destroying_is_refused(walk: Walk) -> None:
    before = walk.there_is()
    ended = walk.sh("make destroy")
    assert ended.returncode != 0
    assert "Instance cannot be destroyed" in ended.stdout
    assert "set_deletion_protection_to_false" in ended.stdout
    assert walk.there_is() == before


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`cdktf.out` of the settings that README.md gives, but for the backend and the end."""
    folder = tmp_path_factory.mktemp("readme")
    left_out = {*ONLY_CHECKED, "deletion_protection"}
    tables = [text for text in _settings() if not tomllib.loads(text).keys() & left_out]
    (folder / "settings.toml").write_text("\n".join(tables))
    synthesize(folder / "cdktf.out", METAFLOW_GCP_SETTINGS=str(folder / "settings.toml"))
    return folder / "cdktf.out"


def _settings() -> list[str]:
    """The blocks of settings, tables last."""
    return sorted((block.text for block in BLOCKS if block.language == "toml"), key=lambda text: text.startswith("["))


def _constructs(deployed: Path, stack: str) -> dict[str, set[str]]:
    """Construct id -> the types of its resources."""
    found: dict[str, set[str]] = {}
    for type_, resources in _json(deployed / "stacks" / stack / "cdk.tf.json")["resource"].items():
        for resource in resources.values():
            found.setdefault(resource["//"]["metadata"]["path"].split("/")[1], set()).add(type_)
    return found


def test_its_picture_is_what_is_deployed(deployed: Path) -> None:
    (picture,) = (block.text for block in BLOCKS if block.language == "mermaid")
    for stack in STACKS:
        (part,) = re.findall(rf"^  subgraph {stack} .*?\n(.*?)^  end$", picture, re.MULTILINE | re.DOTALL)
        together = dict(re.findall(r"%% (\w+): (.*)", part))
        nodes = re.findall(rf"^    ({stack}_\w+)[\[(]", part, re.MULTILINE)
        drawn = [
            name
            for node in nodes
            for name in together.get(node, node.removeprefix(f"{stack}_").replace("_", "-")).split(", ")
        ]
        assert sorted(drawn) == sorted(_constructs(deployed, stack).keys() - NOT_DRAWN)
    types = re.findall(r"\b[a-z]\d-\w+-\d+\b", picture)
    assert sorted(types) == _json(deployed / "platform.json")["machine_types"]


def test_its_quotas_are_the_platforms(deployed: Path) -> None:
    platform = _json(deployed / "platform.json")
    rows = [
        f"| `{quota['metric']}` | {'in the region' if quota['region'] else 'in all regions'} "
        f"| {quota['at_start']} | {quota['at_maximum']} |"
        for quota in platform["quotas"]
    ]
    assert [line for line in README.read_text().splitlines() if re.match(r"\| `[A-Z0-9_]+` \|", line)] == rows


def test_the_inventory_of_the_architecture_page_is_complete(deployed: Path) -> None:
    page = (PROJECT / "docs" / "architecture.md").read_text()
    for stack in STACKS:
        (section,) = re.findall(rf"^### {stack}\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL)
        rows = re.findall(r"^\| `([\w-]+)` \|.*\|(.*)\|$", section, re.MULTILINE)
        listed = {name: set(re.findall(r"`(\w+)`", types)) for name, types in rows}
        assert listed == _constructs(deployed, stack), stack


def test_its_settings_are_accepted_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "settings.toml").write_text("\n".join(_settings()))
    monkeypatch.setenv("METAFLOW_GCP_SETTINGS", str(tmp_path / "settings.toml"))
    assert Settings().backend.type == "gcs"


def test_the_settings_that_it_names_exist() -> None:
    known = set(paths(Settings))
    tables = {key.split(".")[0] for key in known}
    named = [name for name in re.findall(r"`(\w+(?:\.\w+)+)`", README.read_text()) if name.split(".")[0] in tables]
    assert named
    assert set(named) <= known


PAGES = [
    *sorted(PROJECT.glob("*.md")),
    *sorted(PROJECT.glob("docs/**/*.md")),
    *sorted(PROJECT.glob("examples/*/README.md")),
    *(PROJECT / folder / name for folder in ("constructs", "tools") for name in ("README.md", "CHANGELOG.md")),
]


@pytest.mark.parametrize("page", [page for page in PAGES if page.exists()], ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        assert not anchor or anchor in _anchors(file), target


def test_the_places_that_it_names_exist() -> None:
    table = README.read_text().split("## Where things are")[1].split("##")[0]
    first_column = "".join(re.findall(r"^\|([^|]*)\|", table, re.MULTILINE))
    named = re.findall(r"`([^`]+)`", first_column)
    assert named
    assert [place for place in named if not (PROJECT / place).exists()] == []


def _anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _json(file: Path) -> Any:
    return json.loads(file.read_text())
