"""For each alert, series that fire it and series that are nearly so and do not."""

from dataclasses import dataclass

NODE = 'monitored_resource="k8s_node",cluster_name="c"'
IN_ARGO = 'monitored_resource="k8s_container",cluster_name="c",namespace_name="argo"'
DATABASE = 'monitored_resource="cloudsql_database",database_id="p:psql"'
OTHER_DATABASE = 'monitored_resource="cloudsql_database",database_id="p:other"'
POOL = "metadata_user_cloud_google_com_gke_nodepool"
SPEC, AVAILABLE = "kube_deployment_spec_replicas", "kube_deployment_status_replicas_available"
CORES = "kubernetes_io:node_cpu_total_cores"
WAITING = "kube_pod_container_status_waiting_reason"
DUTY, ASKED = "kubernetes_io:node_accelerator_duty_cycle", "kubernetes_io:container_accelerator_request"
RESTARTS = f'kubernetes_io:container_restart_count{{{IN_ARGO},pod_name="a",container_name="controller"}}'
BUS, BUS_READY = (
    f'kube_statefulset_{what}{{cluster="c",namespace="jobs",statefulset="eventbus-default-js"}}'
    for what in ("replicas", "status_replicas_ready")
)
VOLUME = 'kubernetes_io:pod_volume_utilization{monitored_resource="k8s_pod",cluster_name="c",namespace_name="jobs"'
CONDITION = "kubernetes_io:node_status_condition"


@dataclass(frozen=True)
class Case:
    fires: dict[str, str]
    silent: dict[str, str]


def _of_database(metric: str) -> Case:
    return Case(
        fires={f"cloudsql_googleapis_com:database_{metric}_utilization{{{DATABASE}}}": "0.5x5 0.91x40"},
        # Not for long enough, just below, and another database's.
        silent={
            f"cloudsql_googleapis_com:database_{metric}_utilization{{{DATABASE}}}": "0.95x29 0.9x30",
            f"cloudsql_googleapis_com:database_{metric}_utilization{{{OTHER_DATABASE}}}": "0.99x59",
        },
    )


