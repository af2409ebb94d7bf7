"""Draws docs/dashboard.svg: the dashboard's tiles, each with series that are made up here.

    python scripts/dashboard_picture.py

A test compares the picture with what this would draw.
"""

import math
import random
import sys
from html import escape
from itertools import accumulate
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from metaflow_gcp.metaflow.observability import dashboard
from metaflow_gcp.metaflow.observability.dashboard import Tile
from scripts.observability_page import WATCHED

PICTURE = Path(__file__).parents[1] / "docs" / "dashboard.svg"
WIDTH, HEIGHT, GAP, COLUMNS = 300, 130, 12, 3
POINTS = 48
COLOURS = ("#1a73e8", "#12b5cb", "#e8710a", "#9334e6")
SERIES = 3
"""Of a tile whose series add up; other tiles have one for each query, and another."""


def made_up(name: str, number: int) -> list[float]:
    """A day of some work, the same each time."""
    chance = random.Random(f"{name}{number}")  # noqa: S311 - the same picture each time
    level, swing, at = chance.uniform(0.2, 0.5), chance.uniform(0.1, 0.3), chance.uniform(0, 6)
    return [
        max(0.02, level + swing * math.sin(at + 2 * math.pi * point / POINTS) + chance.uniform(-0.05, 0.05))
        for point in range(POINTS)
    ]


def drawn(tile: Tile, left: int, top: int) -> list[str]:
    count = SERIES if tile.stacked else len(tile.queries) + 1
    lines = [made_up(tile.title, number) for number in range(count)]
    if tile.stacked:
        lines = list(accumulate(lines, lambda below, line: [a + b for a, b in zip(below, line, strict=True)]))
    most = max(max(line) for line in lines)
    floor, room = top + HEIGHT - 12, HEIGHT - 46
    parts = [
        f'<rect x="{left}" y="{top}" width="{WIDTH}" height="{HEIGHT}" rx="4" fill="#fff" stroke="#dadce0"/>',
        f'<text x="{left + 10}" y="{top + 20}">{escape(tile.title)}</text>',
    ]
    for number, line in reversed(list(enumerate(lines))):
        step = (WIDTH - 24) / (POINTS - 1)
        points = " ".join(
            f"{left + 12 + step * point:.0f},{floor - room * value / most:.0f}" for point, value in enumerate(line)
        )
        colour = COLOURS[number % len(COLOURS)]
        if tile.stacked:
            ends = f"{left + 12},{floor} {points} {left + WIDTH - 12},{floor}"
            parts.append(f'<polygon points="{ends}" fill="{colour}"/>')
        else:
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
    return parts


def picture() -> str:
    tiles = dashboard.tiles(WATCHED)
    rows = -(-len(tiles) // COLUMNS)
    width, height = COLUMNS * (WIDTH + GAP) + GAP, rows * (HEIGHT + GAP) + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        '<g font-size="11" font-family="sans-serif" fill="#202124">',
        "<title>the dashboard, with made-up series</title>",
        f'<rect width="{width}" height="{height}" fill="#f1f3f4"/>',
    ]
    for index, tile in enumerate(tiles):
        row, column = divmod(index, COLUMNS)
        parts += drawn(tile, GAP + column * (WIDTH + GAP), GAP + row * (HEIGHT + GAP))
    return "\n".join([*parts, "</g>", "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
