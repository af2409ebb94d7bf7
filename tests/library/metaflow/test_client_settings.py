import pytest

from metaflow_gcp.checks import Checks
from metaflow_gcp.metaflow import client_settings


def problems(given):
    checks = Checks()
    client_settings.check(checks, "client_profile", given)
    return checks.problems


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"METAFLOW_KUBERNETES_CPU": "2", "METAFLOW_KUBERNETES_NODE_SELECTOR": "pool=high"},
        # One of each kind.
        {"METAFLOW_ARGO_WORKFLOWS_USE_SCHEDULES": "True"},
        {"METAFLOW_S3_RETRY_COUNT": "-1"},
        {"METAFLOW_SERVICE_HEADERS": '{"x-team": "ml"}', "METAFLOW_SPIN_ALLOWED_DECORATORS": '["card"]'},
        {"METAFLOW_GS_STORAGE_WORKLOAD_TYPE": "high_throughput"},
        {"METAFLOW_S3_RETRY_COUNT": "${TfToken[TOKEN.1]}"},
    ],
)
def test_what_the_client_reads_passes(given):
    assert problems(given) == []


@pytest.mark.parametrize(
    ("key", "value", "wrong", "fix"),
    [
        ("METAFLOW_KUBERNETES_NAMESPACES", "x", "no supported client", "did you mean METAFLOW_KUBERNETES_NAMESPACE?"),
        ("KUBERNETES_CPU", "2", "no supported client", "did you mean METAFLOW_KUBERNETES_CPU?"),
        ("metaflow_kubernetes_cpu", "2", "no supported client", "did you mean METAFLOW_KUBERNETES_CPU?"),
        ("TZ", "UTC", "no supported client of Metaflow (2.16.8 to 2.19.39)", "remove TZ"),
        ("METAFLOW_DEFAULT_DATASTORE", "s3", "is set by the platform", "remove"),
        ("METAFLOW_USER", "ada", "the same person", "on their own machine"),
        ("METAFLOW_ARGO_WORKFLOWS_USE_SCHEDULES", "no", "'no'", "one of these"),
        ("METAFLOW_S3_RETRY_COUNT", "many", "'many'", "change"),
        ("METAFLOW_SERVICE_HEADERS", "x-team: ml", "'x-team: ml'", "change"),
        ("METAFLOW_SPIN_ALLOWED_DECORATORS", "{}", "'{}'", "change"),
        ("METAFLOW_GS_STORAGE_WORKLOAD_TYPE", "fast", "'fast'", "one of these"),
    ],
)
def test_the_rest_is_refused_with_the_reason(key, value, wrong, fix):
    (problem,) = problems({key: value})
    assert problem.where == f"client_profile.{key}"
    assert wrong in problem.wrong
    assert fix in problem.fix


def test_all_problems_are_told_at_once():
    assert len(problems({"A": "", "METAFLOW_UI_URL": "", "METAFLOW_USER": ""})) == 3
