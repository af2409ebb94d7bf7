"""Runs the commands of many flows in one process, each in a fork of its own. Run by the client's Python.

Reads `[[FILE, ARGUMENT, ...], ...]`, and writes how each ended, as JSON: to import the client takes longer than most
commands do.
"""

import json
import os
import runpy
import sys
import tempfile
import traceback
from pathlib import Path

import google.cloud.storage  # type: ignore[import-untyped] # noqa: F401 - what every command imports
import kubernetes.client
from metaflow.plugins import FLOW_DECORATORS, STEP_DECORATORS
from metaflow.plugins.argo import argo_workflows_cli

# The newest client loads a class when it is first named.
_USED_BY_EVERY_COMMAND = (kubernetes.client.CustomObjectsApi, kubernetes.client.V1Container)


def _ran(command: list[str]) -> dict[str, object]:
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            for stream in (1, 2):
                os.dup2(said.fileno(), stream)
            os._exit(_run(command))
        _, status = os.waitpid(child, 0)
        said.seek(0)
        return {"code": os.waitstatus_to_exitcode(status), "said": said.read().decode()}


def _run(command: list[str]) -> int:
    sys.argv = command
    sys.path[0] = str(Path(command[0]).absolute().parent)
    try:
        runpy.run_path(command[0], run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - what a process of its own would do
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    forked = {
        "ran": [_ran(command) for command in json.load(sys.stdin)],
        "options": [
            next(name for name in option.opts if name.startswith("--"))
            for command in (argo_workflows_cli.argo_workflows, argo_workflows_cli.create)
            for option in command.params
        ],
        "decorators": [f"@{each.name}" for each in (*FLOW_DECORATORS, *STEP_DECORATORS)],
    }
    json.dump(forked, sys.stdout)
