"""The page: whole, by itself, and safe with whatever a report says."""

import json
import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from rehearsal.page.page import page
from rehearsal.run.clock import foresee
from rehearsal.run.errors import StepFailed
from rehearsal.run.report import Broken, Report, StackReport

VOID = {"meta", "br", "wbr", "hr", "input", "link", "img"}
KEYS = [{"index_key": 'a "b" <c>'}, {"index_key": "d"}]
STATE = {
    "resources": [
        {"mode": "managed", "type": "google_storage_bucket_object", "name": "o", "instances": KEYS},
        {
            "module": "module.network",
            "mode": "managed",
            "type": "google_compute_network",
            "name": "vpc",
            "instances": [{}],
        },
    ]
}
CONFIGURATION = {
    "resource": {
        "random_id": {"suffix": {"byte_length": 2}},
        "google_storage_bucket": {"b_0123ABCD": {"name": "${random_id.suffix.hex}"}},
        "google_storage_bucket_object": {"o": {"bucket": "${google_storage_bucket.b_0123ABCD.name}"}},
        "google_container_cluster": {"main": {"depends_on": ["google_storage_bucket_object.o"]}},
        "google_sql_database_instance": {"db": {"depends_on": ["google_container_cluster.main"]}},
    }
}
ADDRESSES = {
    "random_id.suffix",
    "google_storage_bucket.b_0123ABCD",
    "google_storage_bucket_object.o",
    "google_container_cluster.main",
    "google_sql_database_instance.db",
    "module.network.google_compute_network.vpc",
}


class Document(HTMLParser):
    """Collects what stands on a page, and fails where elements are not closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        assert len(dict(attributes)) == len(attributes), f"{tag}: an attribute twice"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def all(self, attribute):
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]

    @property
    def text(self):
        return " ".join("".join(self.texts).split())


def report(**changes):
    made = Report(command="check", ok=True, seconds=12.3, left=[], stays=["acme: run.googleapis.com is enabled"])
    made.stacks["base"] = StackReport(resources=["random_id.suffix"], second_plan=[], left=[])
    made.clock = foresee({"base": CONFIGURATION}, {"base": STATE})
    for name, value in changes.items():
        setattr(made, name, value)
    return json.loads(made.to_json())


@pytest.fixture(scope="module")
def drawn():
    return Document(page(report()))


def test_ids_are_unique_and_links_lead_to_them(drawn):
    assert [each for each, count in Counter(drawn.all("id")).items() if count > 1] == []
    assert not [each for each in drawn.all("id") if re.search(r"[^\w.-]", each)]
    links = {each.removeprefix("#") for each in drawn.all("href")}
    assert links <= set(drawn.all("id"))
    assert all(each.startswith("#") for each in drawn.all("href"))


def test_it_needs_nothing_else():
    text = page(report())
    assert not re.search(
        r"""(src|href|action|data|poster)=["']?(https?:)?//|@import|url\(|<link|<iframe|fetch\(""", text
    )
    assert "default-src 'none'" in text


def test_every_resource_is_in_both_timelines_and_in_the_graph(drawn):
    rows = [attributes["id"] for tag, attributes in drawn.elements if tag == "tr" and "id" in attributes]
    assert len(rows) == 2 * (len(ADDRESSES) + 1)
    assert sum(each.startswith("deploy-base-") for each in rows) == len(ADDRESSES) + 1
    nodes = [attributes for tag, attributes in drawn.elements if tag == "a" and "data-node" in attributes]
    assert len(nodes) == len(ADDRESSES)
    for address in ADDRESSES:
        assert f"{address}, " in drawn.text


def test_the_graph_says_why(drawn):
    assert "Waits for b (bucket)." in drawn.text
    assert "Waits for main (depends_on)." in drawn.text
    assert "Waits for nothing." in drawn.text


def test_the_critical_path_and_what_would_shorten_it(drawn):
    assert "main 8 min 42 s → db 11 min 11 s" in drawn.text
    assert "8 min 46 s shorter if db did not need main (depends_on)" in drawn.text


def test_what_more_turns_would_save():
    apis = {f"api{number}": {"service": f"{number}.googleapis.com"} for number in range(20)}
    waiting = foresee({"apis": {"resource": {"google_project_service": apis}}}, {})
    assert "21 s less with cdktf deploy --terraform-parallelism 20." in Document(page(report(clock=waiting))).text
    assert "--terraform-parallelism" not in page(report())


def test_costs_are_our_own_platforms():
    assert "metaflow-gcp plan" in page(report(command="rehearse"))
    assert "metaflow-gcp plan" not in page(report(command="check"))


def test_colours_are_not_all_that_tells(drawn):
    """Who sees no colours reads what is critical and what is estimated."""
    critical = [
        attributes for tag, attributes in drawn.elements if tag == "tr" and "critical" in attributes.get("class", "")
    ]
    assert critical
    assert drawn.texts.count("critical") == len(critical)
    assert "est." in drawn.texts


def test_without_findings(drawn):
    assert "No findings." in drawn.text
    assert "Everything went well" in drawn.text
    assert "1 thing stays on purpose" in drawn.text


def test_what_a_report_says_is_text():
    evil = '<script>alert("x")</script> https://example.com & "quotes"'
    failed = report(ok=False, findings=[evil], left=[evil], clock=None)
    failed["failure"] = {"step": "apply", "stack": "base", "message": evil}
    failed["stacks"]["base"]["second_plan"] = [evil]
    document = Document(page(failed))
    assert [tag for tag, _ in document.elements].count("script") == 1
    assert document.text.count(evil) == 4
    assert "It did not go well at apply of base" in document.text
    assert "No findings." not in document.text


def test_what_failed_on_the_way():
    broken = [Broken(stack="infra", step="apply", message="quota exceeded", cures=["apply"])]
    document = Document(page(report(broken=broken)))
    assert "Failed on the way, and went well when run again (1)" in document.text
    assert "infra at apply: quota exceeded" in document.text


def test_a_failure_before_anything_was_deployed():
    made = Report(command="check")
    made.fail(StepFailed("synth", "no such setting"))
    document = Document(page(json.loads(made.to_json())))
    assert "Rehearsal of nothing" in document.text
    assert "no such setting" in document.text
