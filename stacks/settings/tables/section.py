"""What every table of the settings file is made from, that is not a library's choices as they are."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table. The text under a key is its description in the JSON Schema.

    A table that has a `check` adds there what types do not say: how its keys fit together, and to the other tables.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
