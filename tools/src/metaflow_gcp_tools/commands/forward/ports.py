"""The ports of this machine that forwards end at: which they are, who has them, what Metaflow calls them."""

import json
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from metaflow_gcp_tools.commands.forward import records
from metaflow_gcp_tools.commands.forward.kubectl import ADDRESS
from metaflow_gcp_tools.platform.description import Platform, config_file
from metaflow_gcp_tools.problems import Problem, WrongUse

HIGHEST = 65535


@dataclass(frozen=True, kw_only=True)
class Use:
    """What is known of a forward by its name."""

    variable: str
    """Metaflow's setting that says where it ends."""
    path: str
    """After the port, in that setting."""
    probe: str
    """What a probe asks for: something that is answered without work and changes nothing."""


METADATA_SERVICE = "metadata-service"

USES = {
    METADATA_SERVICE: Use(variable="METAFLOW_SERVICE_URL", path="/", probe="/ping"),
    "metaflow-ui": Use(variable="METAFLOW_UI_URL", path="", probe="/ping"),
    "argo-server": Use(variable="METAFLOW_ARGO_WORKFLOWS_UI_URL", path="", probe="/"),
    # Takes events by POST; what it says to GET is an answer, too.
    "events": Use(variable="METAFLOW_ARGO_EVENTS_WEBHOOK_URL", path="/metaflow-event", probe="/"),
}


def probe_path(name: str) -> str:
    return USES[name].probe if name in USES else "/"


def variables(name: str, port: int, profile: str) -> dict[str, str]:
    """What to set so that Metaflow's client finds the forward at `port`. Paths are as in the profile."""
    if name not in USES:
        return {}
    use = USES[name]
    try:
        url = urlsplit(json.loads(config_file(profile).read_text("utf-8"))[use.variable])
        if url.scheme == "https":
            # At the platform's endpoint, where links lead that outlive the forward.
            return {}
        path = url.path
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        path = use.path
    return {use.variable: f"http://{ADDRESS}:{port}{path}"}


def chosen(platform: Platform, moves: Iterable[str]) -> dict[str, int]:
    """The port of each forward: its own, or where one of `moves`, each `NAME=PORT`, puts it.

    Raises `WrongUse` with everything that is wrong in them.
    """
    ports = {forward.name: forward.port for forward in platform.forwards}
    names = ", ".join(ports)
    problems = []
    moved: dict[str, int] = {}
    for move in moves:
        name, given, port = move.partition("=")
        if name not in ports:
            problems.append(
                Problem(
                    what=f"--port {move}: there is no forward {name!r}", next_step=f"pass NAME=PORT with one of {names}"
                )
            )
        elif not given or not port.isascii() or not port.isdigit() or not 1 <= int(port) <= HIGHEST:
            problems.append(
                Problem(
                    what=f"--port {move}: {port!r} is not a port",
                    next_step=f"pass a number from 1 to {HIGHEST}, such as `--port {name}={free()}`",
                )
            )
        elif name in moved:
            problems.append(
                Problem(what=f"--port: {name} is given twice", next_step=f"leave one out: for example {move}")
            )
        else:
            moved[name] = int(port)
    ports |= moved
    problems += [
        Problem(
            what=f"{first} and {second} cannot both use port {ports[first]}",
            next_step=f"move one of them: for example `--port {second}={free()}`",
        )
        for first, second in _pairs(ports)
        if ports[first] == ports[second]
    ]
    if problems:
        raise WrongUse(*problems)
    return ports


def _pairs(ports: Mapping[str, int]) -> Iterable[tuple[str, str]]:
    names = list(ports)
    return ((first, second) for number, first in enumerate(names) for second in names[number + 1 :])


def is_free(port: int) -> bool:
    """Whether kubectl could listen there. A port that may not be taken is kubectl's to report."""
    with socket.socket() as ours:
        # As kubectl has it: connections that are being closed do not count.
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            ours.bind((ADDRESS, port))
        except PermissionError:
            return True
        except OSError:
            return False
    return True


def free() -> int:
    """A port that is free now."""
    with socket.socket() as ours:
        ours.bind((ADDRESS, 0))
        return int(ours.getsockname()[1])


def owner(port: int) -> str:
    """Who listens there, as far as it can be seen."""
    import psutil

    if ours := records.holder(port):
        return f"`metaflow-gcp {ours.command}` for {ours.context}, process {ours.pid}"
    for process in psutil.process_iter(["name"]):
        try:
            listens = any(
                each.status == psutil.CONN_LISTEN and each.laddr.port == port
                for each in process.net_connections(kind="tcp")
            )
        except psutil.Error:
            continue
        if listens:
            return f"{process.info['name']}, process {process.pid}"
    return f"a program of another user (`sudo lsof -nP -i :{port}` names it)"


def taken(ports: Mapping[str, int]) -> list[Problem]:
    """One for each that is not free, with its owner and the way out."""
    return [
        Problem(
            what=f"port {port}, for {name}, is used by {owner(port)}",
            next_step=f"stop that program, or move the forward: `metaflow-gcp forward --port {name}={free()}`",
        )
        for name, port in ports.items()
        if not is_free(port)
    ]
