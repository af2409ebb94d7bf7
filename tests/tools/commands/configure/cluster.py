"""A local HTTPS server that answers as a cluster's API server does, and a stand-in for the plugin that logs in."""

import datetime as dt
import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TOKEN = "cluster-token"
USER = "ada@example.com"


@dataclass
class StandInCluster:
    """What it answers can be changed at any time."""

    folder: Path
    port: int = 0
    status: int = 200
    """Of every answer."""
    denied: set[str] = field(default_factory=set)
    """What people may not, as `verb resource in namespace`."""
    reviewed: list[str] = field(default_factory=list)
    user: str = USER
    """The name by which it knows who asks."""

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What makes clients trust its certificate, as they trust Google's."""
        return {"SSL_CERT_FILE": str(self.folder / "certificate.pem")}

    def answer(self, path: str, token: str, body: Any) -> tuple[int, dict[str, Any]]:
        if self.status != 200:
            return self.status, {"kind": "Status", "apiVersion": "v1", "code": self.status, "message": "no"}
        if token != f"Bearer {TOKEN}":
            return 401, {"kind": "Status", "apiVersion": "v1", "code": 401, "message": "Unauthorized"}
        match path:
            case "/version/":
                names = ("major", "minor", "gitVersion", "gitCommit", "gitTreeState", "buildDate", "goVersion")
                return 200, dict.fromkeys((*names, "compiler", "platform"), "") | {"gitVersion": "v1.33.5-gke.1"}
            case "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews":
                asked = body["spec"]["resourceAttributes"]
                resource = "/".join(filter(None, (asked["resource"], asked.get("subresource"))))
                right = f"{asked['verb']} {resource} in {asked['namespace']}"
                self.reviewed.append(right)
                return 201, body | {"status": {"allowed": right not in self.denied}}
            case "/apis/authentication.k8s.io/v1/selfsubjectreviews":
                return 201, body | {"status": {"userInfo": {"username": self.user}}}
        return 404, {"kind": "Status", "apiVersion": "v1", "code": 404, "message": path}


@contextmanager
def stand_in_cluster(folder: Path) -> Iterator[StandInCluster]:
    cluster = StandInCluster(folder)

    class Handler(http.server.BaseHTTPRequestHandler):
        def _handle(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = cluster.answer(self.path, self.headers.get("Authorization", ""), json.loads(sent or "{}"))
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _handle  # noqa: N815 - as http.server calls them

        def log_message(self, *_: object) -> None:
            """Quietly."""

    _write_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    cluster.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield cluster
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def write_plugin(folder: Path, script: str = "") -> None:
    """Stands in for gke-gcloud-auth-plugin: checks that it is asked as kubectl asks, and gives the token."""
    credential = {
        "kind": "ExecCredential",
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "status": {"token": TOKEN},
    }
    check = 'case "$KUBERNETES_EXEC_INFO" in *ExecCredential*127.0.0.1*) ;; *) exit 3 ;; esac'
    plugin = folder / "gke-gcloud-auth-plugin"
    plugin.write_text(f"#!/bin/sh\n{script or check}\necho '{json.dumps(credential)}'\n")
    plugin.chmod(0o755)


def _write_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
