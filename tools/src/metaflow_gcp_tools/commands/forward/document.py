"""`result` of `metaflow-gcp forward --json` and of its `status` and `stop`, described in docs/commands/forward.md."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from metaflow_gcp_tools.commands.forward import background, ports
from metaflow_gcp_tools.commands.forward.records import Record
from metaflow_gcp_tools.commands.forward.status import Status
from metaflow_gcp_tools.platform.description import Platform


def processes(platform: Platform, profile: str, records: Sequence[Record]) -> dict[str, Any]:
    return {"processes": [_record(platform, profile, record) for record in records]}


def stopped(ended: Sequence[Record], left: Sequence[Record]) -> dict[str, Any]:
    return {"stopped": [each.pid for each in ended], "left": [each.pid for each in left]}


def _record(platform: Platform, profile: str, record: Record) -> dict[str, Any]:
    return {
        "pid": record.pid,
        "command": record.command,
        "background": record.background,
        "log": str(background.log_file(platform)) if record.background else None,
        "forwards": [_forward(each, profile) for each in record.forwards],
    }


def _forward(status: Status, profile: str) -> dict[str, Any]:
    return {**asdict(status), "url": status.url, "variables": ports.variables(status.name, status.port, profile)}
