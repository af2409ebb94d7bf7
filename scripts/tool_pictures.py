"""Make the pictures of `metaflow-gcp` in docs/commands/, from what the commands really write.

Each command runs on a terminal of its own, against the stand-ins of the tests; what it wrote becomes an SVG.
"""

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # The stand-ins are those of the tests.
from tests.tools.commands.forward.platforms import eventually, stand_in  # noqa: E402
from tests.tools.commands.preflight.cloud import Cloud, stand_in_tools, synthesized  # noqa: E402

PROGRAM = Path(sys.executable).with_name("metaflow-gcp")
COLUMNS = 100
"""As wide as a page shows a picture with letters of the size of its text."""
WITHOUT_FONTS = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
"""rich's own has fonts fetched from elsewhere by whoever looks at the picture."""
UP, ERASE = "\x1b[1A", "\x1b[2K"


def preflight(folder: Path) -> str:
    """A fresh project: no GPUs yet, and small quotas."""
    cloud = Cloud()
    cloud.quotas["us-west1"] |= {"CPUS": 200, "SSD_TOTAL_GB": 500, "IN_USE_ADDRESSES": 8, "NVIDIA_L4_GPUS": 0}
    cloud.quotas["us-west1"] |= {"NVIDIA_A100_GPUS": 0, "NVIDIA_A100_80GB_GPUS": 0, "NVIDIA_T4_GPUS": 0}
    cloud.quotas_of_all_regions |= {"CPUS_ALL_REGIONS": 200, "GPUS_ALL_REGIONS": 0}
    cloud.apis_off = {"container.googleapis.com", "sqladmin.googleapis.com", "secretmanager.googleapis.com"}
    with cloud.google.serving() as environment:
        return written(
            [PROGRAM, "preflight", "--out", synthesized(folder / "out", "minimal")],
            {**environment, "PATH": str(stand_in_tools(folder / "bin"))},
        )


def forward(folder: Path) -> str:
    """One forward was broken and is back, another one's pod is being replaced."""
    ports = {"metadata-service": 8080, "metaflow-ui": 8083, "argo-server": 2746, "events": 12000}
    with stand_in(folder, {"HOME": str(folder)}, ports=ports) as machine, ThreadPoolExecutor() as pool:
        said = pool.submit(written, [PROGRAM, "forward"], machine.environment)
        eventually(lambda: all(machine.answers(name) for name in ports), "all are open")
        machine.set_mode("metaflow-ui", "end")
        eventually(lambda: not machine.answers("metaflow-ui"), "one is broken")
        machine.set_mode("metaflow-ui", "carry")
        eventually(lambda: machine.answers("metaflow-ui"), "it is back")
        machine.set_mode("argo-server", "refuse")
        eventually(lambda: len(machine.starts("argo-server")) > 2, "one is tried again")  # noqa: PLR2004
        run = partial(subprocess.run, env=machine.environment, capture_output=True, text=True, check=False)
        eventually(lambda: "not ready" in run([PROGRAM, "forward", "status"]).stdout, "it is not ready")
        run([PROGRAM, "forward", "stop"])
        return said.result()


PICTURES: Mapping[str, Callable[[Path], str]] = {
    "forward": forward,
    "preflight": preflight,
}
"""By command: what writes, in a folder of its own, and gives what was written."""


def written(command: Sequence[str | Path], environment: Mapping[str, str]) -> str:
    """What a command leaves on a terminal, its colours included."""
    ours, its = pty.openpty()
    home = {"HOME": "/nowhere", "TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LINES": "100", "LANG": "C.UTF-8"}
    content = b""
    with subprocess.Popen(command, env={**home, **environment}, stdin=its, stdout=its, stderr=its):
        os.close(its)
        try:
            while read := os.read(ours, 65536):
                content += read
        except OSError:
            pass  # So Linux says that the other side has closed.
    os.close(ours)
    return _screen(content.decode())


def _screen(written: str) -> str:
    """What stands there at the end: rich changes what is shown by going up, and erasing line after line."""
    lines, row = [""], 0
    for part in re.split(r"(\n|\x1b\[1A|\x1b\[2K)", re.sub(r"\r|\x1b\[\?25[lh]", "", written)):
        if part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part == UP:
            row -= 1
        elif part == ERASE:
            lines[row] = ""
        else:
            lines[row] += part
    return "\n".join(lines).strip("\n")


def picture(name: str, shown: str) -> str:
    """The SVG; the same for the same text."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(Text.from_ansi(shown))
    return console.export_svg(title=f"metaflow-gcp {name}", unique_id=name, code_format=WITHOUT_FONTS)


def main() -> None:
    """Make those that are named on the command line; all of them without a name."""
    for name in sys.argv[1:] or PICTURES:
        with tempfile.TemporaryDirectory() as folder:
            made = picture(name, PICTURES[name](Path(folder)))
        (ROOT / f"docs/commands/{name}.svg").write_text(made, "utf-8")


if __name__ == "__main__":
    main()
