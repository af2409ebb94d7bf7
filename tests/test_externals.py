"""What is named here and lives elsewhere stands in `externals.json`, with where it was read; nothing else is named."""

import gzip
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import googleapiclient
import pytest
import yaml

from metaflow_gcp import externals
from metaflow_gcp.google.gke import gpu_catalogue
from metaflow_gcp.kubernetes.helm import charts
from metaflow_gcp.kubernetes.images import registry_of
from metaflow_gcp.metaflow.argo import events_values
from metaflow_gcp_tools.commands.image.build import BUILDER
from rehearsal.cloud.kubernetes import nodes
from tests.test_project import ROOT, texts

DOCUMENT = externals.document()
IMAGES = {found["name"] for found in DOCUMENT["images"].values()} | set(DOCUMENT["never_pulled"])
PRODUCT = (
    "README.md",
    "Makefile",
    "main.py",
    "config/",
    "constructs/",
    "docker/",
    "docs/",
    "examples/",
    "rehearsal/",
    "scripts/",
    "stacks/",
    "tools/",
    # What synth writes for settings that name nothing themselves.
    "tests/stacks/__snapshots__/test_snapshots/test_manifest[minimal]",
    "tests/stacks/__snapshots__/test_snapshots/test_stack[minimal-",
    "tests/stacks/__snapshots__/test_snapshots/test_stack[existing-network-infra]",
)

IMAGE = re.compile(
    r"(?<![\w./@:{-])((?:[a-z0-9][a-z0-9._-]*(?::[0-9]+)?/)*[a-z][a-z0-9_-]*:v?[0-9]+(?:\.[0-9]+)+[\w.-]*)"
)
API = re.compile(r"(?<![\w-])([a-z-]+\.googleapis\.com)\b")
LABEL = re.compile(
    r"(?<![\w./-])((?:(?:[a-z0-9-]+\.)*(?:gke\.io|cloud\.google\.com|nvidia\.com)|(?:[a-z-]+\.)?beta\.kubernetes\.io"
    r"|(?:topology|node)\.kubernetes\.io|kubernetes\.io(?=/(?:arch|os|hostname)))/[\w.-]*\w)(?![\w-])"
)
"""Of nodes: those of objects that we make ourselves need not be there before."""
MACHINE = re.compile(
    r"\b((?:[acghmnz][1-9][a-z]?|e2|f1|g1|t2[ad]|x4)-(?:[a-z]*gpu|standard|high(?:mem|cpu)|micro|small|medium)(?:-[0-9a-z]*)?)\b"
)
ACCELERATOR = re.compile(r"\b(nvidia-(?:tesla-)?[a-z]{1,4}[0-9]+[a-z0-9-]*|nvidia-rtx-[a-z0-9-]+)")
PLAIN = ("apis", "machine_types", "labels", "taints", "annotations")
"""Parts of the document that hold names, and of each where it was read."""
STORAGE_CLASS = re.compile(r"\b([a-z]+-rwo)\b")


@cache
def product() -> tuple[tuple[str, str], ...]:
    """Each file that people get, without links to pages."""
    return tuple(
        (name, re.sub(r"https?://[^\s\"'`)>]+", "", re.sub(r"\$\{[^}]*\}/", "", text)))
        for name, text in texts()
        if name.startswith(PRODUCT) and not name.endswith(("externals.json", ".svg", "requirements.txt", "torch.txt"))
    )


def named(pattern: re.Pattern[str], *but: str) -> Iterator[tuple[str, str]]:
    """What the pattern finds, and where."""
    for name, text in product():
        if not name.startswith(but):
            for found in pattern.findall(text):
                yield found, name


def full(image: str) -> str:
    if registry_of(image) is None:
        return f"docker.io/{image if '/' in image else f'library/{image}'}"
    return image


def unknown(found: Iterator[tuple[str, str]], known: set[str]) -> set[tuple[str, str]]:
    return {(name, where) for name, where in found if name not in known}


def test_no_image_is_named_elsewhere():
    # `status` shows what stands after the last slash.
    shown = {name.rpartition("/")[2]: name for name in IMAGES}
    found = [(shown.get(image, full(image)), where) for image, where in named(IMAGE) if "docker.pkg.dev" not in image]
    assert not unknown(iter(found), IMAGES)
    # The pattern does find them: where docker/ names them, and in what synth writes.
    assert {"docker/images.toml", "docker/gpu/Dockerfile"} <= {where for _, where in found}
    assert "docker.io/netflixoss/metaflow_metadata_service:v2.5.0" in {image for image, _ in found}


def test_no_api_is_named_elsewhere():
    # Where Google's addresses of objects start, a name that the provider refuses, the example of docs/rehearsal.md, and
    # what metrics and audit logs are called: no APIs that could be off.
    others = {
        "www.googleapis.com",
        "bigquery-json.googleapis.com",
        "redis.googleapis.com",
        "cloudaudit.googleapis.com",
        "cloudsql.googleapis.com",
        "prometheus.googleapis.com",
    }
    found = set(named(API))
    assert not unknown(iter(found), {*DOCUMENT["apis"], *others})
    assert DOCUMENT["apis"].keys() - {api for api, _ in found} == set()


