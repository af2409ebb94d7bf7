from tests.stacks.test_second_plan import second_plan


def test_nothing_changes(off, tmp_path):
    assert second_plan(off, tmp_path) == []
