"""The report of a run."""

import pytest

from rehearsal.run.errors import StepFailed
from rehearsal.run.report import Report


def test_a_failing_step_is_measured_and_named():
    report = Report(command="check")

    def fail():
        with report.step("infra", "apply"):
            raise StepFailed("apply", "no")

    with pytest.raises(StepFailed) as failed:
        fail()
    report.fail(failed.value)
    assert (report.failure.stack, report.failure.step, report.failure.message) == ("infra", "apply", "no")
    assert "apply" in report.stack("infra").seconds
