"""Terraform as the CDKTF CLI starts it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(tmp_path):
    """It, with a Terraform that ends with a code."""

    def run(code, *arguments):
        terraform = tmp_path / "terraform"
        terraform.write_text(f'#!/bin/sh\necho "ran $*"\nexit {code}\n')
        terraform.chmod(0o755)
        return subprocess.run(
            [sys.executable, str(ROOT / "scripts" / "terraform.py"), *arguments],
            cwd=tmp_path,
            env=os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_it_is_terraform(run):
    ran = run(0, "apply", "-auto-approve")
    assert (ran.returncode, ran.stdout) == (0, "ran apply -auto-approve\n")


def test_after_a_failure_it_says_what_to_do(run):
    ran = run(1, "apply")
    assert ran.returncode == 1
    assert 'see "A deployment that failed half-way" in docs/operations.md' in ran.stdout
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert "## A deployment that failed half-way" in page


def test_another_command_s_failure_is_its_own(run):
    assert run(3, "fmt").stdout == "ran fmt\n"
