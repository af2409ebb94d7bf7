"""Serves one provider to Terraform: go-plugin's handshake and gRPC."""

import base64
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from tf.gen import tfplugin_pb2 as pb

from rehearsal.protocol.service import METHODS, Service


def serve(service: Service) -> None:
    """Serves until Terraform says to stop."""
    if os.environ.get("TF_PLUGIN_MAGIC_COOKIE") is None:
        sys.exit(
            "This is a Terraform provider of the rehearsal: Terraform starts it, see `python -m rehearsal --help`."
        )
    stopped = threading.Event()

    def shut_down(_: bytes) -> bytes:
        stopped.set()
        return b""

    server = _server(service)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("plugin.GRPCController", {"Shutdown": _raw(shut_down)}),)
    )
    with tempfile.TemporaryDirectory(prefix="tf") as folder:
        address = f"{folder}/s"
        certificate = _listen(server, f"unix:{address}")
        server.start()
        sys.stdout.write(f"1|6|unix|{address}|grpc|{certificate}\n")
        sys.stdout.flush()
        stopped.wait()
        server.stop(grace=0.1).wait()
    # Python's own leave-taking waits for gRPC's threads; Terraform waits for us.
    os._exit(0)


def serve_attached(services: dict[str, Service], address: Callable[[str], str]) -> list[grpc.Server]:
    """Serves several providers at the addresses of their names, for any number of runs of Terraform's.

    Returns what has to be kept for as long.
    """
    servers = []
    for name, service in services.items():
        server = _server(service)
        server.add_insecure_port(f"unix:{address(name)}")
        server.start()
        servers.append(server)
    return servers


def _server(service: Service) -> grpc.Server:
    server = grpc.server(ThreadPoolExecutor(max_workers=10), options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers(
        (
            grpc.method_handlers_generic_handler("tfplugin6.Provider", _provider(service)),
            grpc.method_handlers_generic_handler(
                "plugin.GRPCStdio",
                {"StreamStdio": grpc.unary_stream_rpc_method_handler(lambda request, context: iter(()))},
            ),
        )
    )
    return server


def _listen(server: grpc.Server, address: str) -> str:
    """Opens the port, with TLS where Terraform asks for it; returns our certificate for the handshake."""
    if "PLUGIN_CLIENT_CERT" not in os.environ:
        server.add_insecure_port(address)
        return ""
    from tf.runner import _self_signed_cert

    chain, credentials = _self_signed_cert()
    server.add_secure_port(address, credentials)
    return base64.b64encode(chain).decode().rstrip("=")


def _raw(answer: Callable[[bytes], Any]) -> Any:
    return grpc.unary_unary_rpc_method_handler(lambda request, context: answer(request))


def _provider(service: Service) -> dict[str, Any]:
    # The schema goes out as the bytes it is kept as.
    handlers = {"GetProviderSchema": _raw(lambda _: service.schema_response())}
    for name, method in METHODS.items():
        message = getattr(pb, name)
        handlers[name] = grpc.unary_unary_rpc_method_handler(
            lambda request, context, method=method: method(service, request),
            request_deserializer=message.Request.FromString,
            response_serializer=message.Response.SerializeToString,
        )
    return handlers
