"""Killed at any moment, the next run goes on. `make kills` does so twenty times with our stacks."""

from tests.deploys import kills
from tests.rehearsal.run.test_check import write


def hangs(file, **more):
    """The first time."""
    return {"local-exec": {"command": f"[ -e {file} ] || {{ touch {file}; sleep 600; }}", **more}}


def test_a_run_is_killed_and_the_next_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(kills, "AT_MOST", 1.0)
    provisioners = [hangs(tmp_path / "created"), hangs(tmp_path / "destroyed", when="destroy")]
    few = {"terraform_data": {"a": {"input": "a", "provisioner": provisioners}}}
    stack = {"terraform": {"backend": {"local": {"path": "a.tfstate"}}}, "resource": few}
    source = write(tmp_path / "app", base=(stack, []))
    folder = tmp_path / "rehearsal"
    folder.mkdir()
    said: list[str] = []
    killing = kills.rehearse(source, folder, count=2, number=0, say=said.append)
    assert [line.split(":")[0] for line in said] == ["base apply", "base destroy"]
    assert killing.healed == []
    assert killing.left == 0
