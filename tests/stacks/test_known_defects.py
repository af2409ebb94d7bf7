"""What the known Terraform templates get wrong: each has a test, somewhere here, that names it and would catch it."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
DEFECTS = {
    1: "the UI service's selector does not match its pods",
    2: "Argo Events is installed even with Argo switched off",
    3: "the configured namespace is `default`; Argo, event bus and bound account live in another",
    4: "printed port-forward instructions name the wrong deployment",
    5: "the GPU driver's setting is carried along and never used",
    6: "a liveness probe kills the container while it migrates the database",
    7: "a role binding names a service account that does not exist",
    8: "the database's password is `metaflow`, in plain text; keys and tokens lie on disk",
    9: "the nodes' account has no roles for logs, metrics and images",
    10: "auto-provisioned nodes run as the Compute default account",
    11: "public control plane and nodes, no NAT",
    12: "a bucket without versioning, lifecycle or public-access prevention; a condition that matches neighbours'",
    13: "idle services ask for 4.5 CPU and 6 GiB, 2 CPU of that for database proxies",
    14: "`apply` returns before anything works",
    15: "provider >= 5: the cluster's `deletion_protection` defaults to true",
    16: "VPC peering cannot be destroyed cleanly",
    17: "Postgres 16 defaults to ENTERPRISE_PLUS, which rejects db-custom tiers",
    18: "the GPU pool starts one billed node",
    19: "an org-policy override opens external addresses to everyone",
    20: "Argo from a moving branch",
    21: "workers get project Editor",
    22: "the list of APIs misses half of them",
}
SAYS_SO = re.compile(r"Known defects? ((?:\d+(?:, | and )?)+) of the templates")
CHECKS = {"raises", "holds", "refused", "refuses"}


def checks_something(function: ast.FunctionDef) -> bool:
    """An assertion of its own, or one of the helpers that assert."""
    names = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
    }
    return bool(names & CHECKS) or any(isinstance(node, ast.Assert) for node in ast.walk(function))


@pytest.fixture(scope="module")
def named():
    """Number -> the tests that name it."""
    found = defaultdict(list)
    for file in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for numbers in SAYS_SO.findall(ast.get_docstring(node) or ""):
                    for number in re.findall(r"\d+", numbers):
                        found[int(number)].append((f"{file.relative_to(TESTS)}::{node.name}", node))
    return found


@pytest.mark.parametrize("number", DEFECTS, ids=lambda number: f"{number}")
def test_each_has_a_named_test(named, number):
    assert named[number], DEFECTS[number]
    assert all(checks_something(test) for _, test in named[number])


@pytest.mark.parametrize("number", DEFECTS, ids=lambda number: f"{number}")
def test_each_is_looked_for_in_the_platform_itself_and_not_only_in_a_construct(named, number):
    assert [name for name, _ in named[number] if name.startswith("stacks/")], DEFECTS[number]


def test_no_other_number_is_named(named):
    assert set(named) <= set(DEFECTS)


def test_whoever_names_one_says_it_alike():
    """Else it would not be counted."""
    for file in TESTS.rglob("test_*.py"):
        text = file.read_text("utf-8")
        if file != Path(__file__):
            assert len(re.findall(r"Known defect", text)) == len(SAYS_SO.findall(text)), file