def test_googles_client_knows_the_apis():
    described = Path(googleapiclient.__file__).parent / "discovery_cache/documents"
    for api, read in DOCUMENT["apis"].items():
        if read == ["discovery"]:
            [short, *_] = api.split(".")
            files = described.glob(f"{short}.v*.json")
            assert any(f'"rootUrl": "https://{api}/"' in file.read_text("utf-8") for file in files), api


def test_no_label_or_taint_of_a_node_is_named_elsewhere():
    known = {*DOCUMENT["labels"], *DOCUMENT["taints"], *DOCUMENT["annotations"]}
    found = [(label.removeprefix("requests."), where) for label, where in named(LABEL)]
    assert not unknown(iter(found), known)
    assert known - {label for label, _ in found} == set()


def test_no_machine_type_is_named_elsewhere():
    known = {*DOCUMENT["machine_types"], *gpu_catalogue.machine_types()}
    beginnings = {name.rpartition("-")[0] for name in known} | {f"{name.rpartition('-')[0]}-" for name in known}
    found = list(named(MACHINE))
    assert not unknown(iter(found), known | beginnings)
    names = {name for name, _ in found}
    assert {name for name in DOCUMENT["machine_types"] if not {name, name.rpartition("-")[0]} & names} == set()


def test_no_accelerator_is_named_elsewhere():
    assert not unknown(named(ACCELERATOR), set(gpu_catalogue.gpus()))


def test_no_storage_class_is_named_elsewhere():
    assert not unknown(named(STORAGE_CLASS), set(DOCUMENT["storage_classes"]))


def test_every_entry_says_where_it_was_read():
    sources = DOCUMENT["sources"]
    for source in sources.values():
        assert source["url"].startswith("https://")
        assert source["says"]
        assert date.fromisoformat(source["on"])
    reads = [
        *(found["read"] for kind in ("images", "charts", "storage_classes") for found in DOCUMENT[kind].values()),
        *(read for kind in PLAIN for read in DOCUMENT[kind].values()),
    ]
    assert all(reads)
    assert {key for read in reads for key in read} == set(sources)


def test_every_image_is_of_something():
    of_charts = {
        key
        for chart in DOCUMENT["charts"].values()
        for version in chart["versions"].values()
        for key in version["images"]
    }
    of_docker = {"cpu-base", "cuda-12", "cuda-13"}
    assert set(DOCUMENT["images"]) == {
        "metadata-service",
        "task",
        *events_values.IMAGES,
        *of_charts,
        *of_docker,
        "builder",
    }
    dockerfiles = "".join(text for name, text in product() if name.startswith("docker/"))
    assert all(externals.short(externals.name(key)) in dockerfiles for key in of_docker)
    assert externals.short(externals.name("builder")) == BUILDER


@pytest.fixture(scope="module")
def chart_values():
    packed = (ROOT / "rehearsal/schemas/chart-values.json.gz").read_bytes()
    return {name: found["values"] for name, found in json.loads(gzip.decompress(packed)).items()}


def test_images_of_charts_are_those_of_their_values(chart_values):
    workflows, events = chart_values["argo-workflows"], chart_values["argo-events"]
    for key, part in (
        ("argo-workflow-controller", "controller"),
        ("argo-executor", "executor"),
        ("argo-server", "server"),
    ):
        image = workflows[part]["image"]
        version = charts.ARGO_WORKFLOWS.versions[charts.ARGO_WORKFLOWS.newest]
        assert externals.name(key) == f"{image['registry']}/{image['repository']}:{image['tag'] or version}"
    image = events["global"]["image"]
    version = charts.ARGO_EVENTS.versions[charts.ARGO_EVENTS.newest]
    assert externals.name("argo-events") == f"{image['repository']}:{image['tag'] or version}"
    assert externals.tag("jobset") == charts.JOBSET.versions[charts.JOBSET.newest]


def test_the_images_of_the_bus_go_together(chart_values):
    together = [
        tuple(full(each[key]) for key in ("natsImage", "metricsExporterImage", "configReloaderImage"))
        for each in chart_values["argo-events"]["configs"]["jetstream"]["versions"]
    ]
    assert tuple(externals.name(key) for key in ("nats", "nats-exporter", "nats-reloader")) in together


def test_our_own_chart_and_the_settings_offer_the_same():
    values = yaml.safe_load(
        (ROOT / "constructs/src/metaflow_gcp/metaflow/charts/metaflow-events/values.yaml").read_text("utf-8")
    )
    assert values["hooks"]["image"] == externals.name("hooks")
    assert values["eventBus"]["version"] == externals.tag("nats")
    assert values["eventBus"]["storageClass"] in DOCUMENT["storage_classes"]
    example = tomllib.loads((ROOT / "config/example.toml").read_text())
    assert example["images"]["task"] == externals.short(externals.name("task"))


def test_the_rehearsal_knows_the_same_storage_classes():
    assert {name: each["disk_type"] for name, each in DOCUMENT["storage_classes"].items()} == nodes.BUILT_IN


def test_the_rehearsal_installs_from_the_same_repositories():
    charts = json.loads((ROOT / "rehearsal/schemas/charts.json").read_text())
    assert {name: chart["repository"] for name, chart in charts.items()} == {
        name: chart["repository"] for name, chart in DOCUMENT["charts"].items()
    }
