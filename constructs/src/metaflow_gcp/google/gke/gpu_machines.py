"""Which GPUs a machine type has or takes, and what to say when it is not the ones asked for. Needs no Node."""

import re
from dataclasses import replace

from metaflow_gcp.checks import Checks, is_token
from metaflow_gcp.google.gke import gpu_catalogue, machine_families, machine_types, pool_rules
from metaflow_gcp.google.gke.gpu_catalogue import Accelerators, Gpu, GpuMachineType

_N1 = re.compile(r"n1-(standard|highmem|highcpu)-[1-9][0-9]*|(n1-)?custom-[1-9][0-9]*-[1-9][0-9]*(-ext)?")
MOST_GPUS = 16
"""Of one machine: a2-megagpu-16g."""

# So that a slip in an N1's name is recognised as well.
_N1_NAMES = [f"n1-{kind}-{size}" for kind in ("standard", "highmem", "highcpu") for size in (2, 4, 8, 16, 32, 64, 96)]


def accelerators(
    machine_type: str, gpu_type: str | None, gpu_count: int | None, gpu_quota_metric: str | None = None
) -> Accelerators | None:
    """The GPUs of a node: built into the machine type, or else as given. `None` when only Terraform knows them.

    `gpu_quota_metric`: where the catalogue has none.
    """
    if built_in := gpu_catalogue.machine_type(machine_type):
        gpu, count = built_in.gpu, built_in.gpu_count
    elif gpu_type is None or is_token(gpu_type):
        return None
    else:
        gpu = gpu_catalogue.gpus().get(gpu_type) or gpu_catalogue.newer(gpu_type, None)
        count = 1 if gpu_count is None else gpu_count
    if gpu.regional_quota_metric is None and not is_token(gpu_quota_metric):
        gpu = replace(gpu, regional_quota_metric=gpu_quota_metric)
    return Accelerators(gpu=gpu, count=count)


def check(
    checks: Checks,
    machine_type: str,
    gpu_type: str | None,
    gpu_count: int | None,
    gpu_quota_metric: str | None = None,
) -> Accelerators | None:
    """Add what is wrong with these four; answer with the GPUs if they are clear all the same."""
    _check_quota_metric(checks, machine_type, gpu_type, gpu_quota_metric)
    if is_token(machine_type):
        _check_named(checks, gpu_type, gpu_count)
    elif built_in := gpu_catalogue.machine_type(machine_type):
        _check_built_in(checks, built_in, gpu_type, gpu_count)
    elif _N1.fullmatch(machine_type):
        _check_attached(checks, machine_type, gpu_type, gpu_count)
    elif gpu_type is not None and gpu_count is not None and _may_have_gpus(machine_type):
        checks.matches("gpu_type", gpu_type, r"[a-z][a-z0-9-]*", "a GPU: gcloud compute accelerator-types list")
        checks.between("gpu_count", gpu_count, 1, MOST_GPUS, "GPUs per node")
    else:
        _add_without_gpus(checks, machine_type, gpu_type)
        return None
    return accelerators(machine_type, gpu_type, gpu_count, gpu_quota_metric)


def names_with(gpu: Gpu, *, on_demand: bool = False) -> str:
    """The machine types that have this GPU, by number of GPUs; for a GPU of an N1, the numbers that it takes."""
    by_count: dict[int, list[str]] = {}
    for machine in gpu_catalogue.machine_types().values():
        if machine.gpu == gpu and (machine.on_demand or not on_demand):
            by_count.setdefault(machine.gpu_count, []).append(machine.name)
    found = [f"{', '.join(by_count[count])} ({count} {'GPU' if count == 1 else 'GPUs'})" for count in sorted(by_count)]
    return "; ".join(found) or f"n1 machine types with {_counts(gpu)} of it"


def _may_have_gpus(machine_type: str) -> bool:
    """A machine type that is newer than the catalogue: of a family with GPUs, or of one that is not known."""
    family = machine_families.family_of(machine_type)
    return family is None or family.gpus


def _check_quota_metric(checks: Checks, machine_type: str, gpu_type: str | None, given: str | None) -> None:
    if given is None:
        return
    checks.matches(
        "gpu_quota_metric",
        given,
        r"(?!PREEMPTIBLE_)[A-Z][A-Z0-9_]*",
        "a metric of Compute Engine's quotas, such as NVIDIA_L4_GPUS, without PREEMPTIBLE_: spot and flex_start add it",
    )
    found = accelerators(machine_type, gpu_type, 1)
    known = found.gpu.regional_quota_metric if found else None
    if found and known and given != known:
        checks.add(
            "gpu_quota_metric",
            wrong=f"{found.gpu.name} draws on {known}, not {given!r}",
            allowed=f"{known}, or nothing: it follows from the GPU",
            fix="remove gpu_quota_metric",
        )


