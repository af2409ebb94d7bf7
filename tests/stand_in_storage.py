"""Cloud Storage, as far as Terraform's `gcs` backend asks it: objects with generations and preconditions.

https://cloud.google.com/storage/docs/json_api, and the XML API for downloads.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass
class Storage:
    """What is in the buckets: (bucket, object) -> generation and content."""

    objects: dict[tuple[str, str], tuple[int, bytes]] = field(default_factory=dict)
    generation: int = 1700000000000000
    lock: threading.Lock = field(default_factory=threading.Lock)

    def names(self) -> list[str]:
        return sorted(name for _, name in self.objects)


class _Handler(BaseHTTPRequestHandler):
    storage: Storage

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, code: int, body: bytes = b"", generation: int = 0) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if generation:
            self.send_header("X-Goog-Generation", str(generation))
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, code: int, reason: str, message: str) -> None:
        error = {"code": code, "message": message, "errors": [{"reason": reason, "message": message}]}
        self._answer(code, json.dumps({"error": error}).encode())

    @property
    def _asked(self) -> tuple[str, dict[str, str]]:
        split = urlsplit(self.path)
        return split.path, {name: values[0] for name, values in parse_qs(split.query).items()}

    def _matches(self, key: tuple[str, str], query: dict[str, str]) -> bool:
        wanted = query.get("ifGenerationMatch")
        has = self.storage.objects.get(key, (0, b""))[0]
        if wanted is None or int(wanted) == has:
            return True
        self._refuse(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")
        return False

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def do_POST(self) -> None:
        path, query = self._asked
        body = self._body()
        boundary = b"--" + self.headers["Content-Type"].partition("boundary=")[2].encode()
        about, content = [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in body.split(boundary)[1:3]]
        key = (path.partition("/b/")[2].partition("/")[0], json.loads(about)["name"])
        with self.storage.lock:
            if self._matches(key, query):
                self.storage.generation += 1
                self.storage.objects[key] = (self.storage.generation, content)
                self._answer(200, self._described(key))

    def do_GET(self) -> None:
        path, query = self._asked
        listed = re.fullmatch(r".*/b/([^/]+)/o", path)
        if listed:
            prefix = query.get("prefix", "")
            keys = [key for key in self.storage.objects if key[0] == listed[1] and key[1].startswith(prefix)]
            self._answer(200, json.dumps({"items": [json.loads(self._described(key)) for key in keys]}).encode())
            return
        found = re.fullmatch(r".*/b/([^/]+)/o/(.+)", path) or re.fullmatch(r"/([^/]+)/(.+)", path)
        key = (found[1], unquote(found[2]))
        if key not in self.storage.objects:
            self._refuse(404, "notFound", f"No such object: {'/'.join(key)}")
        elif "/o/" in path and query.get("alt") != "media":
            self._answer(200, self._described(key))
        else:
            self._answer(200, self.storage.objects[key][1], self.storage.objects[key][0])

    def do_DELETE(self) -> None:
        path, query = self._asked
        found = re.fullmatch(r".*/b/([^/]+)/o/(.+)", path)
        key = (found[1], unquote(found[2]))
        with self.storage.lock:
            if key not in self.storage.objects:
                self._refuse(404, "notFound", f"No such object: {'/'.join(key)}")
            elif self._matches(key, query):
                del self.storage.objects[key]
                self._answer(204)

    def _described(self, key: tuple[str, str]) -> bytes:
        generation, content = self.storage.objects[key]
        numbers = {"generation": str(generation), "metageneration": "1", "size": str(len(content))}
        return json.dumps({"kind": "storage#object", "bucket": key[0], "name": key[1], **numbers}).encode()


@contextmanager
def storage() -> Iterator[tuple[Storage, dict[str, str]]]:
    """The stand-in, and the environment that leads Terraform to it."""
    served = Storage()
    handler = type("Handler", (_Handler,), {"storage": served})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield (
            served,
            {
                "STORAGE_EMULATOR_HOST": endpoint,
                "GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT": f"{endpoint}/storage/v1/",
                "GOOGLE_OAUTH_ACCESS_TOKEN": "a-token",
            },
        )
    finally:
        server.shutdown()
        server.server_close()
