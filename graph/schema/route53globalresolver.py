"""DNS resolvers at anycast addresses on the internet."""

from __future__ import annotations

from graph.schema.convert import texts
from graph.schema.declare import NodeType, Property

DECLARATIONS = (
    NodeType(
        snapshot_type="route53globalresolver:resolver",
        label="GlobalResolver",
        resource_type="AWS::Route53GlobalResolver::GlobalResolver",
        category="network",
        description="A DNS resolver that clients reach over the internet.",
        name="name",
        resource_id="id",
        properties=(
            Property("status", "status", "E.g. OPERATIONAL."),
            Property("dns_name", "dnsName", "Host name."),
            Property("public_ips", "ipv4Addresses/*", "Anycast IPv4 addresses.", texts, absent=[]),
            Property(
                "ipv6_addresses", "ipv6Addresses/*", "Anycast IPv6 addresses.", texts, absent=[]
            ),
            Property("public_ip_status", "publicIpStatus", "Whether the addresses answer."),
            Property("regions", "regions/*", "Regions that answer.", texts, absent=[]),
            Property("created_at", "createdAt", "When it was made (ISO 8601)."),
        ),
    ),
)
