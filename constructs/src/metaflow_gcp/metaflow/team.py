"""People: those who run flows, and those who operate the platform."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_google.project_iam_custom_role import ProjectIamCustomRole
from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember
from cdktf_cdktf_provider_kubernetes import cluster_role_binding_v1 as cluster_binding
from cdktf_cdktf_provider_random.id import Id
from constructs import Construct

from metaflow_gcp.checks import Checks
from metaflow_gcp.google import members
from metaflow_gcp.google.artifact_registry import ImageRegistry
from metaflow_gcp.google.requirements import Requirements
from metaflow_gcp.google.sql.postgres_database import PostgresDatabase
from metaflow_gcp.google.storage import Datastore
from metaflow_gcp.kubernetes.rights import Right, right
from metaflow_gcp.kubernetes.role import allow
from metaflow_gcp.metaflow.team_choices import TeamChoices
from metaflow_gcp.properties import Properties

OPERATOR_ROLES = (
    # Node pools, upgrades and credentials of the cluster.
    "roles/container.clusterAdmin",
    # Restarts, backups and restores of the database.
    "roles/cloudsql.editor",
    "roles/logging.viewer",
    "roles/monitoring.viewer",
    # Which quotas are used up.
    "roles/serviceusage.serviceUsageViewer",
)
"""Roles of those who operate, on the project: these services grant on nothing smaller."""
DASHBOARDS_ROLE = "roles/monitoring.viewer"
"""Dashboards, metrics and alerts of the project, to look at. https://cloud.google.com/monitoring/access-control"""


@dataclass(frozen=True, kw_only=True)
class TeamAccessProps(TeamChoices, Properties):
    """Of federated identities, those that IAM knows: https://cloud.google.com/iam/docs/principal-identifiers."""

    project: str
    """The id of the project."""
    role_id: str
    """The custom role's id, letters, digits and _; a random suffix follows, for a deleted role's id stays taken for 37
    days. https://cloud.google.com/iam/docs/creating-custom-roles#deleting-custom-role"""
    datastore: Datastore
    registry: ImageRegistry
    database: PostgresDatabase
    dashboards: bool = False
    """Whether users see the project's dashboards and metrics, too: `Observability`. Default: admins only."""

    def _check(self, checks: Checks) -> None:
        self.check(checks, in_kubernetes=False)


class TeamAccess(Construct):
    """What people may do in Google Cloud. What they may do inside the cluster is `TeamRoles`.

    Users: reach the cluster's control plane, read and write artifacts, pull and push images. Admins: operate besides.
    """

    requirements = Requirements(apis=frozenset({"iam.googleapis.com", "cloudresourcemanager.googleapis.com"}))

    def __init__(self, scope: Construct, id_: str, props: TeamAccessProps) -> None:
        super().__init__(scope, id_)
        suffix = Id(self, "suffix", byte_length=4)
        connect = ProjectIamCustomRole(
            self,
            "connect",
            project=props.project,
            role_id=f"{props.role_id}_{suffix.hex}",
            title="Metaflow: reach the platform",
            description="Find bucket and cluster, and connect to the control plane; inside, Kubernetes RBAC decides.",
            # The least that works. roles/container.developer would open every cluster of the project.
            # Buckets are listed by name only: that is how `metaflow-gcp configure` finds the platform's.
            permissions=["container.clusters.connect", "container.clusters.get", "storage.buckets.list"],
        )
        for id_of_member, member in members.ids(props.users + props.admins):
            ProjectIamMember(self, f"connect-{id_of_member}", project=props.project, role=connect.name, member=member)
            props.datastore.grant_read_write(f"people-{id_of_member}", member)
            props.registry.grant_pull(f"people-{id_of_member}", member)
            props.registry.grant_push(f"push-{id_of_member}", member)
        if props.dashboards:
            for id_of_member, member in members.ids(props.users):
                ProjectIamMember(
                    self, f"dashboards-{id_of_member}", project=props.project, role=DASHBOARDS_ROLE, member=member
                )
        for id_of_member, member in members.ids(props.admins):
            for name in OPERATOR_ROLES:
                ProjectIamMember(self, f"{name}-{id_of_member}", project=props.project, role=name, member=member)
            props.datastore.grant_admin(f"admins-{id_of_member}", member)
            props.registry.grant_admin(f"admins-{id_of_member}", member)
            props.database.grant_read_password(f"admins-{id_of_member}", member)


