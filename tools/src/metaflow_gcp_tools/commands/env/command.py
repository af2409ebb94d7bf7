"""The options of `metaflow-gcp env`, and what it prints."""

import os
import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metaflow_gcp_tools.terminal.options import AsJson, Profile, Verbose
from metaflow_gcp_tools.terminal.output import Output

if TYPE_CHECKING:
    from metaflow_gcp_tools.platform.description import Platform


class Shell(StrEnum):
    SH = "sh"
    """bash, zsh and every other shell that is like them."""
    FISH = "fish"


def env(
    *,
    profile: Profile = "",
    shell: Annotated[
        Shell | None,
        typer.Option(
            metavar="SHELL",
            help="Whose syntax: `sh` (bash and zsh take it, too) or `fish`. Default: as $SHELL is.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
    _verbose: Verbose = False,
) -> int:
    """Print what to set so that a shell's or a notebook's flows work on this platform: `eval "$(metaflow-gcp env)"`.

    KUBECONFIG names a file with the platform's cluster alone, for the flows' jobs; METAFLOW_PROFILE the profile. While
    `metaflow-gcp forward` keeps ports open that are not the usual ones, these are printed, too.

    Examples:
        metaflow-gcp env
        metaflow-gcp env --profile staging
        metaflow-gcp env --shell fish
    """
    from metaflow_gcp_tools.platform.description import Platform

    output = Output(as_json=as_json)
    variables = _variables(Platform.load(profile), profile)
    for line in _lines(variables, shell or _own_shell()):
        output.result.print(line, markup=False)
    output.document("env", {"profile": profile, "variables": variables}, exit_code=0)
    return 0


def _variables(platform: "Platform", profile: str) -> dict[str, str | None]:
    """`None`: not to be set."""
    from metaflow_gcp_tools.commands.forward import ports, records
    from metaflow_gcp_tools.commands.forward.status import State
    from metaflow_gcp_tools.machine import own_kubeconfig

    variables: dict[str, str | None] = {
        "KUBECONFIG": str(own_kubeconfig.ensured(platform, profile)),
        "METAFLOW_PROFILE": profile or None,
    }
    usual = {forward.name: forward.port for forward in platform.forwards}
    for record in records.living(platform.kube_context):
        # Those of a `run` go when its command ends.
        for forward in record.forwards if record.command == "forward" else ():
            if forward.state == State.OPEN and forward.port != usual.get(forward.name):
                variables |= ports.variables(forward.name, forward.port, profile)
    return variables


def _lines(variables: dict[str, str | None], shell: Shell) -> list[str]:
    lines = []
    for name, value in variables.items():
        if value is not None:
            quoted = shlex.quote(value) if shell is Shell.SH else _quoted_for_fish(value)
            lines.append(f"export {name}={quoted}" if shell is Shell.SH else f"set -gx {name} {quoted}")
        elif os.environ.get(name):
            lines.append(f"unset {name}" if shell is Shell.SH else f"set -e {name}")
    return lines


def _quoted_for_fish(value: str) -> str:
    """https://fishshell.com/docs/current/language.html#quotes."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _own_shell() -> Shell:
    return Shell.FISH if Path(os.environ.get("SHELL", "")).name == "fish" else Shell.SH
