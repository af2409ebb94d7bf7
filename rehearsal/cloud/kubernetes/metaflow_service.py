"""Whether Metaflow's services reach their database and listen where they are expected.

By the variables that https://github.com/Netflix/metaflow-service/blob/v2.5.0/services/utils/__init__.py reads, and
`MF_UI_METADATA_PORT` of services/ui_backend_service/ui_server.py. A service without its database ends, and is started
again and again.
"""

from collections.abc import Iterator
from typing import Any

from rehearsal.cloud.kubernetes.events import Event
from rehearsal.cloud.kubernetes.names import named
from rehearsal.cloud.kubernetes.network_policies import let_through, ways_out
from rehearsal.cloud.kubernetes.pods import containers
from rehearsal.cloud.model import Cloud, Key
from rehearsal.protocol.walk import first

PREFIX = "MF_METADATA_DB_"
_POSTGRES = "5432"
_ADDRESS = "google_compute_address"
PORTS = ("MF_METADATA_PORT", "MF_UI_METADATA_PORT")


def events(cloud: Cloud, cluster: Key, namespace: str, labels: dict[str, str], pod: Any) -> Iterator[Event]:
    rules = ways_out(cloud, cluster.id, namespace, labels)
    for _, each in containers(pod):
        given = {str(variable["name"]): variable for variable in each.get("env") or []}
        if f"{PREFIX}HOST" in given:
            for why in _database(cloud, cluster, namespace, given, _files(cloud, cluster, namespace, pod, each)):
                yield Event(reason="BackOff", message=f"restarting failed container {each['name']}: {why}")
            if not let_through(rules, _POSTGRES):
                why = f"network policies let it out to port {_POSTGRES} no more: Connection timed out"
                yield Event(reason="BackOff", message=f"restarting failed container {each['name']}: {why}")
        opened = {str(port["container_port"]) for port in each.get("port") or []}
        for name in PORTS:
            if name in given and opened and (port := str(given[name].get("value"))) not in opened:
                yield Event(
                    reason="Unhealthy",
                    message=f"Startup probe failed: connection refused: {each['name']} listens at {port} ({name}) and "
                    f"opens {', '.join(sorted(opened))}",
                )


def _database(
    cloud: Cloud, cluster: Key, namespace: str, given: dict[str, Any], files: dict[str, str]
) -> Iterator[str]:
    def of(name: str) -> str:
        return str((given.get(f"{PREFIX}{name}") or {}).get("value") or "")

    instance = _instance_at(cloud, of("HOST"))
    if instance is None:
        # Another database than one of this cloud: nothing is known of it.
        if _is_of_a_network(cloud, of("HOST")):
            yield f"could not connect to server: {of('HOST')}: Connection timed out: no database answers there"
        return
    if of("PORT") not in ("", _POSTGRES):
        yield f"could not connect to server: port {of('PORT')}: Connection timed out: Cloud SQL's Postgres has 5432"
    here = [each.state for each in cloud.all("google_sql_database") if each.state["instance"] == instance["name"]]
    if of("NAME") not in {str(each["name"]) for each in here} | {"postgres"}:
        yield f'FATAL: database "{of("NAME")}" does not exist'
    users = {str(each.state["name"]): each.state for each in cloud.all("google_sql_user")}
    user = users.get(of("USER"))
    if user is None:
        yield f'FATAL: password authentication failed for user "{of("USER")}": there is no such user'
    elif _password(cloud, cluster, namespace, given) not in (None, user.get("password")):
        yield f'FATAL: password authentication failed for user "{of("USER")}"'
    if first(instance, "settings.ip_configuration.ssl_mode") != "ALLOW_UNENCRYPTED_AND_ENCRYPTED":
        yield from _certificate(of, str(first(instance, "server_ca_cert.cert")), files)


def _certificate(of: Any, authority: str, files: dict[str, str]) -> Iterator[str]:
    if of("SSL_MODE") in ("disable", "allow"):
        yield "FATAL: connection requires a valid SSL connection: pg_hba.conf rejects connection, no encryption"
    for name in ("SSL_ROOT_CERT", "SSL_ROOT_CERT_PATH"):
        path = of(name)
        if of("SSL_MODE").startswith("verify") and path and path not in files:
            yield f'root certificate file "{path}" does not exist'
        elif path in files and files[path] != authority:
            yield f"certificate verify failed: {path} is not the certificate authority of this instance"


def _password(cloud: Cloud, cluster: Key, namespace: str, given: dict[str, Any]) -> str | None:
    """None where it is not known."""
    reference = first(given.get(f"{PREFIX}PSWD") or {}, "value_from.secret_key_ref") or {}
    reference = reference[0] if isinstance(reference, list) else reference
    secret = named(cloud, cluster, "secret", namespace, str(reference.get("name")))
    found = (secret.state.get("data") or {}).get(reference.get("key")) if secret else None
    return str(found) if found is not None else None


def _instance_at(cloud: Cloud, host: str) -> dict[str, Any] | None:
    """The instance behind an address: its own, or that of a forwarding rule to its service attachment."""
    names = {str(each.state["self_link"]) for each in cloud.all(_ADDRESS) if each.state.get("address") == host} | {host}
    rules = [each.state for each in cloud.all("google_compute_forwarding_rule")]
    targets = {str(rule.get("target")) for rule in rules if rule.get("ip_address") in names}
    for each in cloud.all("google_sql_database_instance"):
        own = {each.state.get(name) for name in ("private_ip_address", "public_ip_address")}
        attachment = str(each.state.get("psc_service_attachment_link") or "-")
        if host in own - {""} or any(target.endswith(attachment) for target in targets):
            return each.state
    return None


def _is_of_a_network(cloud: Cloud, host: str) -> bool:
    return host.startswith("10.") or any(each.state.get("address") == host for each in cloud.all(_ADDRESS))


def _files(cloud: Cloud, cluster: Key, namespace: str, pod: Any, container: dict[str, Any]) -> dict[str, str]:
    """Path -> content, of the files that a container gets from ConfigMaps."""
    maps = {str(each["name"]): first(each, "config_map.name") for each in pod.get("volume") or []}
    found: dict[str, str] = {}
    for mount in container.get("volume_mount") or []:
        source = maps.get(str(mount["name"]))
        config_map = named(cloud, cluster, "config_map", namespace, str(source)) if source else None
        for name, content in ((config_map.state.get("data") or {}) if config_map else {}).items():
            found[f"{mount['mount_path']}/{name}"] = str(content)
    return found
