"""Every exception class of the client libraries, found in the libraries themselves, thrown where a command asks.

One line and the next step, exit code 1, no traceback: whatever a library raises, today or in its next version.
"""

import contextlib
import importlib
import inspect
import json
import pkgutil
import re
import socket
import ssl
import warnings
from http import client as http_client
from itertools import zip_longest
from pathlib import Path
from typing import Any

import google.auth
import pytest

from metaflow_gcp_tools import cli
from metaflow_gcp_tools.clients import google as google_apis, unanswered
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered
from metaflow_gcp_tools.commands.status import pools
from metaflow_gcp_tools.commands.status.reading import Unknown
from metaflow_gcp_tools.platform.description import Platform
from tests.tools.commands.configure import places
from tests.tools.commands.configure.cluster import write_plugin
from tests.tools.commands.preflight.cloud import stand_in_tools, synthesized
from tests.tools.commands.status.conftest import PLATFORM

GOOGLE = ("google.auth", "google.oauth2", "metaflow_gcp_tools.clients.google_rest", "requests", "urllib3")
EXECUTE = "metaflow_gcp_tools.clients.google_rest.call"
"""Where a request to Google is made."""
CALL = "kubernetes.client.ApiClient.call_api"
"""And one to Kubernetes."""

KUBERNETES = ("kubernetes.client.exceptions", "kubernetes.config", "kubernetes.dynamic", "urllib3")


def modules(root):
    found = importlib.import_module(root)
    yield found
    for info in pkgutil.walk_packages(getattr(found, "__path__", ()), f"{root}."):
        # What an extra would bring is not installed, and nothing raises it.
        with contextlib.suppress(ImportError, AttributeError):
            yield importlib.import_module(info.name)


def exceptions(*roots):
    """Every class of an exception that is defined in these packages."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {
            each: None
            for root in roots
            for module in modules(root)
            for each in vars(module).values()
            if inspect.isclass(each)
            and issubclass(each, Exception)
            and each.__module__.startswith(f"{root.split('.')[0]}.")
        }
    return sorted(found, key=lambda each: (each.__module__, each.__qualname__))


def made(kind):
    """An instance, with whatever its constructor takes."""
    attempts: tuple[Any, ...] = ((), ("said",), ("said", "more"), ("said", "more", "and more"), (None, b"", ""), ([],))
    for arguments in attempts:
        with contextlib.suppress(TypeError, AttributeError, KeyError, IndexError):
            return kind(*arguments)
    # Kubernetes' dynamic client makes its errors from another one; the class is what counts.
    return kind.__new__(kind)


OF_GOOGLE = [
    *exceptions(*GOOGLE),
    *(OSError, ConnectionResetError, TimeoutError, socket.gaierror, ssl.SSLCertVerificationError),
    *(http_client.HTTPException, http_client.RemoteDisconnected, json.JSONDecodeError),
]
OF_KUBERNETES = [*exceptions(*KUBERNETES), OSError, ssl.SSLError, http_client.HTTPException, ValueError]


def test_the_libraries_raise_what_is_thrown_here():
    names = {kind.__name__ for kind in (*OF_GOOGLE, *OF_KUBERNETES)}
    assert {"RefreshError", "MutualTLSChannelError", "HttpError", "ChunkedEncodingError"} < names
    assert {"ApiException", "ResourceNotFoundError", "ProxySchemeUnsupported", "MaxRetryError"} < names
    assert len(names) > 90


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A configured platform and a synthesized folder, and nobody to ask."""
    home = tmp_path / "home"
    described = home / ".metaflowconfig/metaflow-gcp/default.json"
    described.parent.mkdir(parents=True)
    described.write_text(json.dumps(PLATFORM))
    cluster = {"clusters": [{"name": "c", "cluster": {"server": "https://nowhere.invalid"}}]}
    user = {"users": [{"name": "u", "user": {"token": "any"}}]}
    name = "gke_acme-metaflow_us-west1_gke-metaflow-default"
    context = {"contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}}], "current-context": name}
    (home / "kubeconfig").write_text(json.dumps({**cluster, **user, **context, "apiVersion": "v1", "kind": "Config"}))
    synthesized(tmp_path / "out", "minimal")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(stand_in_tools(tmp_path / "bin")))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("KUBECONFIG", str(home / "kubeconfig"))
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "any")
    monkeypatch.setattr("metaflow_gcp_tools.commands.preflight.local_tools.TOOLS", ())
    google_apis.credentials.cache_clear()
    yield monkeypatch
    google_apis.credentials.cache_clear()


def thrower(error):
    def throw(*_, **__):
        raise error

    return throw


def assert_one_line(kind, exit_code, said, *, next_step=True):
    """Of whatever a command says of it: the class's own name may be in it, a traceback or an object's address not."""
    assert exit_code == 1, kind
    assert "Traceback" not in said, kind
    assert " object at 0x" not in said, kind
    lines = said.strip().splitlines()
    assert lines, kind
    if next_step:
        assert len(lines) == 2, (kind, lines)
        assert lines[0].startswith("metaflow-gcp: "), kind
        assert lines[1].startswith("  "), kind


@pytest.mark.parametrize(
    "command",
    ["configure --project acme-metaflow --yes", "image check cpu --docker docker"],
)
def test_google_s_thrown_at_a_command(machine, capsys, tmp_path, command):
    (tmp_path / "docker").symlink_to(Path(__file__).parents[3] / "docker")
    for kind in OF_GOOGLE:
        machine.setattr(EXECUTE, thrower(made(kind)))
        exit_code = cli._run(command.split())
        assert_one_line(kind, exit_code, capsys.readouterr().err)


