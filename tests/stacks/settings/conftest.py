"""Settings as the tests give them: nothing from the developer's own environment or settings.toml."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from stacks.settings import Settings, load_settings
from stacks.settings.loading import sources

REQUIRED = 'org_prefix = "acme"\nproject = "acme-metaflow"\n'


@pytest.fixture(autouse=True)
def project_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(sources.PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(sources, "_PROJECT_FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def load(project_folder: Path) -> Callable[[str], Settings]:
    """Load settings.toml with this text; what is required is added unless the text has it."""

    def load(text: str, *, required: bool = True) -> Settings:
        lines = [line for line in REQUIRED.splitlines() if required and line.split()[0] not in text.split()]
        (project_folder / "settings.toml").write_text("\n".join([*lines, text]), "utf-8")
        return load_settings()

    return load
