"""Service Management: names below endpoints.PROJECT.cloud.goog."""

from rehearsal.cloud.google.kind import Kind

KINDS = [
    Kind(
        type="google_endpoints_service",
        path="services/{{service_name}}",
        id="{{service_name}}",
        worldwide=True,
        # https://cloud.google.com/service-infrastructure/docs/create-services#undeleting
        reserved="it has been deleted and will be purged after 30 days; to reuse this service, undelete it",
        facts=lambda request: {"config_id": "2026-01-01r0", "dns_address": request.get("service_name")},
    )
]
