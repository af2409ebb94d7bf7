"""The platform is found in the project, among its buckets."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.tools.commands.configure.places import DESCRIPTION, PROFILE
from tests.tools.stand_in_google import TOKEN, Refusal, StandInGoogle

BUCKET = DESCRIPTION["bucket"]
LABEL = "metaflow-environment"


def bucket(name, environment):
    return {"name": name, "labels": {LABEL: environment, "team": "x"}}


@pytest.fixture
def google():
    """A project with two environments, and buckets of other people's."""
    google: Any = StandInGoogle()
    google.use("storage", "v1")
    google.use("oauth2", "v2")
    pages = {
        None: {"items": [{"name": "unlabelled"}, bucket("other", "other")], "nextPageToken": "2"},
        "2": {"items": [bucket("logs", "default"), bucket(BUCKET, "default")]},
        "3": {},
    }
    google.answer("storage.buckets.list", lambda call: pages[call.parameters.get("pageToken")])
    google.objects = {
        (BUCKET, "metaflow-gcp/config.json"): json.dumps(PROFILE).encode(),
        (BUCKET, "metaflow-gcp/description.json"): json.dumps(DESCRIPTION).encode(),
    }
    google.answer("storage.objects.get", lambda call: _object(google, call))
    google.answer("oauth2.userinfo.get", {"email": "ada@example.com"})
    return google


def _object(google, call):
    assert call.parameters["alt"] == "media"
    found = google.objects.get((call.parameters["bucket"], call.parameters["object"]))
    return Refusal(404, "No such object", "notFound") if found is None else found


@pytest.fixture
def configure(run_here, google):
    def configure(*arguments):
        with google.serving() as environment:
            ran = run_here("configure", *arguments, "--yes", "--no-check", **environment)
        assert TOKEN not in ran.stdout + ran.stderr
        return ran

    return configure


def test_by_project(configure, google, environment):
    """On the second page, after a bucket that has the label and is not the platform's."""
    ran = configure("--project", "acme-metaflow")
    assert ran.exit_code == 0, ran.stderr
    assert f"Found the platform 'default' of acme-metaflow: gs://{BUCKET}/metaflow-gcp" in ran.stderr
    home = Path(environment["HOME"]) / ".metaflowconfig"
    assert json.loads((home / "config.json").read_text()) == PROFILE
    assert json.loads((home / "metaflow-gcp/default.json").read_text()) == DESCRIPTION
    assert {call.parameters["project"] for call in google.calls_of("storage.buckets.list")} == {"acme-metaflow"}


@pytest.mark.parametrize("path", ["", "/", "/metaflow-gcp", "/metaflow-gcp/", "/metaflow-gcp/config.json"])
def test_by_the_bucket_s_name(configure, google, path):
    ran = configure("--from", f"gs://{BUCKET}{path}", "--json")
    assert ran.document["result"]["source"] == f"gs://{BUCKET}/metaflow-gcp"
    assert not google.calls_of("storage.buckets.list")


