"""The shells complete commands and options, as `metaflow-gcp --install-completion` sets them up."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tools.conftest import PROGRAM

RC_FILES = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/completions/metaflow-gcp.fish"}


def in_shell(shell: str, script: str, environment: dict[str, str]) -> str:
    """The program looks at the name of the process that it was started from: all that is of that shell here."""
    path = f"{PROGRAM.parent}:{environment['PATH']}"
    return subprocess.run(
        [shell, "-c", f"{script}; exit $?"],
        executable=shutil.which("bash"),
        env={**environment, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout


@pytest.mark.parametrize("shell", RC_FILES)
def test_each_shell_is_set_up(environment, shell):
    assert f"_METAFLOW_GCP_COMPLETE=complete_{shell}" in in_shell(shell, "metaflow-gcp --show-completion", environment)
    assert f"{shell} completion installed in" in in_shell(shell, "metaflow-gcp --install-completion", environment)
    home = Path(environment["HOME"])
    assert (home / RC_FILES[shell]).exists()
    written = "".join(file.read_text() for file in home.rglob("*") if file.is_file())
    assert f"_METAFLOW_GCP_COMPLETE=complete_{shell}" in written


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("metaflow-gcp conf", "configure"),
        ("metaflow-gcp configure --keep", "--keep-context"),
        ("metaflow-gcp image build cp", "cpu"),
    ],
)
def test_bash_completes(environment, words, completed):
    """With the script itself, in the real bash."""
    script = (
        'eval "$(metaflow-gcp --show-completion)"; '
        f"COMP_WORDS=({words}); COMP_CWORD={len(words.split()) - 1}; "
        "_metaflow_gcp_completion metaflow-gcp; echo ${COMPREPLY[*]}"
    )
    assert in_shell("bash", script, environment).strip() == completed


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_others_are_given_what_they_ask_for(environment, shell):
    asked = {
        "_METAFLOW_GCP_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "metaflow-gcp conf",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    told = subprocess.run(
        [PROGRAM], env={**environment, **asked, "PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True
    )
    assert "configure" in told.stdout
    assert "forward" not in told.stdout
