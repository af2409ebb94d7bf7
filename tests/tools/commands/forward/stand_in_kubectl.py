"""Stands in for kubectl: takes the arguments of `port-forward`, carries real TCP, and fails as it is told.

What it leads to and how it behaves is read from files in the folder STAND_IN_KUBECTL, which tests write at any time:

    <service>.port      where the service really listens, on loopback; what the Service's port leads to
    <service>.mode      one of MODES; `carry` when there is none
    <service>.starts    written here: a line with the process id for each start

Run with `-I -S`, for it is started hundreds of times: nothing but the standard library, and little of that.
"""

import os
import select
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

MODES = {
    "carry": "all is well",
    "hang": "connections are accepted, and nothing comes through any of them, old or new",
    "end": "the connection to the pod is lost: kubectl ends",
    "refuse": "the pod is not running: kubectl ends before it listens",
    "gone": "the Service does not exist",
    "forbidden": "the person has no right",
    "no-context": "the kubeconfig does not know the cluster",
    "slow": "never gets so far that it listens",
    "unreachable": "the cluster does not answer",
    "deaf": "the pod runs, and nobody listens in it",
    "no-login": "the plugin gives no credentials",
}

SAID = {
    "refuse": "error: unable to forward port because pod is not running. Current status=Pending",
    "gone": 'Error from server (NotFound): services "{service}" not found',
    "forbidden": 'Error from server (Forbidden): services "{service}" is forbidden: User "ada@example.com" cannot get '
    'resource "services" in API group "" in the namespace "{namespace}"',
    "no-context": 'error: context "{context}" does not exist',
    "no-login": "E1125 14:00:00.000000   12345 memcache.go:265] couldn't get current server API group list: getting "
    "credentials: exec: executable gke-gcloud-auth-plugin failed with exit code 1\nUnable to connect to the server: "
    "getting credentials: exec: executable gke-gcloud-auth-plugin failed with exit code 1",
    "unreachable": "Unable to connect to the server: dial tcp: lookup gke-0.us-west1.gke.goog: no such host",
    "end": "error: lost connection to pod",
    "deaf": 'E1123 21:00:00.000000       1 portforward.go:424] "Unhandled Error" err="an error occurred forwarding '
    "{local} -> {remote}: error forwarding port {remote} to pod 0, uid : failed to execute portforward in network "
    'namespace: failed to connect to localhost:{remote}: dial tcp4 127.0.0.1:{remote}: connect: connection refused"\n'
    "error: lost connection to pod",
    "taken": "Unable to listen on port {local}: Listeners failed to create with the following errors: [unable to create"
    " listener: Error listen tcp4 127.0.0.1:{local}: bind: address already in use]\n"
    "error: unable to listen on any of the requested ports: [{{{local} {remote}}}]",
}

TICK = 0.01
"""Seconds between two looks at the mode."""


class PortForward:
    def __init__(self, arguments: list[str]) -> None:
        match arguments:
            case ["--context", context, "--namespace", namespace, "port-forward", service, ports, "--address", address]:
                kind, self.service = service.split("/")
                self.local, self.remote = map(int, ports.split(":"))
                self.words: dict[str, Any] = {"context": context, "namespace": namespace, "service": self.service}
                self.words |= {"local": self.local, "remote": self.remote}
                assert (kind, address) == ("service", "127.0.0.1")
            case _:
                sys.exit(f"error: unknown command {arguments}")
        self.folder = Path(os.environ["STAND_IN_KUBECTL"])
        with (self.folder / f"{self.service}.starts").open("a") as starts:
            starts.write(f"{os.getpid()}\n")
        self.peers: dict[socket.socket, socket.socket] = {}
        self.hung: list[socket.socket] = []

    @property
    def mode(self) -> str:
        try:
            return (self.folder / f"{self.service}.mode").read_text() or "carry"
        except OSError:
            return "carry"

    def say(self, what: str) -> None:
        sys.stdout.write(what + "\n")
        sys.stdout.flush()

    def fail(self, how: str) -> None:
        sys.stderr.write(SAID[how].format(**self.words) + "\n")
        sys.stderr.flush()
        os._exit(1)

    def run(self) -> None:
        while (mode := self.mode) == "slow":
            time.sleep(TICK)
        if mode in SAID and mode not in {"end", "deaf"}:
            self.fail(mode)
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", self.local))
            except OSError:
                self.fail("taken")
            listener.listen()
            self.say(f"Forwarding from 127.0.0.1:{self.local} -> {self.remote}")
            while True:
                self.step(listener)

    def step(self, listener: socket.socket) -> None:
        mode = self.mode
        if mode in SAID and mode != "deaf":
            self.fail("end")
        ready, _, _ = select.select([listener, *([] if mode == "hang" else self.peers)], [], [], TICK)
        for each in ready:
            if each is listener:
                client, _address = listener.accept()
                if mode == "deaf":
                    self.fail("deaf")
                if mode == "hang":
                    self.hung.append(client)
                else:
                    self.connect(client)
            elif each in self.peers:
                self.carry(each)

    def connect(self, client: socket.socket) -> None:
        self.say(f"Handling connection for {self.local}")
        port = int((self.folder / f"{self.service}.port").read_text())
        try:
            server = socket.create_connection(("127.0.0.1", port))
        except OSError:
            self.fail("deaf")
        self.peers |= {client: server, server: client}

    def carry(self, source: socket.socket) -> None:
        other = self.peers[source]
        try:
            data = source.recv(65536)
            other.sendall(data)
        except OSError:
            data = b""
        if not data:
            for each in (source, other):
                self.peers.pop(each, None)
                each.close()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    PortForward(sys.argv[1:]).run()
