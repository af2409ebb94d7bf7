import pytest

from metaflow_gcp_tools.commands.tasks.pathspec import Pathspec
from metaflow_gcp_tools.problems import WrongUse


@pytest.mark.parametrize("text", ["HelloFlow/12", "HelloFlow/argo-hello-x7k2/train", "HelloFlow/12/train/34"])
def test_it_is_as_metaflow_writes_it(text):
    assert str(Pathspec.parse(text)) == text
    assert str(Pathspec.parse(f"{text}/")) == text


@pytest.mark.parametrize("text", ["", "HelloFlow", "HelloFlow//train", "a/b/c/d/e"])
def test_what_names_no_run_is_wrong_use(text):
    with pytest.raises(WrongUse, match="is not a run, a step or a task") as error:
        Pathspec.parse(text)
    assert "FLOW/RUN/STEP/TASK" in error.value.next_step


def test_a_command_may_take_runs_only():
    with pytest.raises(WrongUse, match=r"is not a run$"):
        Pathspec.parse("HelloFlow/12/train", longest=2)


def test_a_run_of_argo_s_is_a_workflow():
    assert Pathspec.parse("HelloFlow/argo-hello-x7k2").workflow == "hello-x7k2"
    assert Pathspec.parse("HelloFlow/12").workflow == ""


def test_it_has_what_it_names():
    assert Pathspec.parse("F/1").has("train", "34")
    assert Pathspec.parse("F/1/train").has("train", "34")
    assert not Pathspec.parse("F/1/train").has("end", "34")
    assert not Pathspec.parse("F/1/train/34").has("train", "35")
