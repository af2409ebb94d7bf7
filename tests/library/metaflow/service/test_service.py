import pytest

from metaflow_gcp.google.sql.postgres_database import ExistingDatabase
from metaflow_gcp.kubernetes.placement import Placement, Taint
from metaflow_gcp.kubernetes.size import Size
from metaflow_gcp.metaflow.database_client import DatabaseClient, DatabaseClientProps
from metaflow_gcp.metaflow.service.props import Liveness, Preparation, Probes, WebServiceProps
from metaflow_gcp.metaflow.service.service import WebService

DATABASE = ExistingDatabase(host="10.0.0.5", password="${var.password}", server_ca="${var.ca}")
MINIMAL = {
    "namespace": "metaflow",
    "name": "web",
    "image": "example.com/web:1",
    "command": ("serve",),
    "port": 8083,
    "probes": Probes(started="/started", ready="/ready", alive=Liveness(path="/alive")),
    "size": Size(cpu="50m", memory="128Mi", memory_limit="512Mi"),
    "service_account": "web-account",
}
MAXIMAL = MINIMAL | {
    "env": {"MODE": "fast"},
    "preparation": Preparation(name="prepare", command=("prepare",), grace_seconds=600),
    "folders": ("files", "more/files"),
    "google_apis": True,
    "temporary_space": "1Gi",
    "volumes": {"/srv/more/some_files": "3Gi"},
    "probes": Probes(
        started="/started",
        ready="/ready",
        alive=Liveness(path="/alive", period_seconds=120, timeout_seconds=60, failures=5),
    ),
    "replicas": 2,
    "client_namespaces": ("jobs", "notebooks"),
    "reaches": (6432,),
    "placement": Placement(
        labels={"pool": "system"},
        taints=(
            Taint(key="a", value="b", effect="NO_SCHEDULE"),
            Taint(key="c", value="d", effect="PREFER_NO_SCHEDULE"),
            Taint(key="e", value="f", effect="NO_EXECUTE"),
        ),
    ),
}


@pytest.fixture
def web(synthesize):
    def web(properties):
        def build(scope):
            client = DatabaseClientProps(namespace="metaflow", name="web-database", database=DATABASE)
            database = DatabaseClient(scope, "database", client)
            WebService(scope, "web", WebServiceProps(**{**database.of_service, **properties}))

        return synthesize(build)

    return web


def deployment(stack):
    return stack.only("kubernetes_deployment_v1")


def pod(stack):
    return deployment(stack)["spec"]["template"]["spec"]


def test_a_service_needs_no_database(synthesize):
    stack = synthesize(lambda scope: WebService(scope, "web", WebServiceProps(**MINIMAL)))
    assert set(stack.resources) == {"kubernetes_deployment_v1", "kubernetes_network_policy_v1", "kubernetes_service_v1"}
    assert "annotations" not in deployment(stack)["spec"]["template"]["metadata"]
    assert [each["name"] for each in pod(stack)["volume"]] == ["app", "tmp"]
    [egress] = stack.only("kubernetes_network_policy_v1")["spec"]["egress"]
    assert [port["port"] for port in egress["ports"]] == ["53", "53"]


def test_minimal(web, holds):
    stack = web(MINIMAL)
    holds(
        deployment(stack),
        {
            "metadata": {"namespace": "metaflow", "name": "web"},
            "spec": {"replicas": "1", "template": {"spec": {"service_account_name": "web-account"}}},
        },
    )
    holds(pod(stack), {"init_container": None, "node_selector": None, "toleration": None})
    [server] = pod(stack)["container"]
    holds(server, {"name": "web", "image": "example.com/web:1", "command": ["serve"]})
    assert "kubernetes_pod_disruption_budget_v1" not in stack.resources


def test_maximal(web, holds):
    stack = web(MAXIMAL)
    holds(
        pod(stack),
        {
            "node_selector": {"pool": "system"},
            "toleration": [
                {"key": "a", "operator": "Equal", "value": "b", "effect": "NoSchedule"},
                {"key": "c", "operator": "Equal", "value": "d", "effect": "PreferNoSchedule"},
                {"key": "e", "operator": "Equal", "value": "f", "effect": "NoExecute"},
            ],
        },
    )
    unpack, prepare = pod(stack)["init_container"]
    holds(prepare, {"name": "prepare", "command": ["prepare"], "image": "example.com/web:1"})
    holds(unpack, {"name": "unpack", "command": ["cp", "-r", "/root/files", "/root/more/files", "/srv/app"]})
    [server] = pod(stack)["container"]
    assert {"name": "MODE", "value": "fast"} in server["env"]


