"""Options that several commands have: the same name, meaning and default in each."""

from pathlib import Path
from typing import Annotated

import typer

from metaflow_gcp_tools.terminal import log

Profile = Annotated[
    str,
    typer.Option("--profile", metavar="NAME", envvar="METAFLOW_PROFILE", help="Metaflow's profile of the platform."),
]
"""Default: `""`, the default profile."""

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document to stdout, at the end.")]

Verbose = Annotated[
    bool,
    typer.Option(
        *("--verbose", "-v", "--debug"),
        callback=log.tell,
        is_eager=True,
        help="Show each request and each program that is started, and write them to a log file.",
    ),
]
"""A command takes it as `_verbose` and does not look at it: the option does it all."""

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

Settings = Annotated[
    Path | None,
    typer.Option(
        "--settings", metavar="FILE", help="The settings file. Default: as `make synth` finds it.", show_default=False
    ),
]
"""As `synthesized` takes it, and `Out`, too."""

Out = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="DIR", help="A folder that is already synthesized, such as `cdktf.out`.", show_default=False
    ),
]
