"""What is known about the pinned providers: schemas, constraints, and the pre-encoded schema responses.

A provider process starts many times in a deploy, so the compressed documents of `schemas/` are taken apart once into an
SQLite file in the user's cache, keyed by the content they were made from, from which a process reads only the types it
is asked about.
"""

import gzip
import hashlib
import json
import os
import re
import sqlite3
import tempfile
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from rehearsal.protocol import schema as schemas

PROVIDERS = {"google": "6.50.0", "kubernetes": "2.38.0", "helm": "3.1.1", "random": "3.7.2"}
"""The providers we stand in for, and their versions."""

SAME = {"random": ["3.8.1"]}
"""Further versions that the same facts hold for.

random: v3.8.0 and v3.8.1 add `random_uuid4` and `random_uuid7` to `internal/provider`, and change nothing else there
but the years of copyright (https://github.com/hashicorp/terraform-provider-random/compare/v3.7.2...v3.8.1).
"""

REGISTRY = "registry.terraform.io"

_HERE = Path(__file__).parent
_SOURCES = (
    *(
        _HERE / "schemas" / name
        for name in ("providers.schema.json.gz", "constraints.json.gz", "google-services.json.gz")
    ),
    _HERE / "schemas" / "computed-blocks.json",
    _HERE / "schemas" / "framework.json",
    _HERE / "schemas" / "hooks.json",
    _HERE / "protocol" / "encode.py",
    Path(__file__),
)


class Facts:
    """The facts about one provider."""

    def __init__(self, provider: str, path: Path | None = None) -> None:
        self.provider = provider
        # One connection for all threads: it only reads, and Python's sqlite3 serializes its calls.
        self._database = _open(path or cache_file())
        self._cache: dict[tuple[str, str], schemas.Schema | None] = {}

    def schema(self, kind: str, name: str) -> schemas.Schema | None:
        """The schema of a type with its constraints, or None when the provider has no such type."""
        key = (kind, name)
        if key not in self._cache:
            row = self._database.execute(
                "SELECT schema, constraints FROM types WHERE provider = ? AND kind = ? AND name = ?",
                (self.provider, *key),
            ).fetchone()
            self._cache[key] = row and schemas.parse(name, json.loads(row[0]), json.loads(row[1]))
        return self._cache[key]

    @cached_property
    def schema_response(self) -> bytes:
        """The bytes of the provider's GetProviderSchema response."""
        row = self._database.execute("SELECT response FROM providers WHERE provider = ?", (self.provider,)).fetchone()
        return bytes(row[0])

    @cache  # noqa: B019 - one instance lives as long as the process
    def service(self, name: str) -> dict[str, str]:
        """Of a Google type: `service`, and where documented `kind`, `id` and `import`."""
        row = self._database.execute("SELECT facts FROM services WHERE name = ?", (name,)).fetchone()
        return dict(json.loads(row[0])) if row else {}


def cache_file() -> Path:
    """Where the facts taken from the present content of `schemas/` are kept."""
    digest = hashlib.sha256()
    for source in _SOURCES:
        digest.update(source.read_bytes())
    return _cache_directory() / f"facts-{digest.hexdigest()[:20]}.sqlite"


def _cache_directory() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    directory = (Path(base) if base else Path("~").expanduser() / ".cache") / "metaflow-gcp-rehearsal"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if os.access(directory, os.W_OK):
            return directory
    except OSError:
        pass
    directory = Path(tempfile.gettempdir()) / f"metaflow-gcp-rehearsal-{os.getuid()}"
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory


def _open(path: Path) -> sqlite3.Connection:
    for attempt in range(2):
        if not path.exists():
            _build(path)
        database = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        try:
            if database.execute("SELECT count(*) FROM providers").fetchone()[0] == len(PROVIDERS):
                return database
        except sqlite3.DatabaseError:
            if attempt:
                raise
        database.close()
        path.unlink(missing_ok=True)
    raise RuntimeError(f"{path} cannot be built")


def _build(path: Path) -> None:
    """Writes the file beside its place and then moves it there: another process sees all of it or nothing."""
    from rehearsal.protocol.encode import provider_schema_response

    def load(name: str) -> dict[str, Any]:
        return dict(json.loads(gzip.decompress((_HERE / "schemas" / name).read_bytes())))

    documents = load("providers.schema.json.gz")["provider_schemas"]
    constraints = load("constraints.json.gz")
    computed_blocks = json.loads((_HERE / "schemas" / "computed-blocks.json").read_text())
    framework = json.loads((_HERE / "schemas" / "framework.json").read_text())
    hooks = json.loads((_HERE / "schemas" / "hooks.json").read_text())
    descriptor, scratch = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    os.close(descriptor)
    database = sqlite3.connect(scratch)
    database.executescript(
        "PRAGMA synchronous = OFF;"
        "CREATE TABLE providers (provider TEXT PRIMARY KEY, response BLOB);"
        "CREATE TABLE types (provider TEXT, kind TEXT, name TEXT, schema TEXT, constraints TEXT, PRIMARY KEY "
        "(provider, kind, name));"
        "CREATE TABLE services (name TEXT PRIMARY KEY, facts TEXT);"
    )
    for provider in PROVIDERS:
        address = f"{REGISTRY}/hashicorp/{provider}"
        document = documents[address]
        database.execute("INSERT INTO providers VALUES (?, ?)", (provider, provider_schema_response(document)))
        limits = constraints.get(address, {})
        for kind, types, checks in (
            ("provider", {provider: document["provider"]}, {provider: limits.get("provider", {})}),
            ("resource", document.get("resource_schemas", {}), limits.get("resources", {})),
            ("data", document.get("data_source_schemas", {}), limits.get("data_sources", {})),
        ):
            for name, raw in types.items():
                merged = _cleaned(checks.get(name, {}))
                for hook in hooks.get(f"data.{name}" if kind == "data" else name, []):
                    for dotted in hook.get("paths", []):
                        model = {key: hook[key] for key in ("format", "replace_if", "suppress") if key in hook}
                        merged[dotted] = {**merged.get(dotted, {}), **model}
                if kind == "resource":
                    merged.update(framework.get(name, {}))
                    for block in computed_blocks.get(name, []):
                        merged.setdefault(block, {})["computed_block"] = True
                database.execute(
                    "INSERT INTO types VALUES (?, ?, ?, ?, ?)",
                    (provider, kind, name, json.dumps(raw), json.dumps(merged)),
                )
    for name, facts in load("google-services.json.gz").items():
        database.execute("INSERT INTO services VALUES (?, ?)", (name, json.dumps(facts)))
    database.commit()
    database.close()
    Path(scratch).replace(path)


def _cleaned(constraints: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The constraints without what went wrong when they were read from the providers' error messages."""
    cleaned = {}
    for path, given in constraints.items():
        constraint = dict(given)
        if "regexp" in constraint:
            # Some carry the words of the message around them.
            pattern = constraint["regexp"].removeprefix("the regular expression '").removeprefix('regex "')
            constraint["regexp"] = re.split(r'", (?:got|domain_name)', pattern)[0]
            re.compile(constraint["regexp"])
        if constraint.get("one_of") == ["None"]:
            # Kubernetes' cluster_ip: "None" or any IP address.
            del constraint["one_of"]
        cleaned[path] = constraint
    return cleaned