@pytest.mark.parametrize("properties", [MINIMAL, MAXIMAL], ids=["minimal", "maximal"])
def test_service_policy_budget_and_spread_select_the_pods(web, properties):
    """Known defect 1 of the templates: the UI service's selector does not match its pods."""
    stack = web(properties)
    labels = deployment(stack)["spec"]["template"]["metadata"]["labels"].items()
    selectors = [
        deployment(stack)["spec"]["selector"]["match_labels"],
        stack.only("kubernetes_service_v1")["spec"]["selector"],
        stack.only("kubernetes_network_policy_v1")["spec"]["pod_selector"]["match_labels"],
        *(each["spec"]["selector"]["match_labels"] for each in stack["kubernetes_pod_disruption_budget_v1"].values()),
        *(
            selector["match_labels"]
            for constraint in pod(stack).get("topology_spread_constraint", [])
            for selector in constraint["label_selector"]
        ),
    ]
    for selector in selectors:
        assert selector  # an empty one selects everything
        assert selector.items() <= labels


def test_the_service_leads_to_the_server_s_port(web):
    stack = web(MINIMAL)
    [server] = pod(stack)["container"]
    [port] = stack.only("kubernetes_service_v1")["spec"]["port"]
    assert port["port"] == 8083
    assert port["target_port"] in [each["name"] for each in server["port"] if each["container_port"] == 8083]
    assert stack.only("kubernetes_service_v1")["spec"]["type"] == "ClusterIP"  # nobody outside reaches it


def test_a_disruption_budget_needs_two_pods_for_with_one_it_would_stop_upgrades(web, holds):
    budget = web(MINIMAL | {"replicas": 2}).only("kubernetes_pod_disruption_budget_v1")
    holds(budget["spec"], {"max_unavailable": "1", "min_available": None})


def test_two_pods_prefer_two_zones_but_start_in_one_too(web, holds):
    [constraint] = pod(web(MAXIMAL))["topology_spread_constraint"]
    holds(constraint, {"topology_key": "topology.kubernetes.io/zone", "when_unsatisfiable": "ScheduleAnyway"})
    assert "topology_spread_constraint" not in pod(web(MINIMAL))


def test_pods_take_connections_from_their_clients_namespaces_only(web):
    policy = web(MAXIMAL).only("kubernetes_network_policy_v1")["spec"]
    assert policy["policy_types"] == ["Ingress", "Egress"]
    assert policy["ingress"] == [
        {
            "from": [
                {"namespace_selector": {"match_labels": {"kubernetes.io/metadata.name": namespace}}}
                for namespace in ("jobs", "notebooks")
            ],
            "ports": [{"port": "8083", "protocol": "TCP"}],
        }
    ]


def test_without_clients_they_take_none(web):
    """An ingress rule without `from` would let everybody in."""
    policy = web(MINIMAL).only("kubernetes_network_policy_v1")["spec"]
    assert "Ingress" in policy["policy_types"]
    assert "ingress" not in policy


def test_pods_connect_to_names_and_to_the_database_only(web):
    [rule] = web(MAXIMAL | {"google_apis": False}).only("kubernetes_network_policy_v1")["spec"]["egress"]
    assert {(port["port"], port["protocol"]) for port in rule["ports"]} == {
        ("53", "UDP"),
        ("53", "TCP"),
        ("6432", "TCP"),
    }


def test_who_talks_to_google_reaches_its_apis_and_the_server_that_hands_out_tokens(web):
    _, apis, tokens = web(MAXIMAL).only("kubernetes_network_policy_v1")["spec"]["egress"]
    assert apis == {"ports": [{"port": "443", "protocol": "TCP"}]}
    assert [each["ip_block"]["cidr"] for each in tokens["to"]] == ["169.254.169.252/32", "169.254.169.254/32"]
    assert [each["port"] for each in tokens["ports"]] == ["80", "988"]


def test_no_pod_starts_before_its_policy(web):
    assert deployment(web(MINIMAL))["depends_on"] == ["kubernetes_network_policy_v1.<web/network-policy>"]


def test_pods_are_hardened(web, holds):
    for properties in (MINIMAL, MAXIMAL):
        template = pod(web(properties))
        holds(
            template,
            {
                "automount_service_account_token": False,
                "enable_service_links": False,
                "host_network": None,
                "security_context": {"run_as_non_root": True, "seccomp_profile": {"type": "RuntimeDefault"}},
            },
        )
        for container in (*template["container"], *template.get("init_container", [])):
            holds(
                container["security_context"],
                {
                    "run_as_non_root": container["name"] != "unpack",
                    "read_only_root_filesystem": True,
                    "allow_privilege_escalation": False,
                    "capabilities": {"drop": ["ALL"]},
                },
            )


def test_root_copies_files_and_can_do_nothing_else(web, holds):
    """The image keeps them where no other user can read them."""
    unpack, _ = pod(web(MAXIMAL))["init_container"]
    holds(unpack["security_context"], {"run_as_user": "0"})
    assert unpack["command"][0] == "cp"
    assert "env" not in unpack  # no password
    assert [each["mount_path"] for each in unpack["volume_mount"]] == ["/srv/app"]
    assert "init_container" not in pod(web(MINIMAL))


def test_memory_has_a_limit_and_cpu_has_none_for_that_would_throttle_on_an_idle_node(web):
    template = pod(web(MAXIMAL))
    for container in (*template["container"], *template["init_container"]):
        assert container["resources"] == {
            "requests": {"cpu": "50m", "memory": "128Mi"},
            "limits": {"memory": "512Mi"},
        }


