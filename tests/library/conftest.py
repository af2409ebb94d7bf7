"""How a construct becomes Terraform's JSON, and how that is compared."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cdktf import App, LocalBackend, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_google.provider import GoogleProvider
from cdktf_cdktf_provider_helm.provider import HelmProvider
from cdktf_cdktf_provider_kubernetes.provider import KubernetesProvider
from cdktf_cdktf_provider_random.provider import RandomProvider

from metaflow_gcp.checks import InvalidProperties

Build = Callable[[TerraformStack], object]
"""Adds constructs to a stack. May return a dictionary of values that it wants to see as Terraform does."""


@dataclass(frozen=True)
class Synthesized:
    """A stack's JSON. Elements are named by their construct path, in references, too: `<network/vpc>`."""

    resources: dict[str, dict[str, Any]]
    data: dict[str, dict[str, Any]]
    values: dict[str, Any]
    """What the function returned, as Terraform sees it."""

    def __getitem__(self, type_: str) -> dict[str, Any]:
        """Construct path -> attributes; nothing when there is no such resource."""
        return self.resources.get(type_, {})

    def only(self, type_: str) -> dict[str, Any]:
        [attributes] = self.resources[type_].values()
        return attributes

    def release(self, name: str) -> dict[str, Any]:
        """The Helm release of that name, its values parsed."""
        [found] = [each for each in self["helm_release"].values() if each["name"] == name]
        [document] = found["values"]
        return found | {"values": json.loads(document)}

    @property
    def paths(self) -> dict[str, list[str]]:
        """Type -> construct paths: the contract that a rename breaks."""
        return {type_: sorted(elements) for type_, elements in sorted(self.resources.items())}


@pytest.fixture
def synthesize(tmp_path) -> Callable[[Build], Synthesized]:
    """Synthesize what a function adds to a stack."""

    def synthesize(build: Build) -> Synthesized:
        app = App(outdir=str(tmp_path))
        stack = TerraformStack(app, "stack")
        LocalBackend(stack, path="terraform.tfstate")
        GoogleProvider(stack, "google")
        KubernetesProvider(stack, "kubernetes")
        HelmProvider(stack, "helm")
        RandomProvider(stack, "random")
        values = build(stack)
        for name, value in values.items() if isinstance(values, dict) else ():
            TerraformOutput(stack, name, value=value, static_id=True)
        app.synth()  # never Testing.synth, which writes other references
        return _read((tmp_path / "stacks/stack/cdk.tf.json").read_text("utf-8"))

    return synthesize


def _read(text: str) -> Synthesized:
    document = json.loads(text)
    for kind in ("resource", "data"):
        for type_, elements in document.get(kind, {}).items():
            for logical_id, attributes in elements.items():
                path = attributes["//"]["metadata"]["path"].removeprefix("stack/")
                # Logical ids end in a hash of the path. Outside of references they stand in quotes.
                text = re.sub(rf"\b{type_}\.{re.escape(logical_id)}\b", f"{type_}.<{path}>", text)
    document = json.loads(text)
    by_path = {
        kind: {
            type_: {each.pop("//")["metadata"]["path"].removeprefix("stack/"): each for each in elements.values()}
            for type_, elements in document.get(kind, {}).items()
        }
        for kind in ("resource", "data")
    }
    values = {name: output["value"] for name, output in document.get("output", {}).items()}
    return Synthesized(resources=by_path["resource"], data=by_path["data"], values=values)


@pytest.fixture
def holds() -> Callable[[Any, Any], None]:
    """Assert that something holds an inventory: what it does not list is not compared, `None` must be absent."""

    def holds(actual: Any, expected: Any) -> None:
        differences = list(_differences("", actual, expected))
        assert not differences, "\n".join(differences)

    return holds


def _differences(where: str, actual: Any, expected: Any) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key, value in expected.items():
            yield from _differences(f"{where}.{key}", actual.get(key), value)
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (one, other) in enumerate(zip(actual, expected, strict=True)):
            yield from _differences(f"{where}[{index}]", one, other)
    elif actual != expected or isinstance(actual, bool) != isinstance(expected, bool):
        yield f"{where}: {actual!r} instead of {expected!r}"


@pytest.fixture
def refused() -> Callable[[Callable[[], object], str, str], None]:
    """Assert that making properties is refused for one reason, at one place, and says what is allowed or to do."""

    def refused(make: Callable[[], object], where: str, said: str) -> None:
        with pytest.raises(InvalidProperties) as caught:
            make()
        [problem] = caught.value.problems
        assert problem.where == where
        assert said in f"{problem.allowed}\n{problem.fix}"

    return refused
