"""Where resources stand in the picture."""

from rehearsal.page.layout import layout


def needs(**named):
    return {name: dict.fromkeys(others, "because") for name, others in named.items()}


def test_each_to_the_right_of_what_it_needs():
    drawn = layout(needs(c=["a", "b"], b=["a"], a=[], alone=[]))
    assert [sorted(column) for column in drawn.columns] == [["a", "alone"], ["b"], ["c"]]


def test_no_line_for_what_goes_through_another():
    assert set(layout(needs(a=[], b=["a"], c=["b", "a"])).edges) == {("a", "b"), ("b", "c")}


def test_what_is_elsewhere_is_left_out():
    drawn = layout(needs(a=["somewhere.else"]))
    assert (drawn.columns, drawn.edges) == ([["a"]], [])


def test_lines_do_not_cross_that_need_not():
    drawn = layout(needs(a=[], b=[], c=[], x=["c"], y=["b"], z=["a"]))
    left, right = drawn.columns
    order = {"x": "c", "y": "b", "z": "a"}
    assert [order[each] for each in right] == left


def test_side_by_side_where_nothing_waits():
    drawn = layout(needs(**{f"api{number}": [] for number in range(6)}))
    assert drawn.columns == [["api0", "api4"], ["api1", "api5"], ["api2"], ["api3"]]


def test_nothing():
    assert layout({}).columns == []
