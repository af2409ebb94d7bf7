"""Everything that the services stack makes, with names as they will be."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.stacks.invariants import objects as of, pods, selectors
from tests.stacks.invariants.objects import Manifest, Release
from tests.stacks.invariants.pods import Pod


@dataclass
class World:
    """What is derived from its fields is derived once: who changes them looks at it by `dataclasses.replace(world)`."""

    objects: list[Manifest]
    releases: list[Release]
    profile: dict[str, str]
    forwards: list[dict[str, Any]]

    @classmethod
    def of(cls, platform) -> "World":
        return cls(
            objects=[*of.of_terraform(platform), *of.of_local_charts(platform)],
            releases=list(of.releases(platform)),
            profile=of.profile(platform),
            forwards=platform.manifest["forwards"],
        )

    @property
    def jobs(self) -> str:
        """The namespace that tasks run in."""
        return self.profile["METAFLOW_KUBERNETES_NAMESPACE"]

    @cached_property
    def pods(self) -> list[Pod]:
        return pods.of(self.objects, self.releases)

    @cached_property
    def everything(self) -> list[Manifest]:
        """With what others' charts make."""
        return [*self.objects, *pods.made_by_charts(self.releases)]

    @cached_property
    def _named(self) -> dict[tuple[str, str | None, str], Manifest]:
        return {
            (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"]): each
            for each in self.everything
        }

    def of_kind(self, kind: str) -> list[Manifest]:
        return [each for each in self.everything if each["kind"] == kind]

    def find(self, kind: str, namespace: str | None, name: str) -> Manifest | None:
        return self._named.get((kind, namespace, name))

    def matching(self, namespace: str, selector: dict[str, Any]) -> list[Pod]:
        return [each for each in self.pods if each.namespace == namespace and selectors.matches(selector, each.labels)]


def what(manifest: Manifest) -> str:
    metadata = manifest["metadata"]
    return f"{manifest['kind']} {metadata.get('namespace', '')}/{metadata['name']}"
