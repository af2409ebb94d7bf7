"""Stand-ins for docker and gcloud: they keep what they are called with, and answer what a test has laid down.

    stand_in_programs.py FOLDER PROGRAM ARGUMENTS...

`FOLDER/calls.jsonl` gets every call. `FOLDER/says.json` maps the beginning of a call to its exit code and what it says:
{"docker push": [1, "no space left on device"]}. Built images are in `FOLDER/built`, one reference a line.
"""

import json
import os
import sys
import time
from pathlib import Path

TOKEN = "ya29.stand-in"

HANGS = "waiting"
"""What says this, does not end by itself."""


def main(folder: Path, line: list[str]) -> int:
    program, *arguments = line
    stdin = sys.stdin.read() if "--password-stdin" in arguments else ""
    configuration = os.environ.get("DOCKER_CONFIG")
    call = {
        "command": line,
        "stdin": stdin,
        "docker_config": configuration,
        "config_json": json.loads(Path(configuration, "config.json").read_text()) if configuration else None,
        "buildkit": os.environ.get("DOCKER_BUILDKIT"),
        "config": json.loads(Path(arguments[arguments.index("--config") + 1]).read_text())
        if "builds" in arguments
        else None,
    }
    with (folder / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps(call) + "\n")
    says = folder / "says.json"
    for start, (code, text) in (json.loads(says.read_text()) if says.exists() else {}).items():
        if " ".join(line).startswith(start):
            sys.stderr.write(text + "\n")
            if text == HANGS:
                time.sleep(600)
            return int(code)
    return _act(folder, program, arguments)


def _act(folder: Path, program: str, arguments: list[str]) -> int:
    built = folder / "built"
    known = built.read_text().splitlines() if built.exists() else []
    if program == "gcloud" and arguments == ["auth", "print-access-token"]:
        sys.stdout.write(TOKEN + "\n")
    elif program == "docker" and arguments[0] == "build":
        sys.stderr.write("#1 building\n")
        built.write_text("\n".join([*known, arguments[arguments.index("--tag") + 1], ""]))
    elif program == "docker" and arguments[:2] == ["image", "inspect"]:
        if arguments[-1] not in known:
            sys.stderr.write(f"Error response from daemon: No such image: {arguments[-1]}\n")
            return 1
        sys.stdout.write("sha256:0\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
