"""What to set so that Metaflow's client works on one platform."""

from metaflow_gcp_tools.commands.forward import ports, records
from metaflow_gcp_tools.commands.forward.status import State
from metaflow_gcp_tools.machine import own_kubeconfig
from metaflow_gcp_tools.platform.description import Platform


def of(platform: Platform, profile: str) -> dict[str, str | None]:
    """`None`: not to be set."""
    variables: dict[str, str | None] = {
        "KUBECONFIG": str(own_kubeconfig.ensured(platform, profile)),
        "METAFLOW_PROFILE": profile or None,
    }
    usual = {forward.name: forward.port for forward in platform.forwards}
    for record in records.living(platform.kube_context):
        # Those of a `run` go when its command ends.
        for forward in record.forwards if record.command == "forward" else ():
            if forward.state == State.OPEN and forward.port != usual.get(forward.name):
                variables |= ports.variables(forward.name, forward.port, profile)
    return variables
