"""How a chart is installed: whole or not at all, and `apply` returns when it works."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from cdktf import AssetType, ITerraformDependable, TerraformAsset
from cdktf_cdktf_provider_helm.release import Release
from cdktf_cdktf_provider_kubernetes import network_policy_v1 as policy
from constructs import Construct

from metaflow_gcp.kubernetes.helm import values as helm_values
from metaflow_gcp.kubernetes.helm.charts import Chart

_PARTS = ("Chart.yaml", "values.yaml", "files/*.py", "templates/*.tpl", "templates/*.yaml")


def install(
    scope: Construct,
    id_: str,
    *,
    chart: Chart,
    version: str,
    namespace: str,
    values: helm_values.Values,
    depends_on: Sequence[ITerraformDependable] = (),
    open_ports: Sequence[int] = (),
) -> Release:
    """Install a pinned chart under its own name. Pods may connect to its pods at `open_ports` only."""
    return _release(
        scope,
        id_,
        name=chart.name,
        repository=chart.repository,
        chart=chart.name,
        version=version,
        namespace=namespace,
        values=values,
        # First: pods that start before their policy would start open.
        depends_on=[*depends_on, _close(scope, f"{id_}-network-policy", namespace, chart.name, open_ports)],
    )


def install_own(
    scope: Construct,
    id_: str,
    *,
    folder: Path,
    namespace: str,
    values: helm_values.Values,
    depends_on: Sequence[ITerraformDependable],
) -> Release:
    """Install a chart from a folder of this package, under the folder's name.

    The chart becomes an asset of the stack: the path in Terraform's JSON is relative to the stack's folder.
    """
    asset = TerraformAsset(
        scope,
        f"{id_}-chart",
        path=str(folder),
        type=AssetType.DIRECTORY,
        # Of the chart's own files only: what an editor or Python leaves beside them must not look like a new chart.
        # What it leaves is copied, and `.helmignore` keeps it out of the release.
        asset_hash=digest(folder),
    )
    return _release(
        scope,
        id_,
        name=folder.name,
        repository=None,
        chart=asset.path,
        version=None,
        namespace=namespace,
        values=values,
        depends_on=depends_on,
    )


def digest(folder: Path) -> str:
    """Of the names and contents of a chart's files, the same on every machine."""
    found = hashlib.sha256()
    for path in sorted(path for part in _PARTS for path in folder.glob(part)):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        found.update(f"{path.relative_to(folder).as_posix()}\n{len(content)}\n".encode() + content)
    return found.hexdigest()[:32]


def _close(
    scope: Construct, id_: str, namespace: str, release: str, open_ports: Sequence[int]
) -> policy.NetworkPolicyV1:
    """Forwards and the kubelet's probes need no permission: they enter a pod through its node."""
    return policy.NetworkPolicyV1(
        scope,
        id_,
        metadata=policy.NetworkPolicyV1Metadata(namespace=namespace, name=release),
        spec=policy.NetworkPolicyV1Spec(
            pod_selector=policy.NetworkPolicyV1SpecPodSelector(match_labels={"app.kubernetes.io/instance": release}),
            policy_types=["Ingress"],
            ingress=[
                policy.NetworkPolicyV1SpecIngress(
                    ports=[
                        policy.NetworkPolicyV1SpecIngressPorts(port=str(port), protocol="TCP") for port in open_ports
                    ]
                )
            ]
            if open_ports
            else None,
        ),
    )


def _release(
    scope: Construct,
    id_: str,
    *,
    name: str,
    repository: str | None,
    chart: str,
    version: str | None,
    namespace: str,
    values: helm_values.Values,
    depends_on: Sequence[ITerraformDependable],
) -> Release:
    return Release(
        scope,
        id_,
        name=name,
        repository=repository,
        chart=chart,
        version=version,
        namespace=namespace,
        # Ours, with labels of ours: a namespace that Helm makes is never removed.
        create_namespace=False,
        values=[helm_values.document(values)],
        # `apply` returns when it works. On the way out: when it is gone, before what it needs goes.
        wait=True,
        wait_for_jobs=True,
        # Whole or not at all: a failed upgrade goes back to what worked.
        atomic=True,
        cleanup_on_fail=True,
        # The system pool may have to grow first, and images to be pulled.
        timeout=900,
        # Each revision is a Secret with the whole chart in it.
        max_history=5,
        depends_on=depends_on,
    )
