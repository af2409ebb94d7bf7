"""A stand-in for micromamba, and for the pip in its environments: every environment is solved with no packages in it.

The client calls it to solve and to make environments for @conda and @pypi, before it deploys a flow.
"""

import json
import os
import sys
from pathlib import Path

HOME = Path(os.environ["HOME"]) / "micromamba"


def answer(arguments: list[str]) -> object:
    match arguments:
        case ["config", "list", *_]:
            folders = {"envs_dirs": [f"{HOME}/envs"], "pkgs_dirs": [f"{HOME}/pkgs"]}
            return {"channels": [], "platform": "linux-64", **folders}
        case ["env", "list", *_]:
            return {"envs": [str(each) for each in HOME.glob("envs/*/*/*")]}
        case ["list", *_]:
            return [{"name": "python", "version": "3.11.9"}]
        case ["create", *_]:
            if not {"--dry-run", "--download-only"} & set(arguments):
                Path(arguments[arguments.index("--prefix") + 1]).mkdir(parents=True, exist_ok=True)
            return {"actions": {"LINK": []}}
        case ["run", *_]:
            for each in arguments:
                if each.startswith("--report="):
                    Path(each.removeprefix("--report=")).write_text('{"install": []}')
                if each.startswith("--dest="):
                    Path(each.removeprefix("--dest=")).mkdir(parents=True, exist_ok=True)
    return None


if __name__ == "__main__":
    said = answer(sys.argv[1:])
    if said is not None:
        print(json.dumps(said))  # noqa: T201 - what it is for
