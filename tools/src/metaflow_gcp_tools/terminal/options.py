"""Options that several commands have: the same name, meaning and default in each."""

from enum import StrEnum
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


class Via(StrEnum):
    """How services are reached."""

    KUBECTL = "kubectl"
    IAP = "iap"


ViaOption = Annotated[
    Via | None,
    typer.Option(
        "--via",
        metavar="kubectl|iap",
        help="kubectl opens port forwards. iap goes through the platform's endpoint, without a cluster.",
        show_default=False,
    ),
]
"""Default: `iap` where there is an endpoint and no kubectl."""

Account = Annotated[
    str,
    typer.Option(
        "--impersonate-service-account",
        metavar="ADDRESS",
        help="With --via iap: the service account that you are to the endpoint.",
        show_default=False,
    ),
]

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
