"""Where the profile and the platform's description come from: the platform's bucket, files, or Terraform's outputs."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.clients import google as google_apis
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered
from metaflow_gcp_tools.commands.configure.asking import asking
from metaflow_gcp_tools.platform import written
from metaflow_gcp_tools.platform.description import OBJECT_NAME, PROFILE_OBJECT_NAME, Platform
from metaflow_gcp_tools.problems import CommandFailed, WrongUse

DEFAULT_ENVIRONMENT = "default"

LABEL = "metaflow-environment"
"""Of everything of an environment, its bucket among them."""

PROFILE_OUTPUT = "client_profile"
PLATFORM_OUTPUT = "platform_description"
"""Outputs of the services stack: the texts of the two objects."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """What was found, and where."""

    where: str
    """A bucket's folder, `gs://bucket/metaflow-gcp`, or a file."""
    profile_text: str
    platform_text: str

    @property
    def profile(self) -> dict[str, str]:
        """Metaflow's configuration. Raises `WrongUse` for what is none."""
        try:
            found = json.loads(self.profile_text)
        except ValueError:
            found = None
        if isinstance(found, dict) and found.get("METAFLOW_DEFAULT_DATASTORE") == "gs":
            wrong = [
                key for key, value in found.items() if not (key.startswith("METAFLOW_") and isinstance(value, str))
            ]
            if not wrong:
                return found
        raise WrongUse.of(
            what=f"{self.where} contains no Metaflow configuration for Google Cloud",
            next_step="take config.json and description.json from the folder metaflow-gcp of the platform's bucket",
        )

    @property
    def platform(self) -> Platform:
        return Platform.parse(self.platform_text, f"description.json of {self.where}")


def from_project(project: str, environment: str) -> Source:
    """From the bucket that is labelled for the environment.

    Raises `WrongUse` when the project has other environments only, `CommandFailed` when it has none, or says no.
    """
    buckets = _buckets(project)
    environments = {bucket["labels"][LABEL] for bucket in buckets}
    for bucket in buckets:
        if bucket["labels"][LABEL] == environment and (found := _from_bucket(bucket["name"], "metaflow-gcp")):
            return found
    others = sorted(environments - {environment})
    if others and environment not in environments:
        raise WrongUse.of(
            what=f"the project {project} has no environment {environment!r}; it has: {', '.join(others)}",
            next_step=f"choose one, such as `--environment {others[0]}`",
        )
    raise CommandFailed.of(
        what=f"the project {project} has no bucket with the label {LABEL}: {environment} "
        f"and the objects {PROFILE_OBJECT_NAME} and {OBJECT_NAME} in it",
        next_step="check that the platform is deployed, including its third stack, `services`, "
        "and that this is its project",
    )


def _buckets(project: str) -> list[Mapping[str, Any]]:
    """Those of any environment."""
    with asking(f"list the buckets of the project {project}"):
        pages = google_apis.pages("storage.buckets.list", project=project, fields="items(name,labels),nextPageToken")
        return [each for page in pages for each in page.get("items", []) if LABEL in each.get("labels", {})]


def from_uri(uri: str) -> Source:
    """From `gs://bucket`, or a folder in it, or one of the two objects there."""
    bucket, _, path = uri.removeprefix("gs://").partition("/")
    folder = path.removesuffix(".json").removesuffix("config").removesuffix("description").strip("/") or "metaflow-gcp"
    found = _from_bucket(bucket, folder) if bucket else None
    if found is None:
        raise WrongUse.of(
            what=f"{uri}: there is no {folder}/config.json with a description.json beside it",
            next_step="pass the platform's bucket as gs://BUCKET, or use --project instead",
        )
    return found


def _from_bucket(bucket: str, folder: str) -> Source | None:
    """`None` when neither object is there. Raises `CommandFailed` when only one is."""
    names = [f"{folder}/{Path(name).name}" for name in (PROFILE_OBJECT_NAME, OBJECT_NAME)]
    profile, platform = (_object(bucket, name) for name in names)
    if profile is None and platform is None:
        return None
    if profile is None or platform is None:
        there, missing = reversed(names) if profile is None else names
        raise CommandFailed.of(
            what=f"the bucket {bucket} has {there} but not {missing}",
            next_step="deploy the platform again with the version of this metaflow-gcp: `make deploy`",
        )
    return Source(where=f"gs://{bucket}/{folder}", profile_text=profile, platform_text=platform)


def _object(bucket: str, name: str) -> str | None:
    with asking(f"read gs://{bucket}/{name}"):
        try:
            content: bytes = google_apis.call("storage.objects.get", bucket=bucket, object=name, alt="media")
        except Unanswered as error:
            if error.cause is Cause.NOT_FOUND:
                return None
            raise
    # What is no text is no profile either, which is told where it is read.
    return content.decode(errors="replace")


def from_files(name: str) -> Source:
    """From a folder with the two files, from one of them with the other beside it, or from outputs (`-`: stdin)."""
    if name == "-":
        return _from_outputs(sys.stdin.read(), "standard input")
    file = Path(name).expanduser()
    if file.is_dir():
        _refuse_synth(file)
        file /= "config.json"
    text = _text(file)
    match written.kind(text):
        case written.DESCRIPTION:
            file = file.with_name("config.json")
            text = _text(file)
        case written.MANIFEST:
            _refuse_synth(file.parent)
    beside = file.with_name("description.json")
    if '"METAFLOW_DEFAULT_DATASTORE"' in text and PROFILE_OUTPUT not in text:
        return Source(where=str(file), profile_text=text, platform_text=_text(beside))
    return _from_outputs(text, str(file))


def _refuse_synth(folder: Path) -> None:
    """Name the document that lies where synth writes, which others may take for the platform's description."""
    file = folder / "platform.json"
    if file.is_file() and written.kind(_text(file)) == written.MANIFEST:
        raise WrongUse.of(
            what=f"{file} is a {written.MANIFEST}, but a {written.DESCRIPTION} is needed",
            next_step="pass --from gs://BUCKET, or a folder with config.json and description.json",
        )


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else error
        raise WrongUse.of(
            what=f"{file} cannot be read: {reason}",
            next_step="pass --from gs://BUCKET, a folder with config.json and description.json, or outputs",
        ) from None


def _from_outputs(text: str, where: str) -> Source:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    # `cdktf output` groups them by stack, `terraform output` tells their types as well.
    outputs = next((each for each in (found, *_values(found)) if PROFILE_OUTPUT in _names(each)), None)
    if outputs is None or PLATFORM_OUTPUT not in outputs:
        raise WrongUse.of(
            what=f"{where} contains neither a profile nor the outputs {PROFILE_OUTPUT} and {PLATFORM_OUTPUT}",
            next_step="write them with `cdktf output services --outputs-file outputs.json`, "
            "after a deployment with this version",
        )
    return Source(
        where=where, profile_text=_output(outputs, PROFILE_OUTPUT), platform_text=_output(outputs, PLATFORM_OUTPUT)
    )


def _values(found: Any) -> list[Any]:
    return list(found.values()) if isinstance(found, dict) else []


def _names(found: Any) -> set[str]:
    return set(found) if isinstance(found, dict) else set()


def _output(outputs: Mapping[str, Any], name: str) -> str:
    output = outputs[name]
    return str(output["value"] if isinstance(output, dict) and "value" in output else output)
