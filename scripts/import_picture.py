"""Draws docs/architecture.md's picture of imports from the sources themselves.

    python scripts/import_picture.py

A test compares it with what it would draw.
"""

import ast
import re
import sys
from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import grimp

sys.path.insert(0, str(Path(__file__).parents[1]))

from scripts import marked

PROJECT = Path(__file__).parent.parent
PAGE = PROJECT / "docs/architecture.md"
PACKAGES = ("stacks", "metaflow_gcp", "metaflow_gcp_tools", "rehearsal")

Floor = Mapping[str, set[str]]
"""Room -> the rooms that it imports. A package's name ends in a slash."""


def main() -> None:
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")


def page(text: str) -> str:
    """The page with the picture of now."""
    return marked.put(text, "import_picture.py", "\n".join(map(_drawn, floors().items())))


def floors() -> dict[str, Floor]:
    """What is imported on each floor: between the packages, and between the rooms of each."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    program = {f"{name}/" for name in PACKAGES if name in _imported(PROJECT / "main.py")}
    return {
        "The project": {"main": program, **_floor(graph, set(PACKAGES), prefix="")},
        **{f"`{name}`": _floor(graph, graph.find_children(name), prefix=f"{name}.") for name in PACKAGES},
    }


def _floor(graph: grimp.ImportGraph, rooms: set[str], *, prefix: str) -> Floor:
    label = {room: room.removeprefix(prefix) + ("/" if graph.find_children(room) else "") for room in rooms}
    inside = {module: room for room in rooms for module in {room, *graph.find_descendants(room)}}
    floor: dict[str, set[str]] = {label[room]: set() for room in sorted(rooms)}
    for module, room in inside.items():
        imported = {inside[each] for each in graph.find_modules_directly_imported_by(module) if each in inside}
        floor[label[room]] |= {label[each] for each in imported - {room}}
    return floor


def _imported(program: Path) -> set[str]:
    """The packages that a program outside of any package imports."""
    nodes = list(ast.walk(ast.parse(program.read_text("utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def _drawn(item: tuple[str, Floor]) -> str:
    """As Mermaid. An arrow that says no more than a longer way does is left out."""
    title, floor = item
    imports = {room: sorted(imported) for room, imported in floor.items()}
    order = list(TopologicalSorter(imports).static_order())[::-1]  # A circle is an error.
    boxes = [f'    {_id(room)}["{room}"]' for room in order]
    arrows = [f"    {_id(room)} --> {_id(each)}" for room in order for each in sorted(_nearest(floor, room))]
    return "\n".join([f"{title}:\n", "```mermaid", "flowchart TD", *boxes, *arrows, "```\n"])


def _nearest(floor: Floor, room: str) -> set[str]:
    return floor[room] - {far for near in floor[room] for far in _reached(floor, near)}


def _reached(floor: Floor, room: str) -> set[str]:
    return floor[room] | {far for near in floor[room] for far in _reached(floor, near)}


def _id(room: str) -> str:
    return re.sub(r"\W", "", room)


if __name__ == "__main__":
    main()
