"""Data sources: one google_x reads the google_x of the model; a few have no such object (`Kind.data`)."""

from typing import Any

from rehearsal.cloud.google.kind import Kind, State
from rehearsal.cloud.google.places import PLACES, Places
from rehearsal.cloud.google.services import check_enabled, check_project
from rehearsal.cloud.model import Cloud
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.fill import fill
from rehearsal.protocol.schema import Schema
from rehearsal.protocol.values import UNKNOWN


def read(cloud: Cloud, places: Places, kind: Kind, schema: Schema, config: State, *, known: bool) -> State:
    """The state of a data source; `known`: there are objects of the type."""
    attributes = schema.block.attributes
    state = {**config, **places.of(cloud, {**dict.fromkeys(attributes), **config})}
    state = {
        name: value
        for name, value in state.items()
        if name in attributes or name in schema.block.blocks or name == "project"
    }
    state.setdefault("project", places.defaults["project"])
    if kind.asks_google:
        project = state.get("project_id") or state["project"]
        check_project(cloud, project)
        check_enabled(cloud, project, kind)
    if kind.data:
        facts = kind.data(cloud, state)
    elif known:
        given = [name for name in state if name in attributes and not attributes[name].computed_only]
        facts = find(cloud, kind.type, {name: state[name] for name in given if state[name] is not None})
    else:
        raise Refused(
            f"The rehearsal knows no answer for the data source {kind.type}.",
            "Add it to rehearsal/cloud/google/kinds/.",
        )

    def wanted(name: str) -> Any:
        said = config.get(name)
        return said if said is not None else (state.get(name) or UNKNOWN) if attributes[name].computed else None

    whole = {name: wanted(name) for name in attributes} | {name: config.get(name) for name in schema.block.blocks}
    return fill(schema, whole, {"id": kind.type, **facts})


def find(cloud: Cloud, type_: str, asked: State) -> State:
    """The object of a type that the arguments name."""
    for found in cloud.all(type_):
        if all(_matches(name, value, found.state) for name, value in asked.items()):
            return found.state
    named = ", ".join(f"{name} = {value}" for name, value in asked.items() if isinstance(value, str))
    raise Refused(f"Error reading {type_}: googleapi: Error 404: not found ({named}), notFound")


def _matches(name: str, asked: Any, state: State) -> bool:
    has = state.get(name)
    if has is None or not isinstance(asked, str) or (name in PLACES[1:] and has == ""):
        return True
    return str(has).rsplit("/", 1)[-1].lower() == asked.rsplit("/", 1)[-1].lower()
