"""main.py's work in this process, where Node runs already: a synth takes half a second rather than two.

That main.py does the same in a process of its own, with these bytes, is in stacks/test_app.py.
"""

import os
from pathlib import Path

import pytest

from stacks import base
from stacks.app import synth
from stacks.settings import load_settings


def synthesize(outdir: Path, *, project: Path = base.PROJECT_FOLDER, **environment: str) -> None:
    """Write to `outdir` as if the app stood in `project`; nothing of the developer's own settings gets in."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith("METAFLOW_GCP_"):
                patch.delenv(name)
        for name, value in {**environment, "CDKTF_OUTDIR": str(outdir)}.items():
            patch.setenv(name, value)
        patch.setattr(base, "PROJECT_FOLDER", project)
        synth(load_settings())
