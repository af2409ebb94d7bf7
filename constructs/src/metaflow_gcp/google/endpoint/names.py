"""The names at which the platform answers: a domain of one's own, or names that Google serves for the project."""

import hashlib
import json
from dataclasses import dataclass

from cdktf_cdktf_provider_google.dns_record_set import DnsRecordSet
from cdktf_cdktf_provider_google.endpoints_service import EndpointsService
from cdktf_cdktf_provider_random.id import Id
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class Host:
    """One name."""

    name: str
    """`argo.metaflow.example.com`."""
    tag: str
    """Differs from that of any other name: what cannot change its name takes a new one of its own."""


def of_domain(domain: str, label: str) -> Host:
    """The domain itself, or `label` below it."""
    name = f"{label}.{domain}" if label else domain
    return Host(name=name, tag=hashlib.sha256(name.encode()).hexdigest()[:8])


def of_google(project: str, base: str, label: str, suffix: Id) -> Host:
    """`label-base-1a2b.endpoints.PROJECT.cloud.goog`.

    The digits differ each time: Google keeps the name of a deleted service for 30 days, and the provider does not
    undelete it (resource_endpoints_service.go, Create; hashicorp/terraform-provider-google#14776).
    """
    service = f"{label}-{base}" if label else base
    return Host(name=f"{service}-{suffix.hex}.endpoints.{project}.cloud.goog", tag=suffix.hex)


def record(scope: Construct, id_: str, *, project: str, zone: str, host: Host, address: str) -> None:
    """The name in a zone of Cloud DNS."""
    DnsRecordSet(
        scope,
        id_,
        project=project,
        managed_zone=zone,
        name=f"{host.name}.",
        type="A",
        ttl=300,
        rrdatas=[address],
    )


def served_by_google(scope: Construct, id_: str, *, project: str, host: Host, address: str) -> None:
    """The name in Google's own DNS: what Cloud Endpoints does for a service without a single path.

    https://cloud.google.com/endpoints/docs/openapi/cloud-goog-dns-configure
    """
    EndpointsService(
        scope,
        id_,
        project=project,
        service_name=host.name,
        openapi_config=json.dumps(
            {
                "swagger": "2.0",
                "info": {"title": "Metaflow", "description": "A name for an address.", "version": "1.0.0"},
                "host": host.name,
                "x-google-endpoints": [{"name": host.name, "target": address}],
                "paths": {},
            },
            indent=2,
        ),
    )