def test_a_preparation_has_no_probe_and_the_server_has_all_three(web):
    [_, preparation], [server] = (pod(web(MAXIMAL))[kind] for kind in ("init_container", "container"))
    assert not [key for key in preparation if key.endswith("_probe")]
    assert {key: probe["http_get"] for key, probe in server.items() if key.endswith("_probe")} == {
        "startup_probe": {"path": "/started", "port": "http"},
        "readiness_probe": {"path": "/ready", "port": "http"},
        "liveness_probe": {"path": "/alive", "port": "http"},
    }


@pytest.mark.parametrize(("properties", "values"), [(MINIMAL, (20, 5, 3)), (MAXIMAL, (120, 60, 5))])
def test_liveness_is_as_patient_as_it_is_told(web, properties, values):
    [server] = pod(web(properties))["container"]
    probe = server["liveness_probe"]
    assert (probe["period_seconds"], probe["timeout_seconds"], probe["failure_threshold"]) == values


def test_liveness_waits_until_the_server_has_started(web):
    [server] = pod(web(MINIMAL))["container"]
    probe = server["startup_probe"]
    assert probe["period_seconds"] * probe["failure_threshold"] >= 60


def test_certificates_are_mounted_and_temporary_files_have_a_place(web, holds):
    template = pod(web(MAXIMAL))
    volumes = {each["name"]: each for each in template["volume"]}
    certificates = "${kubernetes_config_map_v1.<database/certificates>.metadata[0].name}"
    holds(volumes["database"], {"config_map": {"name": certificates, "default_mode": "0444"}})
    mounts = {"/etc/database": ("database", True), "/srv/app": ("app", False), "/tmp": ("tmp", False)}
    [server], [_, preparation] = template["container"], template["init_container"]
    more = {"/srv/more/some_files": ("srv-more-some-files", False)}
    for container, expected in ((server, mounts | more), (preparation, mounts)):
        found = {each["mount_path"]: (each["name"], each["read_only"]) for each in container["volume_mount"]}
        assert found == expected
        assert container["working_dir"] == "/srv/app"
    holds(volumes["app"], {"empty_dir": {"size_limit": "1Gi"}})
    holds(volumes["srv-more-some-files"], {"empty_dir": {"size_limit": "3Gi"}})
    assert set(volumes) == {"app", "database", "tmp", "srv-more-some-files"}


def test_the_password_is_read_from_the_secret(web):
    template = pod(web(MAXIMAL))
    for container in (*template["container"], template["init_container"][1]):
        [password] = [each for each in container["env"] if each["name"] == "MF_METADATA_DB_PSWD"]
        secret = "${kubernetes_secret_v1.<database/secret>.metadata[0].name}"
        assert password == {
            "name": "MF_METADATA_DB_PSWD",
            "value_from": {"secret_key_ref": {"name": secret, "key": "password"}},
        }


def test_a_new_password_or_certificate_starts_the_pods_anew(web):
    annotations = deployment(web(MINIMAL))["spec"]["template"]["metadata"]["annotations"]
    assert annotations["checksum/database"].startswith("${nonsensitive(sha256(")


def test_an_upgrade_takes_no_pod_away_before_the_new_one_is_ready_and_apply_waits_for_it(web, holds):
    """Known defect 14 of the templates: `apply` returns before anything works."""
    holds(
        deployment(web(MINIMAL)),
        {
            "wait_for_rollout": True,
            "spec": {"strategy": {"rolling_update": {"max_surge": "1", "max_unavailable": "0"}}},
        },
    )


def test_terraform_waits_longer_than_kubernetes_so_that_the_reason_is_seen(web):
    made = deployment(web(MINIMAL))
    for action in ("create", "update"):
        minutes = int(made["timeouts"][action].removesuffix("m"))
        assert minutes * 60 > made["spec"]["progress_deadline_seconds"]


def test_servers_that_ignore_a_signal_as_first_process_end_at_once(web):
    assert pod(web(MINIMAL))["share_process_namespace"] is True


def test_a_server_leaves_the_endpoints_before_it_is_told_to_stop(web):
    """At the signal the metadata service drops the requests under way: 200 of 200, `make bench-service`."""
    for properties in (MINIMAL, MAXIMAL):
        template = pod(web(properties))
        [server] = template["container"]
        [before] = server["lifecycle"]["pre_stop"]
        program, seconds = before["exec"]["command"]
        assert program == "sleep"
        assert int(seconds) == 15
        # What is left is for the server that goes on after the signal.
        assert template["termination_grace_period_seconds"] >= int(seconds) + 10


def test_a_server_that_ignores_signals_is_ended_soon_and_a_preparation_is_not(web):
    assert pod(web(MINIMAL))["termination_grace_period_seconds"] == 25
    assert pod(web(MAXIMAL))["termination_grace_period_seconds"] == 600
