"""Data sources: a data source google_x reads the google_x of the model; a few have no such object."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rehearsal.cloud import invent
from rehearsal.cloud.google.kinds.container import VERSION
from rehearsal.cloud.google.request import Request
from rehearsal.cloud.google.services import check_enabled, check_project
from rehearsal.cloud.model import Cloud, Key
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.fill import fill, zero
from rehearsal.protocol.provider import State
from rehearsal.protocol.schema import Schema
from rehearsal.protocol.values import UNKNOWN

if TYPE_CHECKING:
    from rehearsal.cloud.google.provider import Google

TOKEN = "ya29.rehearsal"  # noqa: S105 - opens nothing
"""What every access token starts with; the simulated clusters accept no other."""


def client_config(cloud: Cloud, state: State) -> State:
    return {"access_token": f"{TOKEN}-{invent.digest('token', length=24)}", "id": "projects/{project}".format(**state)}


def project(cloud: Cloud, state: State) -> State:
    name = state.get("project_id") or state["project"]
    return {
        "project_id": name,
        "name": name,
        "number": cloud.project_number(name),
        "id": f"projects/{name}",
        "auto_create_network": None,
    }


def zones(cloud: Cloud, state: State) -> State:
    region = state.get("region") or ""
    letters = {"us-central1": "abcf", "us-east1": "bcd", "europe-west1": "bcd"}.get(region, "abc")
    return {
        "names": [f"{region}-{letter}" for letter in letters],
        "id": f"projects/{state['project']}/regions/{region}",
    }


def engine_versions(cloud: Cloud, state: State) -> State:
    return {
        "default_cluster_version": VERSION,
        "latest_master_version": VERSION,
        "latest_node_version": VERSION,
        "valid_master_versions": [VERSION],
        "valid_node_versions": [VERSION],
        "release_channel_default_version": {"RAPID": VERSION, "REGULAR": VERSION, "STABLE": VERSION},
        "release_channel_latest_version": {"RAPID": VERSION, "REGULAR": VERSION, "STABLE": VERSION},
    }


def netblocks(cloud: Cloud, state: State) -> State:
    ranges = {
        "restricted-googleapis": ["199.36.153.4/30"],
        "private-googleapis": ["199.36.153.8/30"],
        "iap-forwarders": ["35.235.240.0/20"],
        "health-checkers": ["35.191.0.0/16", "130.211.0.0/22"],
    }.get(state.get("range_type") or "", ["34.64.0.0/10", "35.184.0.0/13"])
    return {"cidr_blocks": ranges, "cidr_blocks_ipv4": ranges, "cidr_blocks_ipv6": []}


def default_account(cloud: Cloud, state: State) -> State:
    email = f"{cloud.project_number(state['project'])}-compute@developer.gserviceaccount.com"
    return {
        "email": email,
        "member": f"serviceAccount:{email}",
        "id": f"projects/{state['project']}/serviceAccounts/{email}",
    }


def secret_version(cloud: Cloud, state: State) -> State:
    """The version asked for, or the latest."""
    secret = str(state["secret"]).rsplit("/", 1)[-1]
    path = f"projects/{state['project']}/secrets/{secret}/versions/"
    found = [
        each.state
        for each in cloud.all("google_secret_manager_secret_version", state["project"])
        if each.key.id.startswith(path)
    ]
    wanted = state.get("version")
    chosen = [each for each in found if each["version"] == wanted or wanted in (None, "latest")]
    if not chosen:
        raise Refused(
            "Error retrieving available secret manager secret version access: googleapi: Error 404: "
            f"{path}{wanted or 'latest'} not found"
        )
    latest = max(chosen, key=lambda each: int(each["version"]))
    return {**latest, "version": latest["version"]}


SPECIAL: dict[str, Callable[[Cloud, State], State]] = {
    "google_client_config": client_config,
    "google_project": project,
    "google_compute_zones": zones,
    "google_container_engine_versions": engine_versions,
    "google_netblock_ip_ranges": netblocks,
    "google_compute_default_service_account": default_account,
    "google_secret_manager_secret_version": secret_version,
    "google_secret_manager_secret_version_access": secret_version,
}

_NEEDS_NO_API = {"google_client_config", "google_netblock_ip_ranges"}


def read(google: Google, schema: Schema, config: State) -> State:
    """The state of a data source."""
    state = {**config, **google.placed({**dict.fromkeys(schema.block.attributes), **config})}
    state = {
        name: value
        for name, value in state.items()
        if name in schema.block.attributes or name in schema.block.blocks or name == "project"
    }
    state.setdefault("project", google.defaults["project"])
    if schema.name not in _NEEDS_NO_API:
        check_project(google.cloud, state.get("project_id") or state["project"])
        check_enabled(
            google.cloud,
            state.get("project_id") or state["project"],
            google.facts.service(schema.name).get("service"),
            schema.name,
        )
    facts = SPECIAL[schema.name](google.cloud, state) if schema.name in SPECIAL else _object(google, schema, state)
    request = Request(cloud=google.cloud, type=schema.name, state=state, key=Key(schema.name, "", str(facts.get("id"))))
    wanted = {
        name: config[name]
        if config.get(name) is not None
        else state.get(name) or UNKNOWN
        if attribute.computed
        else None
        for name, attribute in schema.block.attributes.items()
    } | {name: config.get(name) for name in schema.block.blocks}
    return fill(
        schema, wanted, {"id": request.key.id, **facts}, lambda path, attribute, constraint: zero(attribute.type)
    )


def _object(google: Google, schema: Schema, state: State) -> State:
    """The object of the same type that the arguments name."""
    if google.schema("resource", schema.name) is None:
        raise Refused(
            f"The rehearsal knows no answer for the data source {schema.name}.",
            "Add it to rehearsal/cloud/google/data.py.",
        )
    asked = {
        name: value
        for name, value in state.items()
        if value is not None and name in schema.block.attributes and not schema.block.attributes[name].computed_only
    }
    if schema.name == "google_service_account" and "account_id" in asked:
        asked = {"account_id": str(asked["account_id"]).split("@")[0].rsplit("/", 1)[-1], "project": state["project"]}
    for found in google.cloud.all(schema.name):
        if all(_matches(name, value, found.state) for name, value in asked.items()):
            return found.state
    named = ", ".join(f"{name} = {value}" for name, value in asked.items() if isinstance(value, str))
    raise Refused(f"Error reading {schema.name}: googleapi: Error 404: not found ({named}), notFound")


def _matches(name: str, asked: Any, state: State) -> bool:
    has = state.get(name)
    if name in ("region", "zone", "location") and has in (None, ""):
        return True
    return (
        not isinstance(asked, str)
        or has is None
        or str(has).rsplit("/", 1)[-1].lower() == asked.rsplit("/", 1)[-1].lower()
    )
