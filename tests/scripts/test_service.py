"""What the benches of Metaflow's service need, and say when it is not there."""

import shutil
import sys

import pytest

from scripts.service import Service


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "services" / "metadata_service").mkdir(parents=True)
    (tmp_path / "Dockerfile").write_text("RUN go install github.com/pressly/goose/v3/cmd/goose@v0.0.1\n")
    (tmp_path / "setup.py").write_text('setup(\n    name="metadata_service",\n    version="2.5.0",\n)\n')
    return tmp_path


@pytest.mark.parametrize("arguments", [[], [""], ["nothing-here"]])
def test_without_a_checkout_of_the_service_it_says_where_to_get_one(arguments, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bench", *arguments])
    with pytest.raises(SystemExit) as ended:
        Service.of_the_command_line()
    assert ended.value.code == 2
    assert "git clone --branch v2.5.0 https://github.com/Netflix/metaflow-service" in capsys.readouterr().err


def test_version_and_migrations_are_those_of_the_checkout(checkout, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["bench", str(checkout)])
    service = Service.of_the_command_line()
    assert service.version == "2.5.0"
    assert service.migrations == checkout / "services/migration_service/migration_files"


def test_without_go_it_says_what_builds_goose(checkout, monkeypatch, capsys):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SystemExit) as ended:
        _ = Service(checkout).folder_of_goose
    assert ended.value.code == 2
    assert "https://go.dev/doc/install" in capsys.readouterr().err
