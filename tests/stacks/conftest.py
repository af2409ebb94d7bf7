"""The three stacks for three settings, synthesized once a session."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.synthesis import synthesize

ROOT = Path(__file__).parents[2]
SETTINGS = Path(__file__).parent / "settings"
NAMES = ("minimal", "everything", "existing-network")


@dataclass(frozen=True)
class Element:
    """A resource or a data source. References in its attributes name construct paths: `google_x.<network/vpc>`."""

    stack: str
    kind: str
    """`resource` or `data`."""
    type: str
    path: str
    """The construct's path in its stack."""
    attributes: dict[str, Any]

    @property
    def where(self) -> str:
        return f"{self.stack}: {self.type} {self.path}"


@dataclass(frozen=True)
class Readable:
    """A stack's JSON in which construct paths stand for logical ids: `google_x.<network/vpc>`."""

    document: dict[str, Any]
    ids: dict[str, str]
    """Construct's path -> logical id."""


@dataclass(frozen=True)
class Platform:
    """What one settings file becomes."""

    settings: str
    """The name of the settings file."""
    folder: Path

    @cached_property
    def stacks(self) -> dict[str, dict[str, Any]]:
        """Stack -> its JSON without CDKTF's metadata."""
        return {name: _without_metadata(json.loads(text)) for name, text in self.texts.items()}

    @cached_property
    def texts(self) -> dict[str, str]:
        return {each.parent.name: each.read_text("utf-8") for each in sorted(self.folder.glob("stacks/*/cdk.tf.json"))}

    @cached_property
    def readable(self) -> dict[str, Readable]:
        return {stack: _readable(stack, text) for stack, text in self.texts.items()}

    @cached_property
    def manifest(self) -> dict[str, Any]:
        return json.loads((self.folder / "platform.json").read_text("utf-8"))

    @cached_property
    def elements(self) -> list[Element]:
        return [
            Element(stack=stack, kind=kind, type=type_, path=path, attributes=attributes)
            for stack, readable in self.readable.items()
            for kind in ("resource", "data")
            for type_, elements in readable.document.get(kind, {}).items()
            for path, attributes in elements.items()
        ]

    def of_type(self, type_: str) -> list[Element]:
        return [each for each in self.elements if each.type == type_ and each.kind == "resource"]

    def only(self, type_: str) -> dict[str, Any]:
        [element] = self.of_type(type_)
        return element.attributes

    def uploaded(self, name: str) -> str:
        """The content of an object in the bucket."""
        [content] = [
            each.attributes["content"]
            for each in self.of_type("google_storage_bucket_object")
            if each.attributes["name"] == name
        ]
        return content


def _readable(stack: str, text: str) -> Readable:
    ids = {}
    document = json.loads(text)
    for kind in ("resource", "data"):
        for type_, elements in document.get(kind, {}).items():
            for logical_id, attributes in elements.items():
                # CDKTF writes no metadata for a remote state.
                path = attributes["//"]["metadata"]["path"] if "//" in attributes else logical_id
                path = path.removeprefix(f"{stack}/")
                assert path not in ids
                ids[path] = logical_id
                text = re.sub(rf"\b{type_}\.{re.escape(logical_id)}\b", f"{type_}.<{path}>", text)
    document = _without_metadata(json.loads(text))
    paths = {logical_id: path for path, logical_id in ids.items()}
    for kind in ("resource", "data"):
        for type_, elements in document.get(kind, {}).items():
            document[kind][type_] = {paths[logical_id]: each for logical_id, each in elements.items()}
    return Readable(document, dict(sorted(ids.items())))


def _without_metadata(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_metadata(each) for key, each in sorted(value.items()) if key != "//"}
    return [_without_metadata(each) for each in value] if isinstance(value, list) else value


def copy_of_project(folder: Path) -> Path:
    """The app in another folder; the library comes from the virtual environment."""
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "main.py", folder)
    shutil.copytree(ROOT / "stacks", folder / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def start_main(project: Path, *, settings: Path | None = None, **environment: str) -> subprocess.Popen[str]:
    """Run main.py as the CDKTF CLI does; nothing of the developer's own settings gets in."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("METAFLOW_", "CDKTF_", "NODE_"))}
    if settings:
        clean["METAFLOW_GCP_SETTINGS"] = str(settings)
    return subprocess.Popen(
        [sys.executable, "main.py"],
        cwd=project,
        env={**clean, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="session")
def make_project() -> Callable[[Path], Path]:
    return copy_of_project


@pytest.fixture(scope="session")
def start() -> Callable[..., subprocess.Popen[str]]:
    return start_main


@pytest.fixture(scope="session")
def settings_file() -> Callable[[str], Path]:
    return lambda name: SETTINGS / f"{name}.toml"


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Make a folder once a session.

    All of pytest-xdist's workers share it: the first makes it while the others wait.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    def once(name: str, make: Callable[[Path], None]) -> Path:
        folder = shared / name
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "complete").exists():
                make(folder)
                (folder / "complete").touch()
        return folder

    return once


@pytest.fixture(scope="session")
def project(once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """A copy of the app in which each settings file has been synthesized, into a folder of its name."""

    def make(folder: Path) -> None:
        copy_of_project(folder)
        for name in NAMES:
            synthesize(folder / name, project=folder, METAFLOW_GCP_SETTINGS=str(SETTINGS / f"{name}.toml"))

    return once("project", make)


@pytest.fixture(scope="session")
def platforms(project: Path) -> dict[str, Platform]:
    return {name: Platform(settings=name, folder=project / name) for name in NAMES}


@pytest.fixture
def synthesized(project: Path, tmp_path: Path) -> Callable[..., Platform]:
    """Synthesize the minimal settings with some variables over them."""

    def synthesized(**environment: str) -> Platform:
        folder = tmp_path / f"synth-{len(list(tmp_path.iterdir()))}"
        settings = {"METAFLOW_GCP_SETTINGS": str(SETTINGS / "minimal.toml")}
        synthesize(folder, project=project, **settings, **environment)
        return Platform(settings="minimal", folder=folder)

    return synthesized


@pytest.fixture(scope="session", params=NAMES)
def platform(request: pytest.FixtureRequest, platforms: dict[str, Platform]) -> Platform:
    """Each of the three."""
    return platforms[request.param]
