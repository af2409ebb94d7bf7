"""`metaflow-gcp preflight`: its options, and how it ends."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metaflow_gcp_tools.problems import CommandFailed, Problem, WrongUse, interruptible
from metaflow_gcp_tools.terminal.options import AsJson, Out, Settings, Verbose, Yes
from metaflow_gcp_tools.terminal.output import Output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaflow_gcp_tools.checks import Check
    from metaflow_gcp_tools.commands.preflight.increase import Increase
    from metaflow_gcp_tools.commands.preflight.survey import Survey


def preflight(  # noqa: PLR0917 - each is an option
    settings: Settings = None,
    out: Out = None,
    request: Annotated[
        bool, typer.Option("--request", help="File increases of the quotas that are too small, after asking.")
    ] = False,
    yes: Yes = False,
    contact: Annotated[
        str | None,
        typer.Option(metavar="EMAIL", help="With --request: who Google answers. Default: you.", show_default=False),
    ] = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, max=600, help="How long to wait for each answer.")
    ] = 20,
    _verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Check whether the project is ready for a deployment: tools, rights, APIs, machines, quotas.

    Only --request changes something. Exit code 1 when a deployment would fail (FAIL), and when that is not known
    (UNKNOWN); what only keeps pools from growing is a warning (WARN).

    Examples:
        metaflow-gcp preflight --settings settings.toml
        metaflow-gcp preflight --request --contact ada@example.com
    """
    _check_use(request=request, yes=yes, contact=contact, as_json=as_json)
    from metaflow_gcp_tools.checks import ready
    from metaflow_gcp_tools.commands.preflight import deployer, permissions
    from metaflow_gcp_tools.commands.preflight.answers import Google
    from metaflow_gcp_tools.commands.preflight.report import Report
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
    increases: list[Increase] = []
    problems: list[Problem] = []
    if request:
        try:
            increases = _request(output, survey, report.checks, contact, ask=not yes)
        except CommandFailed as error:
            problems += error.problems
            for problem in error.problems:
                output.problem(problem)
        problems += _not_filed(increases) + _not_known(output, survey, report.checks)
    is_ready, because = ready(report.checks)
    exit_code = 0 if is_ready and not problems else 1
    result: dict[str, Any] = {
        "project": manifest.project,
        "environment": manifest.environment,
        "region": manifest.region,
        "ready": is_ready,
        "reasons": [f"{each.full_name}: {each.says}" for each in because],
        "checks": [check.document() for check in report.checks],
        "requests": [increase.document() for increase in increases],
    }
    problems = [Problem(what=f"{each.full_name}: {each.says}", next_step=each.next_step) for each in because] + problems
    output.document("preflight", result, exit_code=exit_code, problems=problems)
    return exit_code


def _check_use(*, request: bool, yes: bool, contact: str | None, as_json: bool) -> None:
    problems = []
    if not request and (yes or contact is not None):
        problems.append(Problem(what="--yes and --contact go with --request", next_step="add --request, or leave them"))
    if contact is not None and ("@" not in contact.strip("@") or " " in contact):
        problems.append(Problem(what=f"--contact {contact!r} is no e-mail address", next_step="give one, or leave it"))
    if request and not yes and (as_json or not sys.stdin.isatty()):
        problems.append(
            Problem(
                what="--request asks before it files, and there is nobody to ask (--json, or no terminal)",
                next_step="add --yes to file without asking",
            )
        )
    if problems:
        raise WrongUse(*problems)


def _request(
    output: Output, survey: "Survey", checks: "list[Check]", contact: str | None, *, ask: bool
) -> "list[Increase]":
    """File what is to be filed; the increases with their outcome."""
    from dataclasses import replace

    from metaflow_gcp_tools.clients.unanswered import Unanswered
    from metaflow_gcp_tools.commands.preflight import increase
    from metaflow_gcp_tools.commands.preflight.increase import Outcome

    try:
        planned = list(increase.planned(survey.google, survey.manifest, checks))
    except Unanswered as error:
        raise CommandFailed(Problem(what=f"no increase was filed: {error.what}", next_step=error.next_step)) from None
    to_file = [each for each in planned if each.outcome is Outcome.TO_FILE]
    contact = contact or survey.email
    if to_file and contact is None:
        raise CommandFailed(
            Problem(
                what="no increase was filed: Google wants an e-mail to answer to, and does not say yours",
                next_step="add --contact EMAIL",
            )
        )
    if to_file and ask:
        output.result.print("To file with Cloud Quotas:", style="bold")
        for each in to_file:
            output.result.print(f"  {each.check}: {each.wanted}", markup=False)
        with interruptible("asking whether to file the requests", left="nothing was filed"):
            wanted = typer.confirm(f"File {len(to_file)} requests, with {contact} as the contact?")
        if not wanted:
            planned = [replace(each, says="not filed: you said no") if each in to_file else each for each in planned]
            to_file = []
    environment = survey.manifest.environment
    done = [
        increase.file(survey.google, each, contact=contact, environment=environment)
        if contact and each in to_file
        else each
        for each in planned
    ]
    for each in done:
        output.result.print(f"{each.outcome}: {each.check}: {each.wanted}. {each.says}", markup=False)
    if not done and not increase.not_known(survey.manifest, checks):
        output.result.print("No quota is too small: nothing to file.")
    return done


def _not_filed(increases: "Sequence[Increase]") -> list[Problem]:
    """What was shown as it went wrong, for the document and the exit code."""
    from metaflow_gcp_tools.commands.preflight.increase import Outcome

    return [
        Problem(what=f"no increase was filed of {each.check}: {each.says}", next_step="ask for it on the quotas page")
        for each in increases
        if each.outcome in (Outcome.FAILED, Outcome.IMPOSSIBLE)
    ]


def _not_known(output: Output, survey: "Survey", checks: "list[Check]") -> list[Problem]:
    """Whether an increase is needed, nobody can say of a quota that could not be read."""
    from metaflow_gcp_tools.commands.preflight import increase

    names = increase.not_known(survey.manifest, checks)
    if not names:
        return []
    problem = Problem(
        what=f"{len(names)} of {len(survey.manifest.quotas)} quotas could not be read, "
        f"so no increase of them was filed: {', '.join(names)}",
        next_step="fix what keeps preflight from reading them, then retry",
    )
    output.problem(problem)
    return [problem]
