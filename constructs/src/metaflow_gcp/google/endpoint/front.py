"""Where requests come in: the address, TLS, certificates, and which name leads to which service."""

from collections.abc import Mapping

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_google import (
    certificate_manager_certificate as certificate,
    compute_security_policy as armor,
    compute_url_map as routes,
)
from cdktf_cdktf_provider_google.certificate_manager_certificate_map import CertificateManagerCertificateMap
from cdktf_cdktf_provider_google.certificate_manager_certificate_map_entry import CertificateManagerCertificateMapEntry
from cdktf_cdktf_provider_google.compute_global_forwarding_rule import ComputeGlobalForwardingRule
from cdktf_cdktf_provider_google.compute_ssl_policy import ComputeSslPolicy
from cdktf_cdktf_provider_google.compute_target_http_proxy import ComputeTargetHttpProxy
from cdktf_cdktf_provider_google.compute_target_https_proxy import ComputeTargetHttpsProxy
from constructs import Construct

from metaflow_gcp.google.endpoint.names import Host

_LAST = 2147483647
"""The priority of the rule that every policy must have."""


def rate_limit(scope: Construct, *, project: str, name: str, requests_per_minute: int) -> str:
    """Cloud Armor in front of the proxy; returns the policy's self link."""
    everyone = armor.ComputeSecurityPolicyRuleMatch(
        versioned_expr="SRC_IPS_V1", config=armor.ComputeSecurityPolicyRuleMatchConfig(src_ip_ranges=["*"])
    )
    policy = armor.ComputeSecurityPolicy(
        scope,
        "rate-limit",
        project=project,
        name=name,
        rule=[
            armor.ComputeSecurityPolicyRule(
                priority=1000,
                action="throttle",
                description="Each address: so many requests a minute",
                match=everyone,
                rate_limit_options=armor.ComputeSecurityPolicyRuleRateLimitOptions(
                    conform_action="allow",
                    exceed_action="deny(429)",
                    enforce_on_key="IP",
                    rate_limit_threshold=armor.ComputeSecurityPolicyRuleRateLimitOptionsRateLimitThreshold(
                        count=requests_per_minute, interval_sec=60
                    ),
                ),
            ),
            armor.ComputeSecurityPolicyRule(
                priority=_LAST, action="allow", description="Who may, Identity-Aware Proxy decides", match=everyone
            ),
        ],
    )
    return policy.self_link


class Front(Construct):
    """HTTPS by the names that are known, and nothing else: every other request is sent there."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: str,
        name: str,
        address: str,
        backends: Mapping[str, tuple[Host, str]],
    ) -> None:
        """`backends`: a service's name -> the name it is asked for by, and the id of its backend. The first is home."""
        super().__init__(scope, id_)
        certificates = CertificateManagerCertificateMap(self, "certificates", project=project, name=name)
        for service, (host, _) in backends.items():
            self._certify(service, host, project, name, certificates.name)
        home, _ = next(iter(backends.values()))
        https = ComputeTargetHttpsProxy(
            self,
            "https",
            project=project,
            name=name,
            url_map=self._routes(project, name, home, backends).id,
            certificate_map=f"//certificatemanager.googleapis.com/{certificates.id}",
            ssl_policy=ComputeSslPolicy(
                self, "tls", project=project, name=name, profile="MODERN", min_tls_version="TLS_1_2"
            ).id,
        )
        http = ComputeTargetHttpProxy(
            self, "http", project=project, name=name, url_map=self._to_https(project, name).id
        )
        for port, proxy in ((443, https.id), (80, http.id)):
            ComputeGlobalForwardingRule(
                self,
                f"port-{port}",
                project=project,
                name=f"{name}-{port}",
                load_balancing_scheme="EXTERNAL_MANAGED",
                ip_protocol="TCP",
                ip_address=address,
                port_range=str(port),
                target=proxy,
            )

    def _certify(self, service: str, host: Host, project: str, name: str, certificates: str) -> None:
        """A certificate that Google issues once the name leads here, and renews."""
        certified = certificate.CertificateManagerCertificate(
            self,
            f"certificate-{service}",
            project=project,
            # Names of other hosts are other certificates: one in use cannot be deleted, so the new one comes first.
            name=f"{name}-{service}-{host.tag}",
            managed=certificate.CertificateManagerCertificateManaged(domains=[host.name]),
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
        )
        CertificateManagerCertificateMapEntry(
            self,
            f"certificate-of-{service}",
            project=project,
            map=certificates,
            name=service,
            hostname=host.name,
            certificates=[certified.id],
        )

    def _routes(
        self, project: str, name: str, home: Host, backends: Mapping[str, tuple[Host, str]]
    ) -> routes.ComputeUrlMap:
        """By names alone. A path decides nothing: there are too many ways to write one."""
        return routes.ComputeUrlMap(
            self,
            "routes",
            project=project,
            name=name,
            host_rule=[
                routes.ComputeUrlMapHostRule(hosts=[host.name], path_matcher=service)
                for service, (host, _) in backends.items()
            ],
            path_matcher=[
                routes.ComputeUrlMapPathMatcher(name=service, default_service=backend)
                for service, (_, backend) in backends.items()
            ],
            # Another name, or the bare address: no service answers, not even the proxy.
            default_url_redirect=routes.ComputeUrlMapDefaultUrlRedirect(
                host_redirect=home.name,
                path_redirect="/",
                https_redirect=True,
                strip_query=True,
                redirect_response_code="FOUND",
            ),
        )

    def _to_https(self, project: str, name: str) -> routes.ComputeUrlMap:
        return routes.ComputeUrlMap(
            self,
            "to-https",
            project=project,
            name=f"{name}-to-https",
            default_url_redirect=routes.ComputeUrlMapDefaultUrlRedirect(
                https_redirect=True, strip_query=False, redirect_response_code="MOVED_PERMANENTLY_DEFAULT"
            ),
        )
