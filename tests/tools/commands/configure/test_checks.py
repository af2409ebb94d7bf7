"""`configure` ends by trying what flows need, and says what to ask for when something is missing."""

import json
import os

import pytest
from kubernetes.client import ApiException
from urllib3.exceptions import ReadTimeoutError

from metaflow_gcp_tools.commands.configure import checks
from metaflow_gcp_tools.commands.configure.asking import ask_for_access
from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.problems import CommandFailed
from tests.tools.commands.configure import places
from tests.tools.commands.configure.cluster import TOKEN as CLUSTER_TOKEN, stand_in_cluster, write_plugin
from tests.tools.commands.configure.places import DESCRIPTION
from tests.tools.commands.forward.platforms import stand_in
from tests.tools.stand_in_google import TOKEN, Refusal, StandInGoogle

ASK = 'users = ["user:ada@example.com"]'
ALL = ["storage.objects.create", "storage.objects.delete", "storage.objects.get", "storage.objects.list"]


@pytest.fixture
def google():
    google = StandInGoogle()
    google.use("storage", "v1")
    google.use("oauth2", "v2")
    google.answer("storage.buckets.testIamPermissions", {"permissions": ALL})
    google.answer("oauth2.userinfo.get", {"email": "ada@example.com"})
    return google


@pytest.fixture
def cluster(tmp_path):
    with stand_in_cluster(tmp_path) as cluster:
        yield cluster


@pytest.fixture
def machine(tmp_path, environment):
    """With a stand-in kubectl and plugin."""
    with stand_in(tmp_path / "machine", environment) as machine:
        write_plugin(machine.folder / "bin")
        yield machine


@pytest.fixture
def check(run, google, cluster, machine, tmp_path):
    place = places.write(tmp_path / "place", cluster_dns_endpoint=cluster.endpoint)

    def check(*arguments, **more):
        mine = {"METAFLOW_HOME": str(tmp_path / "metaflow"), "KUBECONFIG": str(tmp_path / "kubeconfig")}
        with google.serving() as environment:
            variables = machine.environment | environment | cluster.environment | mine | more
            ran = run("configure", "--from", str(place), "--yes", *arguments, **variables)
        assert not {TOKEN, CLUSTER_TOKEN} & set((ran.stdout + ran.stderr).split())
        # Whatever the checks say.
        assert (tmp_path / "metaflow/config.json").exists()
        assert (tmp_path / "kubeconfig").exists()
        return ran

    return check


def states(ran):
    return {each["name"]: each["state"] for each in ran.document["result"]["checks"]}


def test_all_is_well(check, google, cluster, machine):
    ran = check("--json")
    assert ran.exit_code == 0, ran.stdout
    assert states(ran) == dict.fromkeys(["bucket", "kubectl", "cluster", "namespaces", "metadata service"], "PASS")
    [asked] = google.calls_of("storage.buckets.testIamPermissions")
    assert asked.parameters == {"alt": "json", "bucket": DESCRIPTION["bucket"], "permissions": ALL}
    assert {"create jobs in metaflow-jobs", "get pods/log in metaflow-jobs"} < set(cluster.reviewed)
    assert {"create sensors in metaflow-jobs", "create pods/portforward in argo"} < set(cluster.reviewed)
    assert machine.processes() == []
    # Once more: nothing is to be written, and all is checked.
    again = check("--json")
    assert states(again) == states(ran)
    assert not any(each["written"] for each in again.document["result"]["files"])


PLATFORM = Platform.parse(json.dumps(DESCRIPTION), "here")


@pytest.mark.parametrize(
    ("answer", "said", "next_step"),
    [
        ({"permissions": ALL[2:]}, "storage.objects.create, storage.objects.delete missing", ASK),
        ({}, "storage.objects.list missing", ASK),
        (Refusal(403, "by a perimeter"), "ada@example.com may not ask for rights on gs://.*: by a perimeter", ASK),
        (Refusal(404, "no such bucket"), "storage.googleapis.com returned 404: no such bucket", "check the name"),
    ],
)
def test_the_bucket(google, monkeypatch, answer, said, next_step):
    google.answer("storage.buckets.testIamPermissions", answer)
    with google.serving() as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(CommandFailed, match=said) as failed:
            checks._bucket(PLATFORM)
    assert next_step in failed.value.problems[0].next_step


def test_a_cluster_that_lets_nobody_in(check, cluster):
    cluster.status = 403
    ran = check("--json")
    assert ran.exit_code == 1
    assert [*states(ran).values()] == ["PASS", "PASS", "FAIL", "SKIP", "SKIP"]
    [problem] = ran.document["problems"]
    assert "ada@example.com may not connect to the cluster gke-metaflow-default" in problem["what"]
    assert ASK in problem["next_step"]


