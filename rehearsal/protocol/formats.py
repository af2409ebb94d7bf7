"""What a provider's own functions check of a value, beyond lists of choices, patterns and limits.

Which attribute is checked by which stands in `schemas/hooks.json`, with the provider's function that it is.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Iterator
from datetime import datetime

from rehearsal.protocol.errors import Path, Problem
from rehearsal.protocol.values import UNKNOWN, Value

_DATE_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)"
_PROJECT = r"(?:(?:[-a-z0-9]{1,63}\.)*(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?):)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_MEMBER = ".+:.+|projectOwners|projectReaders|projectWriters|allUsers|allAuthenticatedUsers"
_PART = r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)"
_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_QUALIFIED = rf"({_SUBDOMAIN}/)?{_PART}"
_LABEL_VALUE = rf"{_PART}?"
_QUANTITY = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?"


def _all(pattern: str) -> Callable[[str], object]:
    """Compiled when it is first asked for: a provider process starts many times in a deploy."""
    return lambda value: re.fullmatch(pattern, value)


def _cidr(value: str) -> bool:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return bool(re.search(r"/\d+$", value))


def _network(value: str, least: int = 0, most: int = 32) -> bool:
    """A range without bits of a host, as it is written."""
    return (
        _cidr(value)
        and str(ipaddress.ip_network(value, strict=False)) == value
        and (least <= int(value.rpartition("/")[2]) <= most)
    )


def _private_network(value: str) -> bool:
    block = ipaddress.ip_network(value) if _network(value, 8) else None
    private = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    return block is not None and any(block.network_address in ipaddress.ip_network(each) for each in private)


def _address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _date_time(value: str) -> bool:
    if not re.fullmatch(_DATE_TIME, value):
        return False
    try:
        datetime.fromisoformat(re.sub(r"[.,]\d+", "", value))
    except ValueError:
        return False
    return True


def _asn(value: int) -> bool:
    return 64512 <= value <= 65534 or 4200000000 <= value <= 4294967294 or value == 16550


def _port_or_name(value: str | int) -> bool:
    if re.fullmatch(r"[+-]?\d+", str(value)):
        return 1 <= int(value) <= 65535
    name = str(value)
    return (
        bool(re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?", name) and re.search("[a-z]", name))
        and "--" not in name
    )


def _base64(value: dict[str, str]) -> bool:
    try:
        return all(base64.b64decode(each, validate=True) is not None for each in value.values())
    except binascii.Error:
        return False


def _mode(value: str) -> bool:
    return bool(re.fullmatch("0[0-7]*", value)) and int(value, 8) <= 0o777


def _path(value: str) -> bool:
    return not value.startswith(("/", "..")) and ".." not in value.split("/")


def _labels(value: dict[str, str]) -> bool:
    return all(re.fullmatch(_QUALIFIED, key) and re.fullmatch(_LABEL_VALUE, each or "") for key, each in value.items())


def _percent(value: str) -> bool:
    found = re.fullmatch(r"([+-]?\d+)(%?)", value)
    return value == "" or bool(found and (not found[2] or 0 <= int(found[1]) <= 100))


FORMATS: dict[str, tuple[str, Callable[..., object]]] = {
    "address": ("a valid IP address", _address),
    "annotations": (
        "keys of Kubernetes' form",
        lambda value: all(re.fullmatch(_QUALIFIED, key.lower()) for key in value),
    ),
    "asn": ("an RFC 6996 private ASN, or 16550", _asn),
    "base64 map": ("a map of base64-encoded strings", _base64),
    "cidr": ("a valid IP CIDR range", _cidr),
    "cluster name": ("at most 40 of a-z, 0-9 and -, a letter first", _all("[a-z]([a-z0-9-]{0,38}[a-z0-9])?")),
    "control plane network": ("a /28 network, or empty", lambda value: not value or _network(value, 28, 28)),
    "date and time": ("an RFC 3339 date and time such as 2026-01-31T08:00:00Z", _date_time),
    "hour and minute": ("in the format HH:mm", _all("([01][0-9]|2[0-3]):[0-5][0-9]")),
    "iam member": (
        "an IAM member such as user:ada@example.com",
        lambda value: not value.startswith("deleted") and re.search(_MEMBER, value),
    ),
    "label keys": (
        "keys of a-z, 0-9, _ and -",
        lambda value: all(re.fullmatch("[a-z0-9_-]{1,63}", key) for key in value),
    ),
    "labels": ("keys and values of Kubernetes' form", _labels),
    "mode": ("an octal number from 0 to 0777", _mode),
    "network": ("a network of an IP version 4 range, without bits of a host", _network),
    "no service that was renamed": (
        "a domain like serviceusage.googleapis.com",
        lambda value: "." in value and value != "bigquery-json.googleapis.com",
    ),
    "number or empty": ("a whole number or empty", _all(r"([+-]?\d+)?")),
    "number or percent": ("a whole number or 0% to 100%", _percent),
    "path segment": (
        "no . or .. and without / and %",
        lambda value: value not in (".", "..") and not re.search("[/%]", value),
    ),
    "port": ("a port number from 1 to 65535", lambda value: 1 <= value <= 65535),
    "port or 0": ("a port number from 0 to 65535", lambda value: 0 <= value <= 65535),
    "port or name": ("a port number or the name of a port", _port_or_name),
    "positive": ("greater than 0", lambda value: value > 0),
    "not negative": ("greater than or equal to 0", lambda value: value >= 0),
    "prefix of a name": ("lowercase letters, digits and -", _all("[a-z0-9][-a-z0-9]{0,62}")),
    "private network": (
        "a private network from /8 to /32, or empty",
        lambda value: not value or _private_network(value),
    ),
    "project": ("a project id or number", lambda value: re.fullmatch(_PROJECT, value.rpartition("/")[2])),
    "quantities": (
        "a map of Kubernetes quantities",
        lambda value: all(re.fullmatch(_QUANTITY, str(each)) for each in value.values()),
    ),
    "relative path": ("a relative path without ..", _path),
    "trailing dot": ("a name that ends with a dot", lambda value: value.endswith(".")),
    "token lifetime": ("greater than or equal to 600", lambda value: value >= 600),
}
"""Name -> what is expected, and whether a value is that."""


def check(path: Path, value: Value, name: str) -> Iterator[Problem]:
    """What is wrong with the value of an attribute of that format; with each element's, where it is a list."""
    expected, fits = FORMATS[name]
    for each in value if isinstance(value, list) else [value]:
        unknown = each is UNKNOWN or each is None or (isinstance(each, dict) and UNKNOWN in each.values())
        if not unknown and not fits(each):
            dotted = ".".join(str(step) for step in path)
            yield Problem(summary=f'expected {dotted} to be {expected}, got "{each}"', path=path)
