"""Whether a tunnel carries traffic: a request goes through it, and an answer comes back."""

import asyncio
from contextlib import suppress

from metaflow_gcp_tools.commands.forward.kubectl import ADDRESS


class NoTraffic(Exception):
    """Nothing came back."""

    def __init__(self, what: str, *, listening: bool) -> None:
        super().__init__(what)
        self.listening = listening
        """Whether anybody accepted the connection."""


async def probe(port: int, path: str, *, timeout: float) -> int:  # noqa: ASYNC109 - the message names it
    """The status of the answer to `GET path`. Any answer is traffic, even one that something is wrong."""
    try:
        async with asyncio.timeout(timeout):
            return await _ask(port, path)
    except TimeoutError:
        raise NoTraffic(f"no response within {timeout:g} s", listening=True) from None
    except ConnectionRefusedError:
        raise NoTraffic("nothing listens there", listening=False) from None
    except (OSError, ValueError):
        raise NoTraffic("the connection broke", listening=True) from None


async def _ask(port: int, path: str) -> int:
    reader, writer = await asyncio.open_connection(ADDRESS, port)
    try:
        request = (
            f"GET {path} HTTP/1.1\r\nHost: {ADDRESS}:{port}\r\nUser-Agent: metaflow-gcp\r\nConnection: close\r\n\r\n"
        )
        writer.write(request.encode())
        answer = (await reader.readline()).split()
        if len(answer) < 2 or not answer[0].startswith(b"HTTP/"):  # noqa: PLR2004 - HTTP/1.1 200
            raise ConnectionResetError
        return int(answer[1])
    finally:
        # At once, unread rest and all: nothing waits for a tunnel that hangs.
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()
