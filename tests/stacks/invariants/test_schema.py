"""Every resource is one that its provider accepts: attributes, blocks, types, what is required."""

import copy

import pytest

META = {"lifecycle", "depends_on", "provider"}
TERRAFORM_S_OWN = {"terraform_data", "terraform_remote_state"}


def checked(platform):
    return [each for each in platform.elements if each.type not in TERRAFORM_S_OWN]


def problems(block, config, where=""):
    attributes, blocks = block.get("attributes", {}), block.get("block_types", {})
    for key, value in config.items():
        here = f"{where}.{key}"
        if key in attributes:
            yield from _of_attribute(attributes[key], value, here)
        elif key in blocks:
            yield from _of_blocks(blocks[key], value, here)
        elif where or key not in META:
            yield f"{here}: the provider knows no such thing"
    for key, attribute in attributes.items():
        if attribute.get("required") and key not in config:
            yield f"{where}.{key}: required and missing"
    for key, nested in blocks.items():
        if nested.get("min_items", 0) > 0 and key not in config:
            yield f"{where}.{key}: required and missing"


def _of_attribute(attribute, value, here):
    if not attribute.get("required") and not attribute.get("optional"):
        yield f"{here}: computed by the provider, cannot be set"
    if attribute.get("deprecated"):
        yield f"{here}: deprecated"
    if not fits(value, attribute["type"]):
        yield f"{here}: {value!r} is no {attribute['type']}"


def _of_blocks(nested, value, here):
    given = value if isinstance(value, list) else [value]
    if nested.get("deprecated") or nested["block"].get("deprecated"):
        yield f"{here}: deprecated"
    if nested.get("max_items") and len(given) > nested["max_items"]:
        yield f"{here}: {len(given)} blocks, at most {nested['max_items']}"
    if len(given) < nested.get("min_items", 0):
        yield f"{here}: {len(given)} blocks, at least {nested['min_items']}"
    for each in given:
        yield from problems(nested["block"], each, here)


def fits(value, type_):
    if isinstance(value, str) and "${" in value:
        return True
    if isinstance(type_, list):
        kind, of = type_
        if kind == "object":
            return isinstance(value, dict) and all(key in of and fits(each, of[key]) for key, each in value.items())
        if kind == "map":
            return isinstance(value, dict) and all(fits(each, of) for each in value.values())
        return isinstance(value, list) and all(fits(each, of) for each in value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"string": isinstance(value, str), "bool": isinstance(value, bool), "number": number, "dynamic": True}[type_]


def test_the_providers_accept_every_resource_and_data_source(platform, schemas):
    found = {
        each.where: wrong
        for each in checked(platform)
        if (wrong := list(problems(schemas[each.kind, each.type], each.attributes)))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("mutate", "said"),
    [
        (lambda cluster: cluster.update(nodes=3), ".nodes: the provider knows no such thing"),
        (lambda cluster: cluster.pop("name"), ".name: required and missing"),
        (lambda cluster: cluster.update(endpoint="x"), ".endpoint: computed by the provider, cannot be set"),
        (lambda cluster: cluster.update(initial_node_count="many"), ".initial_node_count: 'many' is no number"),
        (lambda cluster: cluster.update(deletion_protection="yes"), ".deletion_protection: 'yes' is no bool"),
        (
            lambda cluster: cluster["release_channel"].pop("channel"),
            ".release_channel.channel: required and missing",
        ),
        (
            lambda cluster: cluster.update(release_channel=[cluster["release_channel"]] * 2),
            ".release_channel: 2 blocks, at most 1",
        ),
    ],
)
def test_these_checks_would_notice(platforms, schemas, mutate, said):
    cluster = copy.deepcopy(platforms["minimal"].only("google_container_cluster"))
    mutate(cluster)
    assert said in list(problems(schemas["resource", "google_container_cluster"], cluster))
