"""Metaflow's service from its own sources, for benches. It is not on PyPI: a checkout is named on the command line."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

BUILD = Path(__file__).parent.parent / "build" / "service"


@dataclass(frozen=True)
class Service:
    checkout: Path

    @classmethod
    def of_the_command_line(cls) -> "Service":
        [given] = sys.argv[1:] or [""]
        checkout = Path(given).resolve()
        if not (checkout / "services" / "metadata_service").is_dir():
            _refuse(
                f"SERVICE={given} is no checkout of Metaflow's service. Get one with\n"
                "  git clone --branch v2.5.0 https://github.com/Netflix/metaflow-service\n"
                "and name its folder: SERVICE=metaflow-service"
            )
        return cls(checkout)

    @property
    def migrations(self) -> Path:
        return self.checkout / "services" / "migration_service" / "migration_files"

    @property
    def folder_of_goose(self) -> Path:
        """The version that the service's image holds, built once."""
        [module] = re.findall(r"go install (\S+)/cmd/goose@(v\S+)", (self.checkout / "Dockerfile").read_text())
        folder = BUILD / f"goose-{module[1]}"
        if not (folder / "goose").exists():
            if not shutil.which("go"):
                _refuse("Go builds goose here, and is not on PATH: https://go.dev/doc/install")
            subprocess.run(
                ["go", "install", f"{module[0]}/cmd/goose@{module[1]}"],
                env={**os.environ, "GOBIN": str(folder)},
                check=True,
            )
        return folder

    def goose(self, database: dict[str, str], *command: str) -> None:
        place = {name.removeprefix("MF_METADATA_DB_").lower(): value for name, value in database.items()}
        address = "postgresql://{user}:{pswd}@{host}:{port}/{name}?sslmode={ssl_mode}".format(**place)
        subprocess.run(
            [self.folder_of_goose / "goose", "-dir", self.migrations, "postgres", address, *command],
            check=True,
            capture_output=True,
        )

    @property
    def version(self) -> str:
        [version] = re.findall(r'version="(.+?)"', (self.checkout / "setup.py").read_text())
        return str(version)

    @property
    def python(self) -> Path:
        """With what the metadata service requires, installed once."""
        folder = BUILD / "venv"
        python = folder / "bin" / "python"
        if not python.exists():
            wanted = (self.checkout / "services/metadata_service/requirements.txt").read_text().split("\n")
            # The same driver, compiled.
            wanted = ["psycopg2-binary" if each == "psycopg2" else each for each in wanted if each]
            uv: list[str | Path] = [sys.executable, "-m", "uv", "--quiet"]
            subprocess.run([*uv, "venv", "--python", sys.executable, folder], check=True)
            install: list[str | Path] = [*uv, "pip", "install", "--python", python]
            subprocess.run([*install, *wanted], check=True)
            # The service looks up the version that it is installed as.
            subprocess.run([*install, "--no-deps", self.checkout], check=True)
        return python


def _refuse(why: str) -> NoReturn:
    print(why, file=sys.stderr)
    sys.exit(2)
