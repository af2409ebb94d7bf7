"""The images of docker/: what each is built from, and the tag that follows from it."""

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from metaflow_gcp_tools.problems import Problem, WrongUse

TABLE = "images.toml"
"""Lists the images; beside it lies what they are built from."""

TAG_LENGTH = 16
"""Hexadecimal digits of a tag: 64 bits, so that two of a team's images never get the same by chance."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """One of the images, with the arguments of this build."""

    name: str
    """As in the registry: `metaflow-gpu`."""
    context: Path
    """The folder docker/."""
    dockerfile: str
    """Below the context."""
    build_args: tuple[tuple[str, str], ...]
    """Sorted by name."""
    files: tuple[str, ...]
    """What goes into it, below the context, sorted."""

    @property
    def tag(self) -> str:
        """The same for the same inputs: the Dockerfile, the files that go into the image, the build's arguments."""
        digest = hashlib.sha256(json.dumps(self.build_args).encode())
        for name in (self.dockerfile, *self.files):
            content = hashlib.sha256((self.context / name).read_bytes()).hexdigest()
            digest.update(json.dumps([name, content]).encode())
        return digest.hexdigest()[:TAG_LENGTH]


def find_context(given: Path | None) -> Path:
    """The folder with the images' table: the one given, or docker/ of the project that the current folder lies in.

    Raises `WrongUse` when there is none.
    """
    here = Path.cwd()
    for folder in [given] if given else [parent / "docker" for parent in (here, *here.parents)]:
        if (folder / TABLE).is_file():
            return folder.resolve()
    raise WrongUse.of(
        what=f"there is no {TABLE} in {given}" if given else f"{here} is not in a project: there is no docker/{TABLE}",
        next_step="run this in a clone of the project, or pass `--docker DIR` with its folder docker/",
    )


def read(context: Path, names: Sequence[str], build_args: Sequence[str]) -> list[Image]:
    """The images of these names.

    Raises `WrongUse` for names that the table does not have, and for arguments that are not NAME=VALUE.
    """
    table = _table(context)
    wrong = [
        Problem(what=f"there is no image {name!r}", next_step=f"images are: {', '.join(table)}")
        for name in names
        if name not in table
    ]
    wrong += [
        Problem(what=f"--build-arg {given!r} is not NAME=VALUE", next_step="for example --build-arg EXTRA=toolkit")
        for given in build_args
        if not given.partition("=")[0].isidentifier() or "=" not in given
    ]
    if wrong:
        raise WrongUse(*wrong)
    more = {name: value for name, _, value in (given.partition("=") for given in build_args)}
    return [_image(context, name, table[name], more) for name in dict.fromkeys(names)]


def names(context: Path) -> list[str]:
    """Those that there are. Raises `WrongUse` for a table that cannot be read."""
    return list(_table(context))


def _table(context: Path) -> dict[str, dict[str, object]]:
    file = context / TABLE
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise WrongUse.of(what=f"{file} cannot be read: {error}", next_step="fix it") from None


def _image(context: Path, name: str, row: dict[str, object], more: dict[str, str]) -> Image:
    try:
        dockerfile, args, patterns = str(row["dockerfile"]), dict(row["args"]), list(row["files"])  # type: ignore[call-overload]
    except (KeyError, TypeError, ValueError):
        raise WrongUse.of(
            what=f"[{name}] in {context / TABLE} lacks dockerfile, args or files",
            next_step="see docs/images.md for what they mean",
        ) from None
    files = {
        file.relative_to(context).as_posix() for pattern in patterns for file in context.glob(pattern) if file.is_file()
    }
    missing = [pattern for pattern in (dockerfile, *patterns) if not list(context.glob(pattern))]
    if missing:
        raise WrongUse.of(
            what=f"[{name}] names {', '.join(missing)}, but {context} has no such file", next_step="fix it"
        )
    return Image(
        name=f"metaflow-{name}",
        context=context,
        dockerfile=dockerfile,
        build_args=tuple(sorted({**args, **more}.items())),
        files=tuple(sorted(files)),
    )
