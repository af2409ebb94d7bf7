"""Changes of a kubeconfig touch what is meant and no other byte."""

import json

import pytest
import yaml

from metaflow_gcp_tools.machine import kubeconfig_text
from metaflow_gcp_tools.machine.kubeconfig_text import NotAKubeconfig, with_current_context, with_entry
from tests.tools.commands.configure.places import KUBECONFIG

CLUSTER = {"cluster": {"server": "https://new"}, "name": "new"}
OTHER_STYLES = {
    "indented": "clusters:\n  - name: old\n    cluster:\n      server: https://10.0.0.1\nusers: []\n",
    "no line break at the end": "users: []\nclusters:\n- name: old\n  cluster: {server: a}",
    "comment at the end": "clusters:\n- name: old\n  cluster:\n    server: a   # here\n# and there\n",
    "empty list": "clusters: []   # none\nusers: []\n",
    "empty list on a line of its own": "clusters:\n    []\nusers: []\n",
    "nothing": "clusters:\nusers:\n",
    "null": "clusters: null\nusers: ~\n",
    "missing": "kind: Config\nusers:\n- name: me\n  user: {}\n",
    "literal text last": "clusters:\n- name: old\n  cluster:\n    data: |\n      a\n      b\n\nkind: Config\n",
    "literal text at the end": "clusters:\n- name: old\n  cluster:\n    data: |\n      a\n      b\n",
    "value missing last": "clusters:\n- name: old\n  cluster:\n",
    "windows": "apiVersion: v1\r\nclusters:\r\n- name: old\r\n  cluster: {server: a}\r\nkind: Config\r\n",
    "document marks": "---\nclusters:\n- name: old\n  cluster: {server: a}\n...\n",
    "JSON": json.dumps({"clusters": [{"name": "old", "cluster": {"server": "a"}}], "users": []}),
    "JSON in lines": json.dumps({"clusters": [{"name": "old", "cluster": {}}], "kind": "Config"}, indent=4) + "\n",
    "JSON, empty list": '{"clusters": [], "users": []}',
    "JSON, missing": '{\n    "kind": "Config",\n    "apiVersion": "v1"\n}\n',
    "JSON, empty": "{}",
    "kubectl's": KUBECONFIG,
    "umlauts": "# für mich\nclusters:\n- name: älter\n  cluster: {server: 'ö'}\n",
}


@pytest.mark.parametrize("text", OTHER_STYLES.values(), ids=OTHER_STYLES)
def test_a_new_entry_is_the_only_new_text(text):
    after = with_entry(text, "clusters", CLUSTER)
    before = yaml.safe_load(text)
    assert yaml.safe_load(after) == before | {"clusters": [*(before.get("clusters") or []), CLUSTER]}
    assert _kept(text, after), after


@pytest.mark.parametrize("text", OTHER_STYLES.values(), ids=OTHER_STYLES)
def test_so_is_the_current_context(text):
    after = with_current_context(text, "gke_acme-metaflow_us-west1_gke-metaflow-default")
    expected = yaml.safe_load(text) | {"current-context": "gke_acme-metaflow_us-west1_gke-metaflow-default"}
    assert yaml.safe_load(after) == expected
    assert _kept(text.replace("current-context: old", "current-context: "), after)


def _kept(before: str, after: str) -> bool:
    """Whether every character of `before`, but for a list or null that was empty, stands in `after` in its order."""
    for empty in ("[]", "null", "~"):
        if empty in before.partition("users")[0]:
            before = before.replace(empty, "", 1)
    rest = iter(after)
    return all(character in rest for character in before if not character.isspace())


def test_where_it_stands():
    after = with_entry(KUBECONFIG, "clusters", CLUSTER)
    added = "- cluster:\n    server: https://new\n  name: new\n"
    assert after == KUBECONFIG.replace("since 2019\n", f"since 2019\n{added}")
    after = with_entry(KUBECONFIG, "users", {"name": "you", "user": {"exec": {"command": "x", "args": ["a b", "1"]}}})
    added = "- name: you\n  user:\n    exec:\n      args:\n      - a b\n      - '1'\n      command: x\n"
    assert after == KUBECONFIG.replace("# The end.", f"{added}# The end.")


def test_an_entry_of_the_same_name_is_replaced_where_it_is():
    text = KUBECONFIG.replace(
        "- context: {cluster: old", "- context: {cluster: new}\n  name: new\n- context: {cluster: old"
    )
    new = {"context": {"cluster": "newer"}, "name": "new"}
    after = with_entry(text, "contexts", new)
    assert after == text.replace("context: {cluster: new}\n", "context:\n    cluster: newer\n")
    in_json = '{"contexts": [{"name":"new"}, {"name":"b"}]}'
    assert with_entry(in_json, "contexts", new) == f'{{"contexts": [{json.dumps(new)}, {{"name":"b"}}]}}'


def test_windows_line_breaks_stay_and_new_lines_have_them():
    after = with_entry(KUBECONFIG.replace("\n", "\r\n"), "clusters", CLUSTER)
    assert after.count("\n") == after.count("\r\n") == KUBECONFIG.count("\n") + 3


@pytest.mark.parametrize("text", ["", "\n", "# only this\n", "# only this", "---\n"])
def test_an_empty_one_is_begun_as_gcloud_does(text):
    after = with_current_context(with_entry(text, "clusters", CLUSTER), "new")
    assert after.startswith(text)
    assert yaml.safe_load(after) == {
        "apiVersion": "v1",
        "clusters": [CLUSTER],
        "contexts": [],
        "current-context": "new",
        "kind": "Config",
        "preferences": {},
        "users": [],
    }


@pytest.mark.parametrize("quoted", ['""', "''", '"old"', "old", "null", "", "  # none"])
def test_a_current_context_is_replaced_however_it_is_written(quoted):
    after = with_current_context(f"current-context: {quoted}\nkind: Config\n", "new")
    assert yaml.safe_load(after) == {"current-context": "new", "kind": "Config"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("clusters: [", "not valid YAML \\(line 1\\)"),
        ("a: 1\n- b\n", "not valid YAML \\(line 2\\)"),
        ("a: 1\n---\nb: 2\n", "not valid YAML"),
        ("a: 1\na: 2\n", "not valid YAML"),
        ("a: \x00", "not valid YAML"),
        ("- a", "not a mapping"),
        ("a", "not a mapping"),
        ("clusters: {}", None),
        ("clusters: {a: b}", "its clusters are not a list"),
        ("clusters: [a]", "its clusters are not a list"),
        ("clusters: [{cluster: {}}]", "its clusters are not a list"),
    ],
)
def test_what_is_no_kubeconfig_is_refused(text, reason):
    if reason is None:
        assert yaml.safe_load(with_entry(text, "clusters", CLUSTER)) == {"clusters": [CLUSTER]}
    else:
        with pytest.raises(NotAKubeconfig, match=reason):
            with_entry(text, "clusters", CLUSTER)


def test_what_cannot_be_changed_in_place_is_refused():
    """The last cluster seems to end where its anchor stands."""
    text = "x: &last {name: old}\nclusters:\n- *last\nkind: Config\n"
    with pytest.raises(NotAKubeconfig, match="in place"):
        with_entry(text, "clusters", CLUSTER)


def test_a_change_that_came_out_wrong_would_be_refused(monkeypatch):
    monkeypatch.setattr(kubeconfig_text, "_with_lines", lambda text, position, lines: text)
    with pytest.raises(NotAKubeconfig, match="in place"):
        with_entry(KUBECONFIG, "clusters", CLUSTER)
