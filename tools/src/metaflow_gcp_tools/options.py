"""Options that several commands have: the same name, meaning and default in each."""

from pathlib import Path
from typing import Annotated

import typer

Profile = Annotated[
    str,
    typer.Option("--profile", metavar="NAME", envvar="METAFLOW_PROFILE", help="Metaflow's profile of the platform."),
]
"""Default: `""`, the default profile."""

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, at the end.")]

Settings = Annotated[
    Path | None,
    typer.Option("--settings", help="The settings file. Default: as `make synth` finds it.", show_default=False),
]
"""As `synthesized` takes it, and `Out`, too."""

Out = Annotated[
    Path | None,
    typer.Option("--out", help="A folder that was synthesized already, such as `cdktf.out`.", show_default=False),
]
