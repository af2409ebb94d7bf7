"""What synth writes: from settings, by the project's own `main.py`, or a folder that is there already."""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from metaflow_gcp_tools.problems import CommandFailed, WrongUse, interruptible, last_line

TIMEOUT_SECONDS = 300.0
"""The first synth on a machine unpacks the provider bindings; afterwards it takes seconds."""

_DISK = re.compile(r"[Nn]o space left on device|[Rr]ead-only file system|[Dd]isk quota exceeded")
"""Python's words, and Node's: the last line that a failing synth writes is of something that failed because of it."""

_NO_PROJECT = "run this in the project's folder, or pass `--out DIR` with what `make synth` wrote (`cdktf.out`)"


@contextmanager
def synthesized(
    *,
    settings: Path | None = None,
    out: Path | None = None,
    doing: Callable[[str], AbstractContextManager[None]] = lambda _: nullcontext(),
) -> Iterator[Path]:
    """The folder with `platform.json` and `stacks/`.

    It is `out` when that is given. Else the project that the current folder lies in is synthesized, with these
    settings (default: as `make synth` finds them), into a folder that goes away afterwards. That takes
    seconds: `doing` says so meanwhile.

    Raises `WrongUse` for settings that are wrong, with what main.py says of them.
    """
    if out is not None:
        if settings is not None:
            raise WrongUse.of(
                what="--settings and --out exclude each other: --out is synthesized already",
                next_step="pass only one of them",
            )
        yield out
        return
    project = project_folder()
    with tempfile.TemporaryDirectory(prefix="metaflow-gcp-") as folder:
        with (
            doing("synthesizing the settings, which takes some seconds"),
            interruptible("synthesizing the settings", left="nothing was changed"),
        ):
            _synth(project, settings, Path(folder))
        yield Path(folder)


def project_folder() -> Path:
    """The project that the current folder lies in. Raises `WrongUse` when it lies in none."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "cdktf.json").is_file() and (folder / "main.py").is_file():
            return folder
    raise WrongUse.of(what=f"{here} is not in a project: there is no cdktf.json and no main.py", next_step=_NO_PROJECT)


def _synth(project: Path, settings: Path | None, folder: Path) -> None:
    python = project / ".venv/bin/python"
    if not python.exists():
        raise WrongUse.of(what=f"{project} is not set up: there is no .venv", next_step="run `make setup` there")
    environment = {**os.environ, "CDKTF_OUTDIR": str(folder)}
    if settings is not None:
        if not settings.is_file():
            raise WrongUse.of(
                what=f"there is no settings file {settings}", next_step="see config/example.toml for an example"
            )
        environment["METAFLOW_GCP_SETTINGS"] = str(settings.resolve())
    try:
        ended = subprocess.run(
            [python, "main.py"],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CommandFailed.of(
            what=f"synth did not finish within {TIMEOUT_SECONDS:.0f} s", next_step="run `make synth` to see why"
        ) from None
    if ended.returncode == WrongUse.exit_code:
        raise WrongUse.of(what=ended.stderr.strip(), next_step="fix the settings, then retry")
    if full := _DISK.search(ended.stderr):
        raise CommandFailed.of(
            what=f"synth cannot write its files: {full[0]}",
            next_step="free up space in the temporary folder and make it writable, or set TMPDIR to another one",
        )
    if ended.returncode != 0:
        raise CommandFailed.of(
            what=f"synth failed: {last_line(ended.stderr)}", next_step="run `make synth` to see its full output"
        )
