"""Made-up values: the same for the same object each time, so that a rehearsal can be compared with the one before."""

import hashlib
import ipaddress


def digest(*parts: str, length: int = 8) -> str:
    """Hexadecimal digits."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:length]


def number(*parts: str, digits: int = 12) -> int:
    """A number of so many digits."""
    low = int(10 ** (digits - 1))
    return low + int(digest(*parts, length=15), 16) % (9 * low)


def uuid(*parts: str) -> str:
    """A version 4 UUID."""
    text = digest(*parts, length=32)
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def timestamp(*parts: str) -> str:
    """A moment on the first day of 2026."""
    seconds = int(digest(*parts), 16) % 86400
    return f"2026-01-01T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000Z"


def address(*parts: str, network: str) -> str:
    """An address inside a network."""
    block = ipaddress.ip_network(network, strict=False)
    return str(block[int(digest(*parts), 16) % block.num_addresses])