@pytest.mark.parametrize(
    ("error", "said", "next_step"),
    [
        (ApiException(401), "does not accept gcloud's credentials", "gcloud auth login"),
        (ApiException(503, "Unavailable"), "returned 503: Unavailable", "retry in a few minutes"),
        (ReadTimeoutError(None, None, ""), r"\(gke-0\..*\) in time", "ask the administrator"),
    ],
)
def test_a_cluster_that_does_not_answer(error, said, next_step):
    with pytest.raises(CommandFailed, match=said) as failed, checks._asking_cluster(PLATFORM):
        raise error
    assert next_step in failed.value.problems[0].next_step


def test_a_cluster_whose_certificate_is_not_trusted(check, tmp_path):
    ran = check("--json", SSL_CERT_FILE=os.devnull)
    assert states(ran)["cluster"] == "FAIL"
    assert "its certificate is not trusted" in ran.document["problems"][0]["what"]


def test_a_plugin_without_login(check, machine):
    write_plugin(machine.folder / "bin", "echo 'You do not currently have an active account selected.' >&2; exit 1")
    ran = check("--json")
    assert states(ran)["cluster"] == "FAIL"
    assert "gcloud auth login" in ran.document["problems"][0]["next_step"]


def test_without_kubectl_and_plugin(check, tmp_path):
    """Both are named, with the way to install them."""
    ran = check("--json", PATH=str(tmp_path))
    assert [*states(ran).values()] == ["PASS", "FAIL", "FAIL", "SKIP", "SKIP"]
    kubectl, plugin = ran.document["problems"]
    assert kubectl["what"] == "`kubectl` is not on the PATH"
    assert "gcloud components install kubectl" in kubectl["next_step"]
    assert "gcloud components install gke-gcloud-auth-plugin" in plugin["next_step"]


def test_rights_in_the_cluster(check, cluster):
    cluster.denied = {"create jobs in metaflow-jobs", "create pods/portforward in argo"}
    ran = check("--json")
    assert [*states(ran).values()] == ["PASS", "PASS", "PASS", "FAIL", "PASS"]
    [problem] = ran.document["problems"]
    assert problem["what"] == ("ada@example.com may not create jobs in metaflow-jobs, create pods/portforward in argo")
    assert ASK in problem["next_step"]


def test_the_spelling_that_the_cluster_compares(check, cluster):
    """Google takes any; RBAC compares letter by letter, and both spellings may stand in the settings."""
    cluster.denied = {"create jobs in metaflow-jobs"}
    cluster.user = "Ada@Example.com"
    [problem] = check("--json").document["problems"]
    assert 'users = ["user:Ada@Example.com"]' in problem["next_step"]
    assert "Keep the capital letters" in problem["next_step"]
    cluster.user = "ada@example.com"
    [problem] = check("--json").document["problems"]
    assert "capital" not in problem["next_step"]


def test_somebody_of_a_workforce_pool_is_asked_for_by_the_whole_identifier():
    ada = "principal://iam.googleapis.com/locations/global/workforcePools/acme/subject/Ada@example.com"
    asked = ask_for_access(ada)
    assert f'users = ["{ada}"]' in asked
    assert "capital" not in asked


def test_a_platform_without_argo_as_a_person_sees_it(check, cluster, tmp_path):
    """Only what is there is asked for."""
    places.write(tmp_path / "place", cluster_dns_endpoint=cluster.endpoint, forwards=DESCRIPTION["forwards"][:1])
    ran = check()
    assert not [each for each in cluster.reviewed if "argo" in each or "workflow" in each or "sensors" in each]
    assert "PASS  cluster: gke-metaflow-default answers: Kubernetes v1.33.5-gke.1" in ran.stderr
    assert "PASS  metadata service: metadata-service in metaflow answers" in ran.stderr
    assert ran.stdout.startswith("This machine is set up")


@pytest.mark.parametrize(
    ("mode", "said", "next_step"),
    [
        ("forbidden", "you may not forward this port", "administrator"),
        ("gone", "no such service in the cluster", "metaflow-gcp status"),
    ],
)
def test_the_metadata_service(check, machine, mode, said, next_step):
    machine.set_mode("metadata-service", mode)
    ran = check("--json")
    assert states(ran)["metadata service"] == "FAIL"
    [problem] = ran.document["problems"]
    assert said in problem["what"]
    assert next_step in problem["next_step"]
    # What a person must mend is not waited for.
    assert len(machine.starts("metadata-service")) <= 2
    assert machine.processes() == []


def test_the_checks_can_be_left_out(check, google, cluster, machine):
    ran = check("--no-check", "--json")
    assert (ran.exit_code, ran.document["result"]["checks"], google.calls, cluster.reviewed) == (0, [], [], [])
    assert machine.starts("metadata-service") == []
