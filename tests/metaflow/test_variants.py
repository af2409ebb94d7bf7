"""Each option of `argo-workflows create`, each decorator: what Argo does for such flows is allowed and possible here.

docs/deployed-flows.md says which work; what it says is compared with the clients and with `variants`.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.metaflow.argo import AGENT, Argo
from tests.metaflow.clients import Client
from tests.metaflow.deployment import USER, Deployment
from tests.metaflow.pods import of_template
from tests.metaflow.recording import Recording
from tests.metaflow.variants import VARIANTS, Variant

TABLE = Path(__file__).parents[2] / "docs" / "deployed-flows.md"
CALLED = {
    "notifying": {"hooks.slack.com", "events.pagerduty.com", "api.incident.io"},
    "quiet": {"hooks.slack.com"},
    # How Metaflow ends a workflow that has hooks.
    "hooked": {"events.pagerduty.com"},
}
"""A workflow template's name, and whom Argo's agent calls for it."""


def _of(client: Client) -> list[Variant]:
    return [each for each in VARIANTS if client.release in each.releases]


@pytest.fixture
def templates(recording: Recording) -> list[dict[str, Any]]:
    """What was deployed."""
    sent = [each for each in recording.deployed.requests if each.resource == "workflowtemplates"]
    return [each.body for each in sent if each.verb in {"create", "update"}]


@pytest.fixture
def argo(deployment: Deployment) -> Argo:
    return Argo(deployment)


def test_each_is_deployed_or_refused(recording: Recording, client: Client) -> None:
    said = recording.deployed.said
    assert set(said) == {each.name for each in _of(client)}
    for variant in _of(client):
        for code, text in said[variant.name]:
            assert bool(code) == bool(variant.refused), (variant.name, text)
            assert variant.refused in text


def test_people_may_deploy_them(recording: Recording, deployment: Deployment) -> None:
    asked = {(each.verb, each.group, each.resource, each.namespace) for each in recording.deployed.requests}
    assert {resource for _, _, resource, _ in asked} == {"cronworkflows", "sensors", "workflowtemplates"}
    assert [each for each in sorted(asked) if not deployment.may(("", USER), *each)] == []


def test_whatever_argo_asks_for_is_allowed(templates: list[dict[str, Any]], argo: Argo, deployment: Deployment) -> None:
    asked = {each for template in templates for each in argo.asked(template)}
    assert {each.account for each in asked} == {argo.controller, *map(argo.agent, templates)}
    denied = {
        each
        for each in asked
        if not deployment.may(each.account, each.verb, each.group, each.resource, each.namespace, each.name)
    }
    assert denied == set()


def test_argo_s_agent_calls_by_http(templates: list[dict[str, Any]], argo: Argo, deployment: Deployment) -> None:
    """With a token of its account, which is nobody's who runs code of the team's, and through no closed door."""
    assert {each["metadata"]["name"]: argo.hosts(each) for each in templates if argo.hosts(each)} == CALLED
    for template in templates:
        agent = namespace, account = argo.agent(template)
        assert deployment.token_secrets[namespace, f"{account}.service-account-token"] == account
        assert agent not in {(pod.namespace, pod.account) for pod in of_template(template, {}) if not pod.makes}
        assert deployment.held_back(namespace, AGENT) == []


def test_nobody_else_gets_secrets(argo: Argo, deployment: Deployment, templates: list[dict[str, Any]]) -> None:
    [namespace] = {each["metadata"]["namespace"] for each in templates}
    assert not deployment.may(argo.controller, "get", "", "secrets", namespace, "database")
    assert not deployment.may(argo.agent(templates[0]), "get", "", "secrets", namespace, "database")


def test_accounts_and_images_that_they_name_are_there(templates: list[dict[str, Any]], deployment: Deployment) -> None:
    for template in templates:
        for pod in of_template(template, deployment.workflow_defaults):
            assert (pod.namespace, pod.account) in deployment.accounts
            assert pod.makes or deployment.is_ours(pod.image), (template["metadata"]["name"], pod.step)


def _rows() -> dict[str, str]:
    """Option or decorator -> whether it works, as the tables say."""
    rows: dict[str, str] = {}
    for line in TABLE.read_text("utf-8").splitlines():
        if line.startswith("| `"):
            names, works, _ = (cell.strip() for cell in line.strip("|").split(" | "))
            for name in re.findall("`([^`]+)`", names):
                assert name not in rows
                rows[name] = works
    return rows


INTERNAL = {f"@{each}_internal" for each in ("airflow", "argo_workflows", "step_functions", "unbounded_test_foreach")}
"""Nobody writes these."""


def test_the_table_has_every_option_and_decorator(recording: Recording, client: Client) -> None:
    known = {*recording.deployed.options, *recording.deployed.decorators} - INTERNAL
    rows = set(_rows())
    assert known <= rows
    if client.release == "newest":
        assert {each for each in rows - known if not each.startswith("--no-")} == set()


def test_a_flow_proves_each_row(client: Client) -> None:
    deployed = {word for each in _of(client) if not each.refused for word in each.words}
    refused = {word for each in VARIANTS if each.refused for word in each.words} - {"@step"}
    rows = _rows()
    assert refused == {name for name, works in rows.items() if works == "no"}
    if client.release == "newest":
        assert set(rows) - refused <= deployed
