"""What the providers decide in code, and how each of it is modelled."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import rehearsal
from rehearsal.cloud.suppress import SAME
from rehearsal.facts import Facts
from rehearsal.protocol.formats import FORMATS
from rehearsal.protocol.replace import REPLACES
from tests.rehearsal.cloud.google.kinds.test_kinds import every_kind

FOLDER = Path(rehearsal.__file__).parent


HOOKS = json.loads((FOLDER / "schemas" / "hooks.json").read_text("utf-8"))


ENTRIES = [(type_, each) for type_, entries in HOOKS.items() for each in entries]


NAMES: dict[str, Any] = {"format": FORMATS, "suppress": SAME, "replace_if": REPLACES}


def test_each_hook_is_modelled_or_has_a_reason():
    for type_, each in ENTRIES:
        said = each.keys() & {"by", "not", *NAMES}
        assert len(said) == 1, (type_, each)
        [how] = said
        if how in NAMES:
            assert each[how] in NAMES[how], (type_, each)
        elif how == "by":
            assert (FOLDER / each["by"]).is_file(), (type_, each)
        else:
            assert each["not"].endswith("."), (type_, each)


def test_nothing_is_modelled_that_no_hook_asks_for():
    for how, names in NAMES.items():
        assert {each[how] for _, each in ENTRIES if how in each} == names.keys()
    diffs = Counter(t for t, each in ENTRIES if each["hook"] == "CustomizeDiff" and "/kinds/" in each.get("by", ""))
    rules = {kind.type: len(kind.plan_rules) for kind in every_kind() if kind.plan_rules}
    assert {type_: diffs[type_] for type_ in rules} == rules
    assert diffs.keys() - rules.keys() == {"google_service_account", "google_storage_bucket_object"}


def test_every_path_is_one_of_the_providers_schema():
    for type_, each in ENTRIES:
        kind, name = ("data", type_.removeprefix("data.")) if type_.startswith("data.") else ("resource", type_)
        schema = Facts(name.partition("_")[0]).schema(kind, name)
        for path in each.get("paths", []):
            block = schema.block
            *blocks, last = path.split(".")
            for step in blocks:
                nested = block.blocks.get(step) or block.attributes[step].nested
                block = nested.block
            assert last in {**block.attributes, **block.blocks}, (type_, path)
