"""The Gantt chart."""

import re

from rehearsal.page.timeline import critical_path, timeline


def operation(address, start, end, **changes):
    type_ = address.partition(".")[0]
    shown = {"critical": False, "source": "https://example.com/log", "why": "dependency"}
    return {"address": address, "type": type_, "start": start, "end": end} | shown | changes


def expected(*operations, path=(), seconds=600):
    stack = {
        "stack": "infra",
        "start": 100,
        "seconds": seconds - 100,
        "before": 30,
        "operations": list(operations),
        "critical_path": list(path),
        "shortcuts": [],
    }
    return {"seconds": seconds, "estimated": 0, "stacks": [stack]}


def test_where_a_bar_starts_and_ends():
    drawn = timeline(expected(operation("google_compute_network.vpc", 50, 200)), "deploy")
    assert 'style="left:25.000%;width:25.000%"' in drawn
    assert "2:30 to 5:00" in drawn
    assert "2 min 30 s" in drawn


def test_short_ones_are_folded_away_and_still_there():
    short = [operation(f"random_id.r{number}", 0, 1) for number in range(3)]
    drawn = timeline(expected(operation("google_compute_network.vpc", 0, 60), *short), "deploy")
    shown, folded = drawn.split("<details>")
    assert "3 more resources, each under 20 s" in folded
    assert len(re.findall('id="deploy-infra-random_id', folded)) == 3
    assert "random_id" not in shown


def test_a_short_one_on_the_critical_path_is_shown():
    drawn = timeline(expected(operation("google_sql_user.user", 0, 8, critical=True)), "deploy")
    assert "<details>" not in drawn


def test_an_estimate_says_so():
    measured, guessed = (
        timeline(expected(operation("google_sql_user.user", 0, 30, source=source)), "deploy")
        for source in ("https://example.com/log", None)
    )
    assert "est." not in measured
    assert 'title="example.com/log"' in measured
    assert "est." in guessed


def test_the_scale_has_a_readable_number_of_marks():
    for seconds in (15, 54, 240, 963, 5000, 20_000):
        marks = len(re.findall("<span style=", timeline(expected(seconds=seconds), "deploy")))
        assert 1 <= marks <= 12, seconds


def test_arrows_tell_needing_from_waiting():
    path = ["a.one", "b.two", "c.three"]
    drawn = critical_path(
        expected(
            operation("a.one", 0, 10),
            operation("b.two", 10, 20, why="turn"),
            operation("c.three", 20, 30),
            path=path,
        )
    )
    assert re.sub("<[^>]*>", "", drawn).strip() == "infra, 8 min: one 10 s ⇢ two 10 s → three 10 s"


def test_two_of_one_name_are_told_apart_by_their_types():
    path = ["pool.main", "cluster.main", "net.vpc"]
    whole = expected(*(operation(each, 0, 10) for each in path), path=path)
    [stack] = whole["stacks"]
    stack["shortcuts"] = [{"address": "pool.main", "needs": "cluster.main", "because": "cluster", "seconds": 60}]
    drawn = re.sub("<[^>]*>", "", critical_path(whole))
    assert "pool.main 10 s → cluster.main 10 s → vpc 10 s" in drawn
    assert "1 min shorter if pool.main did not need cluster.main (attribute cluster)" in drawn