def _check_named(checks: Checks, gpu_type: str | None, gpu_count: int | None) -> None:
    """The machine type is known to Terraform only, so nothing can be derived from it."""
    if gpu_type is None or gpu_count is None:
        checks.add(
            "gpu_type",
            wrong="machine_type is known to Terraform only: its GPUs cannot be derived",
            allowed="gpu_type and gpu_count given beside such a machine_type",
            fix="set gpu_type and gpu_count, or write the machine type out",
        )
    if gpu_type is not None:
        checks.one_of("gpu_type", gpu_type, gpu_catalogue.gpus())
    if gpu_count is not None:
        checks.between("gpu_count", gpu_count, 1, MOST_GPUS, "GPUs per node")


def _check_built_in(checks: Checks, machine: GpuMachineType, gpu_type: str | None, gpu_count: int | None) -> None:
    if gpu_type is not None and not is_token(gpu_type) and gpu_type != machine.gpu.name:
        wanted = gpu_catalogue.gpus().get(gpu_type)
        checks.add(
            "gpu_type",
            wrong=f"{machine.name} has {machine.gpu.name}, not {gpu_type!r}",
            allowed=f"{machine.gpu.name}, or nothing: it follows from machine_type",
            fix="remove gpu_type" + (f", or change machine_type: {names_with(wanted)}" if wanted else ""),
        )
    if gpu_count is not None and not is_token(gpu_count) and gpu_count != machine.gpu_count:
        checks.add(
            "gpu_count",
            wrong=f"{machine.name} has {machine.gpu_count} {machine.gpu.name}, not {gpu_count}",
            allowed=f"{machine.gpu_count}, or nothing: it follows from machine_type",
            fix=f"remove gpu_count, or change machine_type: {names_with(machine.gpu)}",
        )


def _check_attached(checks: Checks, machine_type: str, gpu_type: str | None, gpu_count: int | None) -> None:
    if gpu_type is None:
        checks.add(
            "gpu_type",
            wrong=f"none is given, and {machine_type} has no GPU of its own",
            allowed=_attachable(),
            fix="set gpu_type and gpu_count, or change machine_type to one with GPUs, such as g2-standard-12",
        )
        return
    if is_token(gpu_type):
        return
    gpu = gpu_catalogue.gpus().get(gpu_type)
    if gpu is None or not gpu.n1_max_vcpus_by_gpu_count:
        checks.add(
            "gpu_type",
            wrong=f"{gpu_type!r} cannot be attached to {machine_type}",
            allowed=_attachable(),
            fix=f"change machine_type: {names_with(gpu)}" if gpu else "set gpu_type to one of these",
        )
        return
    count = 1 if gpu_count is None else gpu_count
    if is_token(count):
        return
    most_vcpus = gpu.n1_max_vcpus_by_gpu_count.get(count)
    vcpus = machine_types.vcpus(machine_type) or 0
    if most_vcpus is None:
        checks.add(
            "gpu_count",
            wrong=f"{count} {gpu.name} cannot be attached to one machine",
            allowed=_counts(gpu),
            fix="set gpu_count to one of these",
        )
    elif vcpus > most_vcpus:
        limits = ", ".join(f"{most} with {gpus}" for gpus, most in gpu.n1_max_vcpus_by_gpu_count.items())
        checks.add(
            "machine_type",
            wrong=f"{machine_type} has {vcpus} vCPUs: too many for {count} {gpu.name}",
            allowed=f"vCPUs at most: {limits}",
            fix="choose a smaller n1, or raise gpu_count",
        )


def _add_without_gpus(checks: Checks, machine_type: str, gpu_type: str | None) -> None:
    wanted = gpu_catalogue.gpus().get(gpu_type or "")
    every = list(gpu_catalogue.machine_types())
    known = not _may_have_gpus(machine_type)
    meant = "" if known else pool_rules.near(machine_type, [*every, *_N1_NAMES])
    checks.add(
        "machine_type",
        wrong=f"{machine_type!r} takes no GPUs" if known else f"{machine_type!r} is not known as one with GPUs",
        allowed=names_with(wanted) if wanted else f"{', '.join(every)}; n1-* with gpu_type",
        fix=(meant or "choose a machine type of these")
        + ("" if known else "; for one that is newer than this release, set gpu_type and gpu_count as well"),
    )


def _attachable() -> str:
    return "; ".join(
        f"{gpu.name} ({_counts(gpu)})" for gpu in gpu_catalogue.gpus().values() if gpu.n1_max_vcpus_by_gpu_count
    )


def _counts(gpu: Gpu) -> str:
    return ", ".join(map(str, gpu.n1_max_vcpus_by_gpu_count))
