"""All checks, asked for at the same time, told in their order."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from metaflow_gcp_tools.manifest import Manifest
from metaflow_gcp_tools.preflight import cloud_quotas, compute, credentials, local_tools, machines, project
from metaflow_gcp_tools.preflight.answers import Google
from metaflow_gcp_tools.preflight.checks import Check, State
from metaflow_gcp_tools.preflight.permissions import Needed
from metaflow_gcp_tools.preflight.quotas import Quotas

Answer = TypeVar("Answer")

AT_ONCE = 12
"""Threads: every question has its own, so that a slow API delays nobody else."""


class Survey:
    """One run of all checks."""

    def __init__(self, google: Google, manifest: Manifest, needed: Needed) -> None:
        self.google = google
        self.manifest = manifest
        self.needed = needed
        self.email: str | None = None
        """Of who asks; known once the credentials were checked."""

    def checks(self) -> Iterator[Check]:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            yield from self._checks(threads)

    def _checks(self, threads: ThreadPoolExecutor) -> Iterator[Check]:
        tools = [threads.submit(local_tools.check, tool) for tool in local_tools.TOOLS]
        account = threads.submit(credentials.account, self.google)
        for tool in tools:
            yield tool.result()
        yield account.result().check
        self.email = account.result().email
        if account.result().check.state is State.FAIL:
            yield from _skipped(
                "there are no credentials to ask with", "project", "rights", "apis", "machines", "quotas"
            )
            return
        exists = project.check_project(self.google)
        yield exists
        if exists.state is State.FAIL:
            yield from _skipped("there is no project to ask about", "rights", "apis", "machines", "quotas")
            return
        yield from self._of_project(threads)

    def _of_project(self, threads: ThreadPoolExecutor) -> Iterator[Check]:
        google, manifest = self.google, self.manifest
        listed = {pool.machine_type for pool in manifest.pools if "custom-" not in pool.machine_type}
        regions = _asked(threads, lambda: compute.regions(google))
        of_all_regions = _asked(threads, lambda: compute.quotas_of_all_regions(google))
        machine_types = _asked(threads, lambda: compute.machine_types(google, listed))
        gpu_types = _asked(threads, lambda: compute.gpu_types(google))
        quotas = Quotas(
            manifest,
            regions=regions,
            of_all_regions=of_all_regions,
            gpu_types=gpu_types,
            elsewhere=lambda metric, region: cloud_quotas.level(google, metric, region),
        )
        parts = [
            threads.submit(lambda: [project.check_billing(google)]),
            threads.submit(lambda: list(project.check_rights(google, self.needed, self.email))),
            threads.submit(lambda: list(project.check_apis(google, manifest.apis))),
            threads.submit(lambda: list(machines.check(manifest, regions, machine_types, gpu_types))),
            threads.submit(lambda: list(quotas.check())),
        ]
        for part in parts:
            yield from part.result()


def _asked(threads: ThreadPoolExecutor, ask: Callable[[], Answer]) -> Callable[[], Answer]:
    """Ask now; what is returned waits for the answer, or raises `Unanswered` every time."""
    asked: Future[Answer] = threads.submit(ask)
    return asked.result


def _skipped(why: str, *topics: str) -> Iterator[Check]:
    for topic in topics:
        yield Check(topic=topic, name="all", state=State.SKIP, says=why)
