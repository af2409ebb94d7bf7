"""What is in the cloud before a rehearsal: projects, enabled APIs, quotas, objects that somebody else created."""

import json
from pathlib import Path
from typing import Any

from rehearsal.cloud import invent
from rehearsal.cloud.google.provider import Google
from rehearsal.cloud.kubernetes.provider import Kubernetes
from rehearsal.cloud.model import Cloud, Key
from rehearsal.facts import Facts
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.plan import plan
from rehearsal.protocol.provider import Provider
from rehearsal.protocol.schema import Block, Schema
from rehearsal.run.errors import WrongUse


def add_projects(cloud: Cloud, names: set[str]) -> None:
    for name in sorted(names):
        cloud.add_project(name, str(invent.number("project", name)))


def seed(cloud: Cloud, file: Path) -> None:
    """Puts into the cloud what the file of `--cloud` says.

        {"projects": {"acme": {"number": "123456789012", "apis": ["compute.googleapis.com"]}},
         "quotas": [{"project": "acme", "region": "us-west1", "metric": "NVIDIA_L4_GPUS", "amount": 8}],
         "objects": [{"type": "google_compute_network", "attributes": {"project": "acme", "name": "shared"}},
                     {"type": "kubernetes_namespace", "cluster": "projects/acme/locations/us-west1/clusters/main",
                      "attributes": {"metadata": {"name": "jobs"}}}]}

    Attributes are written as in a Terraform configuration; what is left out is computed. With one project or one
    cluster, an object need not name it.
    """
    try:
        wanted = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise WrongUse(f"{file} cannot be read as JSON: {error}") from None
    try:
        for name, project in wanted.get("projects", {}).items():
            cloud.add_project(name, str(project.get("number") or invent.number("project", name)))
            for api in project.get("apis", []):
                cloud.enable(name, api)
        for quota in wanted.get("quotas", []):
            cloud.set_quota(quota["project"], quota.get("region", "global"), quota["metric"], float(quota["amount"]))
        for each in wanted.get("objects", []):
            _object(cloud, each["type"], each["attributes"], each.get("cluster"))
    except (KeyError, TypeError, AttributeError) as error:
        raise WrongUse(f"{file}: {error!r}: see `rehearsal/run/seed.py` for what the file holds.") from None
    except Refused as refused:
        raise WrongUse(f"{file}: {refused.problem.summary}") from None


def _object(cloud: Cloud, type_: str, attributes: dict[str, Any], cluster: str | None) -> None:
    if not type_.startswith("kubernetes_"):
        google = Google(Facts("google"), cloud)
        projects = cloud.projects()
        google.configure({"project": projects[0] if len(projects) == 1 else None})
        schema = _schema(google, type_, attributes)
        google.seed(schema, whole(schema.block, attributes))
        return
    kubernetes = Kubernetes(Facts("kubernetes"), cloud)
    clusters = [each.key for each in cloud.all("google_container_cluster") if cluster in (None, each.key.id)]
    if len(clusters) != 1:
        raise Refused(f"{type_}: `cluster` must name one of the clusters given before it")
    schema = _schema(kubernetes, type_, attributes)
    kubernetes.make(schema, clusters[0], plan(schema, whole(schema.block, attributes), None))


def _schema(provider: Provider, type_: str, attributes: dict[str, Any]) -> Schema:
    schema = provider.schema("resource", type_)
    if schema is None:
        raise Refused(f"there is no resource type {type_}")
    unknown = attributes.keys() - schema.block.attributes.keys() - schema.block.blocks.keys()
    if unknown:
        raise Refused(f"{type_} has no attribute {', '.join(sorted(unknown))}")
    return schema


def whole(block: Block, attributes: dict[str, Any]) -> dict[str, Any]:
    """A configuration as Terraform hands it over: everything left out is null, blocks are lists."""
    complete: dict[str, Any] = {name: attributes.get(name) for name in block.attributes}
    for name, nested in block.blocks.items():
        given = attributes.get(name)
        if nested.nesting == "single":
            complete[name] = given and whole(nested.block, given)
        else:
            given = [given] if isinstance(given, dict) else given or []
            complete[name] = [whole(nested.block, each) for each in given]
    return complete


def left(cloud: Cloud) -> list[Key]:
    """What exists in the cloud."""
    return [each.key for each in cloud.all()]