CASES = {
    "services-not-ready": Case(
        fires={
            f'{SPEC}{{cluster="c",namespace="metaflow",deployment="ui"}}': "2x20",
            f'{AVAILABLE}{{cluster="c",namespace="metaflow",deployment="ui"}}': "2x2 1x18",
        },
        silent={
            f'{SPEC}{{cluster="c",namespace="metaflow",deployment="ui"}}': "1x30",
            f'{AVAILABLE}{{cluster="c",namespace="metaflow",deployment="ui"}}': "1x5 0x9 1x16",
            # Somebody else's.
            f'{SPEC}{{cluster="c",namespace="team",deployment="app"}}': "1x30",
            f'{AVAILABLE}{{cluster="c",namespace="team",deployment="app"}}': "0x30",
        },
    ),
    "services-restart": Case(
        fires={RESTARTS: "0x5 0+0.2x60"},
        silent={RESTARTS: "7x30 8x40"},
    ),
    "database-down": Case(
        fires={f"cloudsql_googleapis_com:database_up{{{DATABASE}}}": "1x3 0x10"},
        silent={
            f"cloudsql_googleapis_com:database_up{{{DATABASE}}}": "1x3 0x5 1x9",
            f"cloudsql_googleapis_com:database_up{{{OTHER_DATABASE}}}": "0x17",
        },
    ),
    **{f"database-{metric}": _of_database(metric) for metric in ("disk", "cpu", "memory")},
    "database-connections": Case(
        fires={
            f'cloudsql_googleapis_com:database_postgresql_num_backends{{{DATABASE},database="metaflow"}}': "75x30",
            f'cloudsql_googleapis_com:database_postgresql_num_backends{{{DATABASE},database="postgres"}}': "6x30",
        },
        silent={f'cloudsql_googleapis_com:database_postgresql_num_backends{{{DATABASE},database="metaflow"}}': "80x30"},
    ),
    "tasks-waiting": Case(
        fires={'kube_pod_status_unschedulable{cluster="c",namespace="jobs",pod="t"}': "1x70"},
        silent={
            'kube_pod_status_unschedulable{cluster="c",namespace="jobs",pod="t"}': "1x50 _x20 1x30",
            'kube_pod_status_unschedulable{cluster="c",namespace="team",pod="t"}': "1x100",
        },
    ),
    "tasks-without-image": Case(
        fires={
            # Kubernetes says both, one after the other.
            f'{WAITING}{{cluster="c",namespace="jobs",pod="t",reason="ImagePullBackOff"}}': "1x30",
        },
        silent={f'{WAITING}{{cluster="c",namespace="jobs",pod="t",reason="ContainerCreating"}}': "1x30"},
    ),
    "pool-full": Case(
        fires={
            **{f'{CORES}{{{NODE},node_name="n{n}",{POOL}="l4"}}': "12x30" for n in range(2)},
            f'{CORES}{{{NODE},node_name="m",{POOL}="cpu"}}': "8x30",
            'kube_pod_status_unschedulable{cluster="c",namespace="jobs",pod="t"}': "1x30",
        },
        # Tasks wait while there is room for a node more; the full pool has nobody waiting.
        silent={
            f'{CORES}{{{NODE},node_name="n0",{POOL}="l4"}}': "12x60",
            f'{CORES}{{{NODE},node_name="n1",{POOL}="l4"}}': "_x30 12x30",
            'kube_pod_status_unschedulable{cluster="c",namespace="jobs",pod="t"}': "1x30 _x30",
        },
    ),
    "gpu-idle": Case(
        fires={
            f'{DUTY}{{{NODE},node_name="n1",accelerator_id="0"}}': "0x80",
            f'{DUTY}{{{NODE},node_name="n2",accelerator_id="0"}}': "90x80",
            f'{ASKED}{{{IN_ARGO},pod_name="t",metadata_system_node_name="n2"}}': "1x80",
        },
        # A task that waits for its data holds the GPU all the same.
        silent={
            f'{DUTY}{{{NODE},node_name="n1",accelerator_id="0"}}': "0x120",
            f'{ASKED}{{{IN_ARGO},pod_name="t",metadata_system_node_name="n1"}}': "_x50 1x10 _x60",
        },
    ),
    "node-unhealthy": Case(
        fires={f'{CONDITION}{{{NODE},node_name="n",condition="Ready",status="Unknown"}}': "1x20"},
        silent={
            f'{CONDITION}{{{NODE},node_name="n",condition="Ready",status="True"}}': "1x20",
            f'{CONDITION}{{{NODE},node_name="n",condition="DiskPressure",status="True"}}': "0x20",
            f'{CONDITION}{{{NODE},node_name="n",condition="DiskPressure",status="False"}}': "1x20",
        },
    ),
    "workflow-queue": Case(
        fires={'argo_workflows_queue_depth_gauge{cluster="c",queue_name="workflow_queue"}': "101x20"},
        silent={
            'argo_workflows_queue_depth_gauge{cluster="c",queue_name="workflow_queue"}': "500x15 3x20",
            'argo_workflows_queue_depth_gauge{cluster="c",queue_name="workflow_ttl_queue"}': "500x35",
        },
    ),
    "workflow-errors": Case(
        fires={'argo_workflows_error_count{cluster="c",cause="CronWorkflowSubmissionError"}': "0x5 1x10"},
        silent={'argo_workflows_error_count{cluster="c",cause="CronWorkflowSubmissionError"}': "4x90"},
    ),
    "event-bus-down": Case(
        fires={
            BUS: "1x20",
            BUS_READY: "0x20",
        },
        silent={
            BUS: "1x20",
            BUS_READY: "0x9 1x11",
        },
    ),
    "event-bus-disk": Case(
        fires={f'{VOLUME},pod_name="eventbus-default-js-0"}}': "0.95x20"},
        silent={f'{VOLUME},pod_name="train-1"}}': "0.99x20"},
    ),
    "sensors-not-ready": Case(
        fires={
            f'{SPEC}{{cluster="c",namespace="jobs",deployment="s"}}': "1x20",
            f'{AVAILABLE}{{cluster="c",namespace="jobs",deployment="s"}}': "0x20",
        },
        silent={
            f'{SPEC}{{cluster="c",namespace="jobs",deployment="s"}}': "0x20",
            f'{AVAILABLE}{{cluster="c",namespace="jobs",deployment="s"}}': "0x20",
        },
    ),
    "events-lost": Case(
        fires={'argo_events_events_sent_failed_total{cluster="c",namespace="jobs",event_name="e"}': "0x5 2x9"},
        silent={'argo_events_events_sent_failed_total{cluster="c",namespace="jobs",event_name="e"}': "2x40"},
    ),
}
