"""Whether an image is what it promises: the image's health check, and `metaflow-gcp image check`.

    python check.py            imports every module that the *.in files beside it promise
    python check.py --cuda     besides, fails unless PyTorch reaches a GPU

Needs nothing but Python. Exit code 0 or 1; one line for each thing that is wrong, and the state of CUDA last.
"""

import importlib
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent


def promised() -> list[str]:
    """The modules named after the requirements: `pandas  # import pandas`."""
    texts = [file.read_text("utf-8") for file in sorted(HERE.glob("*.in"))]
    return [module for text in texts for module in re.findall(r"^[^#\n]+# import ([\w.]+)$", text, re.MULTILINE)]


def wrong_imports() -> Iterator[str]:
    for module in promised():
        try:
            importlib.import_module(module)
        except Exception as error:  # noqa: BLE001 - whatever an import raises, the image does not keep its promise
            yield f"cannot import {module}: {type(error).__name__}: {error}"


def wrong_for_metaflow() -> Iterator[str]:
    """What the command that Metaflow starts a task with relies on."""
    for program in ("bash", "python", "python3", "tar"):
        if shutil.which(program) is None:
            yield f"there is no {program} on PATH"
    if not os.environ.get("METAFLOW_SKIP_INSTALL_DEPENDENCIES"):
        yield "METAFLOW_SKIP_INSTALL_DEPENDENCIES is not set: every task would install packages first"
    # What lies under ~/.cache belongs to whoever made it first: a mount of the build's, for example.
    for folder in (Path.cwd(), Path.home(), Path.home() / ".cache", Path(tempfile.gettempdir())):
        if folder.exists() and not os.access(folder, os.W_OK):
            yield f"user {os.getuid()} cannot write to {folder}"


def cuda() -> tuple[bool, str]:
    """Whether PyTorch reaches a GPU, and what there is to say of it."""
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        return False, "no PyTorch in this image"
    built = f"PyTorch {torch.__version__} for CUDA {torch.version.cuda}"
    if torch.cuda.is_available():
        names = ", ".join(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))
        return True, f"{built}: {names}"
    driver = Path("/proc/driver/nvidia/version")
    if driver.exists():
        return False, f"{built}, and it cannot use this node's driver: {driver.read_text().splitlines()[0]}"
    return False, f"{built}: this machine has no NVIDIA driver"


def main(arguments: list[str]) -> int:
    wrong = [*wrong_imports(), *wrong_for_metaflow()]
    reached, state = cuda()
    if "--cuda" in arguments and not reached:
        wrong.append("CUDA is not available")
    for line in wrong:
        print(f"wrong: {line}")
    print(f"Python {platform.python_version()}, {len(promised())} modules promised")
    print(f"CUDA: {'available' if reached else 'not available'}: {state}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
