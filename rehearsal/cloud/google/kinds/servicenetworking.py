"""Service Networking: private services access."""

from rehearsal.cloud.google.kind import Kind
from rehearsal.cloud.google.references import USES

KINDS = [
    Kind(
        type="google_service_networking_connection",
        path="{{network}}:{{service}}",
        references={
            "network": ("google_compute_network", USES),
            "reserved_peering_ranges": ("google_compute_global_address", USES),
        },
    )
]