@dataclass(frozen=True, kw_only=True)
class TeamRolesProps(TeamChoices, Properties):
    """Of federated identities, only subjects and groups of workforce pools: RBAC knows no others.

    A `group:` works when the cluster knows its security group. Each address is bound as given and in lower case. Admins
    get the cluster role `cluster-admin`.
    """

    services_namespace: str
    """Where the services are, which people reach by port forward."""
    jobs_namespace: str
    """Where tasks run."""
    argo_namespace: str | None = None
    """Where the Argo server is. Default: there is none."""
    argo_events: bool = False
    """Whether there are sensors and a webhook in `jobs_namespace`."""
    jobsets: bool = False
    """Whether there is a JobSet controller."""

    def _check(self, checks: Checks) -> None:
        self.check(checks, in_kubernetes=True)


class TeamRoles(Construct):
    """What people may do inside the cluster: users run and watch tasks and forward ports, admins everything."""

    def __init__(self, scope: Construct, id_: str, props: TeamRolesProps) -> None:
        super().__init__(scope, id_)
        if props.users:
            self._add_users(props)
        if props.admins:
            cluster_binding.ClusterRoleBindingV1(
                self,
                "admins",
                metadata=cluster_binding.ClusterRoleBindingV1Metadata(name="metaflow-admins"),
                role_ref=cluster_binding.ClusterRoleBindingV1RoleRef(
                    api_group="rbac.authorization.k8s.io", kind="ClusterRole", name="cluster-admin"
                ),
                subject=[
                    cluster_binding.ClusterRoleBindingV1Subject(
                        api_group="rbac.authorization.k8s.io", kind=kind, name=name
                    )
                    for kind, name in subjects(props.admins)
                ],
            )

    def _add_users(self, props: TeamRolesProps) -> None:
        rights = [
            right("batch", "jobs", _RUN, "what `@kubernetes` makes of a step"),
            right("", "pods", "get list watch delete", "`kubectl get`, and how a task that hangs is ended"),
            right("", "pods/log events", _READ, "what a task says, and why it waits"),
        ]
        if props.jobsets:
            rights.append(right("jobset.x-k8s.io", "jobsets", _RUN, "what `@parallel` makes of a step"))
        if props.argo_namespace:
            deployed = "workflows workflowtemplates cronworkflows"
            # The Argo server asks as the person who looks.
            rights.append(right("argoproj.io", deployed, _CHANGE, "`argo-workflows create`, and Argo's pages"))
        if props.argo_events:
            rights.append(right("argoproj.io", "sensors", _CHANGE, "`@trigger`: Metaflow makes the sensor"))
        # Argo's pages show them, and say that something is forbidden where one is.
        if props.argo_namespace:
            rights.append(right("argoproj.io", "workfloweventbindings", _READ, "Argo's pages"))
        if props.argo_events:
            rights.append(right("argoproj.io", "eventsources", _READ, "Argo's pages"))
        self._bind("run-tasks", props.jobs_namespace, rights, props.users)
        self._bind("forward-ports", props.services_namespace, _FORWARD, props.users)
        if props.argo_namespace:
            self._bind("forward-argo", props.argo_namespace, _FORWARD, props.users)
        if props.argo_events:
            self._bind("forward-events", props.jobs_namespace, _FORWARD, props.users)

    def _bind(self, id_: str, namespace: str, rights: Sequence[Right], people: tuple[str, ...]) -> None:
        allow(
            self,
            ids=(id_, f"{id_}-binding"),
            namespace=namespace,
            name=f"metaflow-{id_}",
            rights=rights,
            subjects=[
                {"api_group": "rbac.authorization.k8s.io", "kind": kind, "name": name}
                for kind, name in subjects(people)
            ],
        )


_READ = "get list watch"
_RUN = "create get list watch patch delete"
_CHANGE = f"{_RUN} update"
"""Metaflow replaces what it deploys anew."""
_FORWARD = (
    right("", "services pods", "get list", "how kubectl finds the pod behind a Service"),
    # `get` is how kubectl opens a forward over WebSockets, which it tries first from 1.31 on.
    right("", "pods/portforward", "create get", "`metaflow-gcp forward`"),
)


def subjects(people: tuple[str, ...]) -> list[tuple[str, str]]:
    """Kinds and names of IAM members in Kubernetes RBAC, where service accounts of Google are users, too.

    Both spellings of an address with capital letters: RBAC tells them apart.
    Of a workforce pool, a subject is a user and a group is a group, by its whole identifier.
    https://cloud.google.com/kubernetes-engine/docs/how-to/oidc
    """
    return list(dict.fromkeys(found for member in people for found in _subjects(member)))


def _subjects(member: str) -> Iterator[tuple[str, str]]:
    kind, _, address = member.partition(":")
    if members.is_federated(member):
        yield ("Group" if kind == "principalSet" else "User"), member
        return
    for name in members.spellings(address):
        yield ("Group" if kind == "group" else "User"), name