def test_google_s_thrown_at_preflight(machine, capsys):
    """It shows a line for each check, so that its document is looked at."""
    for kind in OF_GOOGLE:
        machine.setattr(EXECUTE, thrower(made(kind)))
        exit_code = cli._run(["preflight", "--out", "out", "--json"])
        written = capsys.readouterr()
        document = json.loads(written.out)
        assert_one_line(kind, exit_code, written.out, next_step=False)
        assert written.err == ""
        assert document["result"]["ready"] is not True
        assert all(problem["next_step"] and "\n" not in problem["what"] for problem in document["problems"])


@pytest.mark.parametrize("command", ["configure --project acme-metaflow --yes", "preflight --out out --json"])
def test_those_of_looking_for_credentials(machine, capsys, command):
    machine.delenv("GOOGLE_OAUTH_ACCESS_TOKEN")
    for kind in exceptions("google.auth", "urllib3"):
        machine.setattr("google.auth.default", thrower(made(kind)))
        google_apis.credentials.cache_clear()
        exit_code = cli._run(command.split())
        written = capsys.readouterr()
        assert_one_line(kind, exit_code, written.out + written.err, next_step="--json" not in command)


def test_kubernetes_thrown_at_status(machine, capsys):
    machine.setattr(EXECUTE, thrower(ConnectionRefusedError()))
    for kind in OF_KUBERNETES:
        machine.setattr(CALL, thrower(made(kind)))
        exit_code = cli._run(["status", "--json"])
        written = capsys.readouterr()
        (problem, *_) = json.loads(written.out)["problems"]
        assert_one_line(kind, exit_code, written.out, next_step=False)
        assert problem["next_step"]
        assert "\n" not in problem["what"]


def test_all_thrown_where_the_kubeconfig_is_read(machine, capsys):
    """An old one makes Kubernetes' client log in by google-auth, over urllib3."""
    for kind in exceptions("google.auth", *KUBERNETES):
        machine.setattr("kubernetes.config.kube_config.KubeConfigLoader.load_and_set", thrower(made(kind)))
        assert_one_line(kind, cli._run(["status"]), capsys.readouterr().err)


def test_google_s_thrown_at_status(machine):
    """A status does without them: it says what it does not know, and why."""
    for kind in OF_GOOGLE:
        machine.setattr(EXECUTE, thrower(made(kind)))
        found = pools.cluster(Platform.parse(json.dumps(PLATFORM), "here"))
        assert isinstance(found, Unknown), kind
        assert "\n" not in found.ask
        assert " object at 0x" not in found.ask


def test_both_thrown_at_the_checks_of_configure(machine, capsys, tmp_path):
    """It has written everything by then, and says what does not work."""
    write_plugin(tmp_path / "bin", "true")
    place = places.write(tmp_path / "place")
    for of_google, of_kubernetes in zip_longest(OF_GOOGLE, OF_KUBERNETES, fillvalue=OSError):
        machine.setattr(EXECUTE, thrower(made(of_google)))
        machine.setattr(CALL, thrower(made(of_kubernetes)))
        exit_code = cli._run(["configure", "--from", str(place), "--yes", "--json"])
        written = capsys.readouterr()
        document = json.loads(written.out)
        assert_one_line(of_kubernetes, exit_code, written.out, next_step=False)
        states = {check["name"]: check["state"] for check in document["result"]["checks"]}
        assert (states["bucket"], states["cluster"]) == ("FAIL", "FAIL"), (of_google, of_kubernetes)
        assert all(problem["next_step"] and "\n" not in problem["what"] for problem in document["problems"])


def test_an_error_of_our_own_is_not_swallowed():
    with pytest.raises(ZeroDivisionError), unanswered.translated("anybody"):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("error", "cause", "says"),
    [
        (
            google.auth.exceptions.RefreshError("invalid_grant: Token has been expired or revoked."),
            Cause.LOGIN,
            "expired",
        ),
        (
            google.auth.exceptions.RefreshError(
                "Unable to acquire impersonated credentials",
                '{"error": {"code": 403, "message": "Permission \'iam.serviceAccounts.getAccessToken\' denied"}}',
            ),
            Cause.MAY_NOT_IMPERSONATE,
            "Permission 'iam.serviceAccounts.getAccessToken' denied",
        ),
        (
            google.auth.exceptions.TransportError(ConnectionRefusedError(111, "Connection refused")),
            Cause.NO_CONNECTION,
            "connection refused",
        ),
        (TimeoutError("timed out"), Cause.NO_ANSWER, "no response from"),
        (json.JSONDecodeError("Expecting value", "<html>", 0), Cause.NOT_AN_API, "sent an unexpected response"),
        (OSError(101, "Network is unreachable"), Cause.NO_CONNECTION, "Network is unreachable"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_causes(error, cause, says):
    with pytest.raises(Unanswered, match=says) as raised, unanswered.translated("storage.googleapis.com"):
        raise error
    assert raised.value.cause is cause


def test_no_other_module_knows_what_the_libraries_raise():
    """One place translates. `google_credentials` says which credentials are missing, `google_rest` raises its own."""
    tools = Path(cli.__file__).parent
    errors = re.compile(
        r"\b(ApiException|OpenApiException|HttpError|HttpLib2Error|GoogleAuthError|RefreshError|TransportError"
        r"|googleapiclient\.errors|google\.auth\.exceptions|urllib3\.exceptions)\b"
    )
    knowing = {
        file.relative_to(tools).as_posix()
        for file in tools.rglob("*.py")
        if errors.search(re.sub(r'""".*?"""', "", file.read_text("utf-8"), flags=re.DOTALL))
    }
    assert knowing == {"clients/unanswered.py", "clients/google_credentials.py", "clients/google_rest.py"}
