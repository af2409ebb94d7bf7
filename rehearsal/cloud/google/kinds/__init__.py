"""What is special about Google's types: a record for each, in a file for each API, which is read when it is needed.

A type's file is named for the API that its documentation names, without `.googleapis.com`; where none is named, for the
first word of the type; `others.py` holds types of APIs that have no file.
"""

from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path

from rehearsal.cloud.google.grants import Grant, granted_on
from rehearsal.cloud.google.kind import Kind
from rehearsal.facts import Facts


@cache
def records(module: str) -> dict[str, Kind]:
    """The records of a file."""
    return {kind.type: kind for kind in import_module(f"{__name__}.{module}").KINDS}


def record(facts: Facts, type_: str) -> Kind | None:
    """What is written of a type."""
    api = facts.service(type_).get("service")
    module = api.partition(".")[0] if api else type_.split("_")[1]
    there = any((Path(folder) / f"{module}.py").is_file() for folder in __path__)
    return (records(module).get(type_) if there else None) or records("others").get(type_)


def find(facts: Facts, type_: str) -> Kind:
    """What is known of a type, with what its documentation says; every type has a kind."""
    documented, written = facts.service(type_), record(facts, type_) or Kind(type=type_)
    path = written.path or documented.get("id") or documented.get("import")
    path = path or "projects/{{project}}/" + type_ + "/{{name}}"
    kind = replace(written, api=documented.get("service"), path=path)
    on = granted_on(type_)
    return Grant(**vars(kind) | {"on": find(facts, on), "joins": True}) if on else kind
