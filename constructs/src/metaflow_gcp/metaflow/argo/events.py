"""Argo Events: starts deployed flows when something happens (`@trigger`, `@trigger_on_finish`, `ArgoEvent.publish`)."""

from dataclasses import dataclass, field
from pathlib import Path

from constructs import Construct

from metaflow_gcp import externals
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.artifact_registry import pulled_through
from metaflow_gcp.kubernetes.account import KubernetesAccount, KubernetesAccountProps
from metaflow_gcp.kubernetes.helm import charts, release as helm_release
from metaflow_gcp.kubernetes.placement import ANYWHERE, Placement
from metaflow_gcp.kubernetes.role import grant
from metaflow_gcp.metaflow import ports
from metaflow_gcp.metaflow.argo import events_rights, events_values
from metaflow_gcp.metaflow.argo.events_values import Images, Sizes
from metaflow_gcp.names import KubernetesName
from metaflow_gcp.properties import Properties

_CHART = Path(__file__).parents[1] / "charts" / "metaflow-events"
"""Bus, webhook and what stops sensors."""


@dataclass(frozen=True, kw_only=True)
class ArgoEventsProps(Properties):
    namespace: KubernetesName
    """Where the controller runs. It must exist, and its pods may be held to the profile `restricted`."""
    jobs_namespace: KubernetesName
    """The one namespace whose sensors are run, and where the event bus and the webhook are: the tasks'."""
    chart_version: str = charts.ARGO_EVENTS.newest
    """One of `kubernetes.helm.charts.ARGO_EVENTS`."""
    sensor_service_account: KubernetesName = "metaflow-sensor"
    """The name of the account in `jobs_namespace` that sensors run as: it may start workflows, nothing else."""
    event_bus_replicas: int = 1
    """1, 3 or 5. One on a disk of its own loses no event, and accepts none in the minute that it takes to move; three
    cost three times as much, and gain only where the nodes are three. It cannot be changed later: the streams keep the
    number that they were made with. https://argoproj.github.io/argo-events/eventbus/jetstream/"""
    event_bus_volume_gib: int = 10
    """The disk of each replica, 10 to 1000 GiB; 10 is the smallest balanced disk. It cannot be changed later."""
    storage_class: str = "standard-rwo"
    """The class of the bus's disks: GKE's own of balanced Persistent Disks. Where the nodes of `placement` take none
    (N4 and C4 machines among others), the name of a `HyperdiskClass`. It cannot be changed later.
    https://cloud.google.com/kubernetes-engine/docs/concepts/persistent-volumes"""
    docker_hub: str = "docker.io"
    """What goes before the names of Docker Hub's images: a registry's pull-through of it spares its rate limit."""
    sizes: Sizes = field(default_factory=Sizes)
    """What controller, event source and bus ask for."""
    placement: Placement = ANYWHERE
    """The nodes that all of them run on. Default: any. Sensors run where tasks do: Metaflow gives them no place."""

    def _check(self, checks: Checks) -> None:
        charts.ARGO_EVENTS.check(checks, "chart_version", self.chart_version)
        if self.event_bus_replicas not in (1, 3, 5):
            checks.add(
                "event_bus_replicas",
                wrong=f"{self.event_bus_replicas} replicas find no majority",
                allowed="1, 3, 5",
                fix="set event_bus_replicas to one of these",
            )
        checks.between("event_bus_volume_gib", self.event_bus_volume_gib, 10, 1000, "GiB")


class ArgoEvents(Construct):
    """The pinned chart, limited to the jobs' namespace, and there the bus, the webhook and its Service.

    Destroying it removes the sensors of deployed flows first (a bus with sensors would never go away, and without the
    controller nothing would), then its custom resource definitions.
    """

    def __init__(self, scope: Construct, id_: str, props: ArgoEventsProps) -> None:
        super().__init__(scope, id_)
        images = _images(props.docker_hub)
        controller = KubernetesAccount(
            self,
            "controller-account",
            KubernetesAccountProps(
                namespace=props.namespace, name="argo-events-controller-manager", automount_token=True
            ),
        )
        rights = grant(
            self,
            "controller",
            namespace=props.jobs_namespace,
            name="argo-events-controller",
            rights=events_rights.CONTROLLER,
            account=(controller.namespace, controller.name),
        )
        release = helm_release.install(
            self,
            "release",
            chart=charts.ARGO_EVENTS,
            version=props.chart_version,
            namespace=props.namespace,
            values=events_values.controller_values(
                jobs_namespace=props.jobs_namespace,
                account=controller.name,
                sizes=props.sizes,
                images=images,
                placement=props.placement,
            ),
            depends_on=[rights],
        )
        sensors = self._add_sensors_account(props)
        helm_release.install_own(
            self,
            "events",
            folder=_CHART,
            namespace=props.jobs_namespace,
            values=events_values.own_values(
                hooks_namespace=props.namespace,
                sizes=props.sizes,
                images=images,
                replicas=props.event_bus_replicas,
                volume_size=f"{props.event_bus_volume_gib}Gi",
                storage_class=props.storage_class,
                placement=props.placement,
            ),
            # Its controller and its definitions: on the way out it goes first.
            depends_on=[release],
        )
        self.namespace = props.jobs_namespace
        """Where bus, webhook and sensors are."""
        self.service_account = sensors.name
        """What sensors run as: Metaflow's `ARGO_EVENTS_SERVICE_ACCOUNT`."""
        self.priority_class = f"{props.jobs_namespace}-events"
        """That of bus and webhook: `JobsLimits` leaves it out of its totals, and `JobsAdmission` keeps it from tasks.
        Sensors have none: Metaflow makes them."""
        self.event_bus = events_values.EVENT_BUS
        """Metaflow's `ARGO_EVENTS_EVENT_BUS`."""
        self.event_source = events_values.EVENT_SOURCE
        """Metaflow's `ARGO_EVENTS_EVENT_SOURCE`."""
        self.event = events_values.EVENT
        """Metaflow's `ARGO_EVENTS_EVENT`."""
        self.webhook_service = events_values.WEBHOOK_SERVICE
        """The name of the webhook's Service, for port forwards."""
        self.webhook_port = ports.EVENTS_WEBHOOK
        """The Service's port."""

    @property
    def webhook_path(self) -> str:
        """Where events are posted."""
        return events_values.ENDPOINT

    @property
    def webhook_url_internal(self) -> str:
        """How pods of the cluster post events: Metaflow's `ARGO_EVENTS_INTERNAL_WEBHOOK_URL`."""
        return f"http://{self.webhook_service}.{self.namespace}:{self.webhook_port}{self.webhook_path}"

    def _add_sensors_account(self, props: ArgoEventsProps) -> KubernetesAccount:
        account = KubernetesAccount(
            self,
            "sensors-account",
            KubernetesAccountProps(
                namespace=props.jobs_namespace, name=props.sensor_service_account, automount_token=True
            ),
        )
        grant(
            self,
            "sensors",
            namespace=props.jobs_namespace,
            name=props.sensor_service_account,
            rights=events_rights.SENSOR,
            account=(account.namespace, account.name),
        )
        return account


def _images(docker_hub: str) -> Images:
    nats, exporter, reloader, python = (
        pulled_through(externals.short(externals.image(key)), docker_hub) for key in events_values.IMAGES
    )
    return Images(nats=nats, exporter=exporter, reloader=reloader, python=python)
