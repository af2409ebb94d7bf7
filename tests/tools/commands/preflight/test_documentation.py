"""The documentation shows what preflight really writes."""

import json
import re
import runpy
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs/commands/preflight.md").read_text("utf-8")


def test_the_picture_is_what_it_writes_today(tmp_path):
    script = runpy.run_path(str(ROOT / "scripts/tool_pictures.py"))
    picture = script["picture"]("preflight", script["preflight"](tmp_path))
    assert picture == (ROOT / "docs/commands/preflight.svg").read_text("utf-8"), (
        "make it again: .venv/bin/python scripts/tool_pictures.py preflight"
    )


def test_the_pictures_are_legible_where_a_page_shows_them():
    """A page is some 850 pixels wide: with more columns, letters are smaller than those of the text around them."""
    for picture in (ROOT / "docs/commands").glob("*.svg"):
        [width] = re.findall(r'viewBox="0 0 (\d+)', picture.read_text("utf-8"))
        assert int(width) <= 100 * 12.2 + 20, picture


def test_the_document_on_the_page_has_the_keys_of_the_real_one(cloud, preflight):
    cloud.quotas["us-west1"]["NVIDIA_L4_GPUS"] = 0
    shown = json.loads(textwrap.dedent(re.search(r"## JSON\n\n(.*?\n)\n`ready`", PAGE, re.DOTALL)[1]))
    cloud.quota_info(shown["requests"][0]["quota_id"], ({}, "0"))
    real = preflight("--json", "--request", "--yes").document["result"]
    (check,) = [each for each in real["checks"] if each["name"] == shown["checks"][0]["name"]]
    assert set(shown) == set(real)
    assert list(shown["checks"][0]) == list(check)
    assert shown["requests"] == real["requests"]
