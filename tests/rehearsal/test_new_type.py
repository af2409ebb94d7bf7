"""docs/rehearsal.md's new type, added as the page says."""

import re
from pathlib import Path

import pytest

from rehearsal.cloud.google import kinds
from rehearsal.facts import Facts
from rehearsal.protocol.errors import Refused

PAGE = (Path(__file__).parents[2] / "docs/rehearsal.md").read_text("utf-8")
INSTANCE = {"name": "cache", "memory_size_gb": 1, "authorized_network": "projects/acme/global/networks/vpc"}


@pytest.fixture
def redis(tmp_path, monkeypatch, google, cloud):
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "redis.py").write_text(code, "utf-8")
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path)])
    cloud.enable("acme", "redis.googleapis.com")
    return google


def test_it_is_special_as_its_record_says(redis):
    with pytest.raises(Refused, match="networks/vpc' was not found"):
        redis.create("google_redis_instance", **INSTANCE)
    network = redis.create("google_compute_network", name="vpc")
    state = redis.create("google_redis_instance", **INSTANCE)
    assert state["host"].startswith("10.")
    assert state["port"] == 6379
    assert redis.plan("google_redis_instance", state, **INSTANCE) == state
    with pytest.raises(Refused, match=r"being used by .*instances/cache"):
        redis.delete("google_compute_network", network)
    redis.delete("google_redis_instance", state)
    redis.delete("google_compute_network", network)


def test_what_the_page_says_of_all_types():
    database = Facts("google")._database
    [count] = database.execute("SELECT count(*) FROM types WHERE provider = 'google' AND kind = 'resource'").fetchone()
    assert f"All {count} resource types" in PAGE


def test_another_type_of_its_api_keeps_its_record(tmp_path, monkeypatch):
    (tmp_path / "pubsub.py").write_text("KINDS = []", "utf-8")
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path)])
    assert kinds.find(Facts("google"), "google_pubsub_subscription").references
