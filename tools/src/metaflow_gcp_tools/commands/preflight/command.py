"""`metaflow-gcp preflight`: its options, and how it ends."""

import sys
from typing import Annotated

import typer

from metaflow_gcp_tools.problems import Problem, check_use, interruptible
from metaflow_gcp_tools.terminal.options import AsJson, Out, Settings, Verbose, Yes
from metaflow_gcp_tools.terminal.output import Output


def preflight(  # noqa: PLR0917 - each is an option
    settings: Settings = None,
    out: Out = None,
    request: Annotated[
        bool, typer.Option("--request", help="File increases for quotas that are too small, after asking.")
    ] = False,
    yes: Yes = False,
    contact: Annotated[
        str | None,
        typer.Option(
            metavar="EMAIL", help="With --request: the contact for Google's answer. Default: you.", show_default=False
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, max=600, help="How long to wait for each answer.")
    ] = 20,
    _verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Check whether the project is ready for a deployment: tools, rights, APIs, machines, quotas.

    Only --request changes anything. The exit code is 1 when a deployment would fail (FAIL) or that is not known
    (UNKNOWN). What only keeps pools from growing is a warning (WARN).

    Examples:
        metaflow-gcp preflight --settings settings.toml
        metaflow-gcp preflight --request --contact ada@example.com
    """
    _check_use(request=request, yes=yes, contact=contact, as_json=as_json)
    from metaflow_gcp_tools.checks import ready
    from metaflow_gcp_tools.commands.preflight import deployer, document, filing, permissions
    from metaflow_gcp_tools.commands.preflight.answers import Google
    from metaflow_gcp_tools.commands.preflight.show import Report
    from metaflow_gcp_tools.commands.preflight.survey import Survey
    from metaflow_gcp_tools.platform.manifest import Manifest
    from metaflow_gcp_tools.platform.synthesized import synthesized

    output = Output(as_json=as_json)
    with synthesized(settings=settings, out=out, doing=output.doing) as folder:
        manifest = Manifest.read(folder)
        needed = permissions.needed(folder, manifest.project)
        deploys = deployer.read(folder)
    google = Google(manifest.project, timeout, impersonate=deploys.impersonates)
    survey = Survey(google, manifest, needed, deploys)
    with interruptible("checking the project", left="nothing was changed"), Report(output.result) as report:
        for check in survey.checks():
            report.add(check)
    report.close()
    increases, not_filed = filing.filed(survey, report.checks, contact, output, ask=not yes) if request else ([], [])
    because = [
        Problem(what=f"{each.full_name}: {each.says}", next_step=each.next_step) for each in ready(report.checks)[1]
    ]
    result = document.result(manifest, report.checks, increases)
    return output.end("preflight", result, [*because, *not_filed])


def _check_use(*, request: bool, yes: bool, contact: str | None, as_json: bool) -> None:
    check_use(
        (
            not request and (yes or contact is not None),
            "--yes and --contact require --request",
            "add --request, or leave them out",
        ),
        (
            contact is not None and ("@" not in contact.strip("@") or " " in contact),
            f"--contact {contact!r} is not an e-mail address",
            "pass an e-mail address, or leave --contact out",
        ),
        (
            request and not yes and (as_json or not sys.stdin.isatty()),
            "--request asks before it files, and there is no one to ask (--json, or no terminal)",
            "add --yes to file without asking",
        ),
    )
