"""All checks, asked for at the same time, told in their order."""

from collections.abc import Callable, Iterator
from functools import partial

from metaflow_gcp_tools.checks import Check, State, one_for_each_cause
from metaflow_gcp_tools.clients.together import asked
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered
from metaflow_gcp_tools.commands.preflight import (
    cloud_quotas,
    credentials,
    deployer,
    endpoint,
    local_tools,
    machines,
    project,
    pulled,
)
from metaflow_gcp_tools.commands.preflight.answers import Google
from metaflow_gcp_tools.commands.preflight.compute import Compute
from metaflow_gcp_tools.commands.preflight.deployer import Deployer
from metaflow_gcp_tools.commands.preflight.permissions import Needed
from metaflow_gcp_tools.commands.preflight.quotas import Quotas
from metaflow_gcp_tools.platform.manifest import Manifest

UNREACHED = (Cause.NO_CONNECTION, Cause.NO_ANSWER)


class Survey:
    """One run of all checks."""

    def __init__(self, google: Google, manifest: Manifest, needed: Needed, deployer: Deployer) -> None:
        self.google = google
        self.manifest = manifest
        self.needed = needed
        self.deployer = deployer
        self.email: str | None = None
        """Of who asks; known once the credentials were checked."""

    def checks(self) -> Iterator[Check]:
        tools = [asked(partial(local_tools.check, tool)) for tool in local_tools.TOOLS]
        account = asked(lambda: credentials.account(self.google))
        exists = asked(lambda: project.exists(self.google))
        state = asked(lambda: list(self._of_state()))
        images = asked(lambda: list(self._of_images()))
        for tool in tools:
            yield tool()
        if not account().usable:
            yield account().check
            yield from _skipped("needs credentials", "project", "rights", "apis", "machines", "quotas")
            yield from images()
            return
        network = _network(account().error, exists()[1])
        yield network
        if network.state is State.UNKNOWN:
            yield from _skipped(
                "needs a network", "credentials", "project", "rights", "apis", "machines", "quotas", "images"
            )
            return
        yield account().check
        self.email = account().email
        yield from state()
        yield exists()[0]
        if exists()[0].state is State.FAIL:
            yield from _skipped("needs the project", "rights", "apis", "machines", "quotas")
        else:
            yield from self._of_project()
        yield from images()

    def _of_images(self) -> Iterator[Check]:
        """When a registry does not answer, that is said once."""
        google = self.google
        yield from one_for_each_cause(pulled.check(self.manifest, google.timeout, google.login_to_registries))

    def _of_state(self) -> Iterator[Check]:
        """With credentials of its own, so that no other check waits for it, or says what it would."""
        if self.deployer.bucket:
            yield deployer.check_state(self.deployer, self.google.timeout)

    def _of_project(self) -> Iterator[Check]:
        google, manifest = self.google, self.manifest
        listed = {pool.machine_type for pool in manifest.pools if "custom-" not in pool.machine_type}
        compute = Compute.ask(google, listed)
        quotas = Quotas(manifest, compute, elsewhere=partial(cloud_quotas.level, google))
        of_machines = asked(lambda: list(machines.check(manifest, compute)))
        of_quotas = asked(lambda: list(quotas.check()))
        parts: list[Callable[[], list[Check]]] = [
            asked(lambda: [project.check_billing(google)]),
            asked(lambda: list(project.check_rights(google, self.needed, self.email))),
            asked(lambda: list(project.check_apis(google, manifest.apis))),
            asked(lambda: list(endpoint.check(google, manifest.endpoint)) if manifest.endpoint else []),
            # Both are told by Compute Engine: when it does not answer, that is said once.
            lambda: list(one_for_each_cause((*of_machines(), *of_quotas()))),
        ]
        for part in parts:
            yield from part()


def _network(*errors: Unanswered | None) -> Check:
    """Whether Google is reached at all: one of two different APIs answers, be it with a no."""
    check = ("network", "Google's APIs")
    unreached = [error for error in errors if error and error.cause in UNREACHED]
    if len(unreached) < len(errors):
        return Check.passed(*check, "reached")
    return Check.of(unreached[0], *check)


def _skipped(why: str, *topics: str) -> Iterator[Check]:
    for topic in topics:
        yield Check.skipped(topic, "all", why)
