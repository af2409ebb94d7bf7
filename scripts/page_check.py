"""Looks at the report's page in a real browser, headless: wide and narrow, light and dark.

    make page-check

Needs Chromium or Chrome, and a report: `make rehearse` writes it. Writes what the browser shows to
build/rehearsal/page/. With --picture it also draws docs/rehearsal.png anew.
"""

import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "build/rehearsal/report.html"
PICTURES = PROJECT / "build/rehearsal/page"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
THEMES = {"light": (), "dark": ("--blink-settings=preferredColorScheme=0",)}
WIDTHS = (1280, 400)
_FRAME = """<!doctype html><title>waiting</title><iframe style="width:{width}px;height:3000px;border:0" srcdoc="{page}">
</iframe><script>addEventListener("message", event => {{ document.title = event.data }})</script>"""

_ONLY = """
nav, .figures div:last-child, #findings, #destruction, #graph, #deployment > :not(.chart, .key, h2),
#deploy-apis-stack, #deploy-services-stack { display: none; }
"""


def main() -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"page-check: no browser found. Install Chromium, as one of: {', '.join(BROWSERS)}.")
    if not PAGE.is_file():
        sys.exit(f"page-check: {PAGE.relative_to(PROJECT)} is missing. Run `make rehearse` first.")
    PICTURES.mkdir(exist_ok=True)
    bad = False
    for (theme, flags), width in product(THEMES.items(), WIDTHS):
        found = _probe(browser, flags, width)
        picture = PICTURES / f"{theme}-{width}.png"
        _shoot(browser, flags, width, picture)
        print(f"{theme}, {width} px: {found['nodes']} resources in the graphs, {picture.relative_to(PROJECT)}")
        for problem in found["problems"]:
            print(f"  {problem}")
        bad = bad or bool(found["problems"]) or found["width"] != width or not found["nodes"]
    if "--picture" in sys.argv:
        _picture(browser, PROJECT / "docs/rehearsal.png")
    sys.exit(bad)


def _probe(browser: str, flags: tuple[str, ...], width: int) -> dict[str, Any]:
    """The page in a frame, since a window cannot be as narrow as a phone."""
    probe = (PROJECT / "scripts/page_check.js").read_text("utf-8")
    page = PAGE.read_text("utf-8").replace("<body>", f"<body><script>{probe}</script>")
    with tempfile.TemporaryDirectory() as folder:
        frame = Path(folder) / "frame.html"
        frame.write_text(_FRAME.format(width=width, page=html.escape(page)), "utf-8")
        shown = _run(browser, *flags, "--virtual-time-budget=5000", "--dump-dom", frame.as_uri())
    title = re.search(r"<title>(.*?)</title>", shown, re.DOTALL)
    text = html.unescape(title[1]) if title else ""
    if not text.startswith("{"):
        sys.exit(f"page-check: the page did not answer in {browser}: {shown[:300]}")
    return dict(json.loads(text))


def _shoot(
    browser: str, flags: tuple[str, ...], width: int, file: Path, *, page: Path = PAGE, height: int = 6000
) -> None:
    size = f"--window-size={width},{height}"
    _run(browser, *flags, "--hide-scrollbars", size, f"--screenshot={file}", page.as_uri())


def _picture(browser: str, file: Path) -> None:
    """The page's head and the longest part of its timeline."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(PAGE.read_text("utf-8").replace("</style>", f"{_ONLY}</style>"), "utf-8")
        _shoot(browser, (), 1000, file, page=page, height=788)


def _run(browser: str, *arguments: str) -> str:
    # As root, in a container, it has no sandbox to start; it reads nothing but the page.
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--force-prefers-reduced-motion", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return ran.stdout


if __name__ == "__main__":
    main()
