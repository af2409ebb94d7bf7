"""Providers that serve all of a folder's Terraform commands from one process."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_PROJECT = Path(__file__).parent.parent.parent


@dataclass(kw_only=True)
class Attached:
    """Starts with the first command that asks for its variables; ends when it is closed, or with this process.

    What has been killed is started anew.
    """

    folder: Path
    environment: dict[str, str]
    process: subprocess.Popen[str] | None = None
    address: str = ""

    @property
    def variables(self) -> dict[str, str]:
        """What lets Terraform attach."""
        if self.process and self.process.poll() is not None:
            self.close()
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rehearsal.attached", str(self.folder)],
                env=self.environment | {"PYTHONPATH": str(_PROJECT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            assert self.process.stdout
            self.address = self.process.stdout.readline().strip()
        return {"TF_REATTACH_PROVIDERS": self.address}

    def close(self) -> None:
        if self.process:
            self.process.communicate()
            self.process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
