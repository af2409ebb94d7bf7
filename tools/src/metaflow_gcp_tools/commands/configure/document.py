"""`result` of `metaflow-gcp configure --json`, described in docs/commands/configure.md."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.checks import Check
from metaflow_gcp_tools.commands.configure.source import Source
from metaflow_gcp_tools.machine.files import Change


def result(
    source: Source,
    profile: str,
    changes: Sequence[Change],
    backups: Mapping[Path, Path | None],
    checks: Sequence[Check],
) -> dict[str, Any]:
    platform = source.platform
    return {
        "profile": profile,
        "source": source.where,
        "platform": {
            "project": platform.project,
            "environment": platform.environment,
            "bucket": platform.bucket,
            "cluster": platform.cluster_name,
            "context": platform.kube_context,
        },
        "files": [
            {
                "file": str(change.file),
                "written": change.needed,
                "differences": list(change.differences),
                "backup": str(backups[change.file]) if backups.get(change.file) else None,
            }
            for change in changes
        ],
        "checks": [{"name": check.name, "state": check.state, "detail": check.says} for check in checks],
    }
