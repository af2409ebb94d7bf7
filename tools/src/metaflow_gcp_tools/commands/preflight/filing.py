"""`--request`: files increases of the quotas that are too small, after a question."""

from collections.abc import Sequence
from dataclasses import replace

from metaflow_gcp_tools.checks import Check
from metaflow_gcp_tools.clients.unanswered import Unanswered
from metaflow_gcp_tools.commands.preflight import increase, show
from metaflow_gcp_tools.commands.preflight.increase import Increase, Outcome
from metaflow_gcp_tools.commands.preflight.survey import Survey
from metaflow_gcp_tools.problems import CommandFailed, Problem, interruptible
from metaflow_gcp_tools.terminal.output import Output


def filed(
    survey: Survey, checks: Sequence[Check], contact: str | None, output: Output, *, ask: bool
) -> tuple[list[Increase], list[Problem]]:
    """The increases with their outcome, and what went wrong, which people have been told."""
    increases: list[Increase] = []
    problems: list[Problem] = []
    try:
        increases = _filed(survey, checks, contact or survey.email, output, ask=ask)
    except CommandFailed as error:
        problems += error.problems
    unread = increase.not_known(survey.manifest, checks)
    if unread:
        problems.append(
            Problem(
                what=f"{len(unread)} of {len(survey.manifest.quotas)} quotas could not be read, "
                f"so no increase was filed for them: {', '.join(unread)}",
                next_step="fix the checks that failed, then retry",
            )
        )
    for problem in problems:
        output.problem(problem)
    if not increases and not problems:
        output.result.print("No quota is too small: nothing to file.")
    not_filed = [
        Problem(what=f"no increase of {each.check} was filed: {each.says}", next_step="request it on the quotas page")
        for each in increases
        if each.outcome in (Outcome.FAILED, Outcome.IMPOSSIBLE)
    ]
    return increases, not_filed + problems


def _filed(
    survey: Survey, checks: Sequence[Check], contact: str | None, output: Output, *, ask: bool
) -> list[Increase]:
    try:
        planned = list(increase.planned(survey.google, survey.manifest, checks))
    except Unanswered as error:
        raise CommandFailed.of(what=f"no increase was filed: {error.what}", next_step=error.next_step) from None
    to_file = [each for each in planned if each.outcome is Outcome.TO_FILE]
    if to_file and contact is None:
        raise CommandFailed.of(
            what="no increase was filed: Google requires a contact e-mail, and does not say yours",
            next_step="add --contact EMAIL",
        )
    if to_file and ask and not _wanted(to_file, contact, output):
        planned = [replace(each, says="not filed: you declined") if each in to_file else each for each in planned]
        to_file = []
    environment = survey.manifest.environment
    done = [
        increase.file(survey.google, each, contact=contact, environment=environment)
        if contact and each in to_file
        else each
        for each in planned
    ]
    show.increases(output.result, done)
    return done


def _wanted(to_file: Sequence[Increase], contact: str | None, output: Output) -> bool:
    import typer

    show.to_file(output.result, to_file)
    with interruptible("asking whether to file the requests", left="nothing was filed"):
        return typer.confirm(f"File {len(to_file)} requests, with {contact} as the contact?")
