"""Short words for long addresses and numbers."""

import re
import zlib
from html import escape


def name(address: str) -> str:
    """`google_sql_user.database_user_9EB13DDB` -> `database_user`: CDKTF's digits say nothing to a reader."""
    return re.sub(r"_[0-9A-F]{8}(?=\[|$)", "", re.sub(r"^((?:module\.[^.]+\.)*)[\w-]+\.", r"\1", address))


def type_of(address: str) -> str:
    """`google_sql_user.database_user_9EB13DDB` -> `google_sql_user`."""
    return re.sub(r"^(?:module\.[^.]+\.)*([\w-]+)\..*$", r"\1", address, flags=re.DOTALL)


def duration(seconds: int) -> str:
    """`11 min 11 s`."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def about(seconds: int) -> str:
    """For what is foreseen: `16 min`."""
    return f"{round(seconds / 60)} min" if seconds >= 60 else f"{seconds} s"


def clock(seconds: int) -> str:
    """`12:16`: since the start."""
    return f"{seconds // 60}:{seconds % 60:02}"


def plural(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def breakable(value: str) -> str:
    """Safe in HTML, and broken after an underscore where it is too long for its line."""
    return text(value).replace("_", "_<wbr>")


def anchor(kind: str, stack: str, address: str) -> str:
    """The id of a row: addresses with keys have quotes and spaces in them, which an id must not."""
    whole = f"{kind}-{stack}-{address}"
    plain = re.sub(r"[^\w.-]+", "-", whole)
    return plain if plain == whole else f"{plain}{zlib.crc32(whole.encode()):08x}"


def text(value: object) -> str:
    """Safe in HTML, in an attribute too."""
    return escape(str(value), quote=True)