def test_from_another_folder(configure, google):
    google.objects = {
        (bucket, name.replace("metaflow-gcp", "a/b")): content for (bucket, name), content in google.objects.items()
    }
    assert configure("--from", f"gs://{BUCKET}/a/b/description.json").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "change", "exit_code", "said", "next_step"),
    [
        (["--environment", "prod"], None, 2, "no environment 'prod'; it has: default, other", "--environment default"),
        (["--environment", "other"], None, 1, "no bucket with the label metaflow-environment: other", "deployed"),
        ([], {"storage.buckets.list": {}}, 1, "no bucket with the label", "its third stack, `services`"),
        (
            [],
            {"storage.buckets.list": Refusal(403, "no storage.buckets.list access")},
            1,
            "ada@example.com may not list the buckets of the project acme-metaflow: no storage.buckets.list access",
            'users = ["user:ada@example.com"]',
        ),
        (
            [],
            {"storage.buckets.list": Refusal(403, "no"), "oauth2.userinfo.get": Refusal(403, "no scope")},
            1,
            "you may not list the buckets",
            'users = ["user:YOUR ADDRESS"]',
        ),
        (
            [],
            {
                "storage.objects.get": Refusal(403, "no"),
                "oauth2.userinfo.get": {"email": "a@b.iam.gserviceaccount.com"},
            },
            1,
            "a@b.iam.gserviceaccount.com may not read gs://",
            'users = ["serviceAccount:a@b.iam.gserviceaccount.com"]',
        ),
        (
            [],
            {"storage.buckets.list": Refusal(401, "Invalid Credentials")},
            1,
            "expired or is not accepted",
            "application-default",
        ),
        (
            [],
            {"storage.buckets.list": Refusal(400, "Invalid project")},
            1,
            "returned 400: Invalid project",
            "check the names",
        ),
        ([], {"storage.objects.get": b"\xff\xfe"}, 2, "is not a PlatformDescription", "deploy it again"),
    ],
)
def test_what_does_not_work_is_said(configure, google, environment, arguments, change, exit_code, said, next_step):
    for method, answer in (change or {}).items():
        google.answer(method, answer)
    ran = configure("--project", "acme-metaflow", *arguments)
    assert ran.exit_code == exit_code, ran.stderr
    assert said in ran.stderr
    assert next_step in ran.stderr
    assert not (Path(environment["HOME"]) / ".metaflowconfig/config.json").exists()


def test_a_bucket_that_is_none(configure):
    ran = configure("--from", "gs://nobodys")
    assert ran.exit_code == 2
    assert "gs://nobodys: there is no metaflow-gcp/config.json with a description.json beside it" in ran.stderr


GCLOUD = {
    ".config/gcloud/active_config": "work",
    ".config/gcloud/configurations/config_work": "[core]\nproject = acme-metaflow\naccount = a@b.c\n",
    ".config/gcloud/configurations/config_default": "[core]\nproject = another\n",
}
NONE = "no project given, and gcloud has none set"


@pytest.mark.parametrize(
    ("files", "variables", "project"),
    [
        (GCLOUD, {}, "acme-metaflow"),
        (GCLOUD, {"CLOUDSDK_ACTIVE_CONFIG_NAME": "default"}, "another"),
        (GCLOUD, {"CLOUDSDK_CORE_PROJECT": "third"}, "third"),
        ({}, {}, None),
        ({".config/gcloud/active_config": "default"}, {}, None),
        (GCLOUD | {".config/gcloud/configurations/config_work": "[core]\n"}, {}, None),
        (GCLOUD | {".config/gcloud/configurations/config_work": "project = x"}, {}, None),
    ],
)
def test_the_project_of_gcloud_is_the_default(run_here, google, environment, files, variables, project):
    for name, text in files.items():
        file = Path(environment["HOME"]) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    with google.serving() as online:
        ran = run_here("configure", "--yes", "--no-check", **online, **variables)
    assert (f"Project {project}, as gcloud is configured" in ran.stderr) == (project is not None)
    assert (NONE in ran.stderr) == (project is None)
    assert {call.parameters["project"] for call in google.calls_of("storage.buckets.list")} == {project} - {None}


def test_verbose_tells_requests_and_programs_and_no_secret(google, run, environment):
    with google.serving() as more:
        ran = run("configure", "--from", f"gs://{BUCKET}", "--yes", "--no-check", "--debug", **more)
    assert ran.exit_code == 0, ran.stderr
    log = next(Path(environment["HOME"]).rglob("metaflow-gcp.log"))
    assert log.parent.stat().st_mode & 0o077 == 0
    for told in (ran.stderr, log.read_text()):
        assert re.search(rf"GET http\S*/b/{BUCKET}/o/metaflow-gcp%2Fconfig.json", told)
        assert f"log file: {log}" in told
        assert TOKEN not in told
    assert "GET" not in ran.stdout


def test_without_credentials(run):
    ran = run("configure", "--project", "acme-metaflow", NO_GCE_CHECK="true")
    assert ran.exit_code == 1
    assert "gcloud auth application-default login" in ran.stderr
