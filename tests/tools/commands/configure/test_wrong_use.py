"""What is wrong with the command line or the files is said in a line, with the way on, and nothing is written."""

import json
from pathlib import Path

import pytest

from tests.tools.commands.configure import places
from tests.tools.commands.configure.places import PROFILE

WRONG_USES = {
    "nothing": ([], 2, "no project given, and gcloud has none set", "pass --project PROJECT"),
    "both": (["--project", "p", "--from", "place"], 2, "exclude each other", "pass --project"),
    "environment": (["--from", "place", "--environment", "e"], 2, "exclude each other", "leave --environment out"),
    "a path": (["--from", "place", "--profile", "../x"], 2, "'../x' is not a profile name", "choose another"),
    "an option": (["--from", "place", "--profile", "-x"], 2, "'-x' is not a profile name", "choose another"),
    "default": (["--from", "place", "--profile", "default"], 2, "and not `default`", "leave --profile out"),
    "no such folder": (["--from", "nowhere"], 2, "nowhere cannot be read: there is no such file", "--from gs://BUCKET"),
    "an empty folder": (["--from", "empty"], 2, "config.json cannot be read", "--from gs://BUCKET"),
    "no description.json": (
        ["--from", "half"],
        2,
        "description.json cannot be read",
        "with config.json and description.json",
    ),
    "a text": (["--from", "text"], 2, "contains neither a profile nor the outputs", "cdktf output"),
    "no text": (["--from", "binary"], 2, "binary cannot be read", "--from gs://BUCKET"),
    "old outputs": (["--from", "old"], 2, "platform_description", "a deployment with this version"),
    "empty outputs": (["--from", "-"], 2, "standard input contains neither", "cdktf output"),
    "no profile": (["--from", "no profile"], 2, "contains no Metaflow configuration", "take config.json"),
    "other cloud": (["--from", "other cloud"], 2, "contains no Metaflow configuration", "take config.json"),
    "no description": (
        ["--from", "no description"],
        2,
        "not a complete PlatformDescription",
        "metaflow-gcp configure` again",
    ),
    "newer": (["--from", "newer"], 2, "has version 99", "install the metaflow-gcp"),
    "a manifest": (["--from", "synthesized"], 2, "is a PlatformManifest, but a PlatformDescription is", "gs://BUCKET"),
    "a manifest's file": (["--from", "synthesized/platform.json"], 2, "is a PlatformManifest", "description.json"),
    "nobody to ask": (["--from", "place"], 2, "there is no one to ask", "--yes"),
    "no bucket": (["--from", "gs://"], 2, "gs://: there is no", "pass the platform's bucket"),
    "unknown option": (["--from", "place", "--force"], 2, "--force", "metaflow-gcp configure --help"),
    "an argument": (["acme-metaflow"], 2, "acme-metaflow", "metaflow-gcp configure --help"),
}


@pytest.fixture
def _places(tmp_path):
    places.write(tmp_path / "place")
    places.write(tmp_path / "half")
    (tmp_path / "half/description.json").unlink()
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").write_text("hello")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "old").write_text(json.dumps({"client_profile": {"value": "{}"}}))
    places.write(tmp_path / "no profile", {"METAFLOW_DEFAULT_DATASTORE": ["gs"]})
    places.write(tmp_path / "other cloud", PROFILE | {"METAFLOW_DEFAULT_DATASTORE": "s3"})
    places.write(tmp_path / "no description", unknown="x")
    places.write(tmp_path / "newer", version=99)
    (tmp_path / "synthesized").mkdir()
    (tmp_path / "synthesized/platform.json").write_text('{"kind": "PlatformManifest", "version": 1}')


@pytest.mark.usefixtures("_places")
@pytest.mark.parametrize(("arguments", "exit_code", "said", "next_step"), WRONG_USES.values(), ids=WRONG_USES)
def test_wrong_use(run_here, environment, arguments, exit_code, said, next_step):
    ran = run_here("configure", *arguments)
    assert ran.exit_code == exit_code
    assert said in ran.stderr
    assert next_step in ran.stderr
    assert ran.stdout == ""
    assert not any(file.is_file() and file.name != ".lock" for file in Path(environment["HOME"]).rglob("*"))


@pytest.mark.usefixtures("_places")
def test_who_wants_json_is_not_asked(run_here):
    ran = run_here("configure", "--from", "place", "--json")
    assert ran.exit_code == ran.document["exit_code"] == 2
    assert ran.document["problems"][0]["what"] == "--json does not ask"


@pytest.mark.usefixtures("_places")
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (".metaflowconfig/config.json", "{", "config.json is not a Metaflow configuration"),
        (".metaflowconfig/config.json", "[]", "config.json is not a Metaflow configuration"),
        (".metaflowconfig/config.json", b"\xff", "is not valid UTF-8"),
        (".metaflowconfig/config.json", None, "config.json cannot be read or written: Is a directory"),
        (".metaflowconfig", "", ".metaflowconfig cannot be read or written"),
        (".kube/config", "clusters: [", "cannot be changed: it is not valid YAML (line 1)"),
        (".kube/config", "- x", "cannot be changed: it is not a mapping"),
        (".kube/config", "x: &x {name: a}\nusers:\n- *x\n", "cannot be changed: it is written in a way"),
        (".kube/config", None, "config cannot be read or written: Is a directory"),
        (".kube", "", ".kube"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_stays_as_it_is(run_here, environment, name, content, said):
    home = Path(environment["HOME"])
    file = home / name
    file.parent.mkdir(exist_ok=True)
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    ran = run_here("configure", "--from", "place", "--no-check", "--yes")
    assert ran.exit_code == 1
    assert said in ran.stderr
    assert ", then retry" in ran.stderr
    if content is not None:
        assert file.read_bytes() == (content if isinstance(content, bytes) else content.encode())
    others = {each.name for each in home.rglob("*") if each.is_file() and each != file} - {".lock"}
    assert not others
