"""Route 53 Resolver: endpoints, rules, DNS Firewall, query logs, and the VPCs they serve."""

from __future__ import annotations

from collections.abc import Callable

from collector.snapshot import Item
from graph.schema.convert import present, texts, whole
from graph.schema.declare import NodeType, Property, Reference, Setting
from graph.schema.path import look
from graph.schema.vpc import has_security_group, in_vpc

_ARN = "arn:{partition}:route53resolver:{region}:{account}:"
_SHARE = Property("share_status", "ShareStatus", "NOT_SHARED, SHARED_BY_ME or SHARED_WITH_ME.")


def _vpc(path: str) -> Callable[[Item], Reference | None]:
    def of_vpc(line: Item) -> Reference | None:
        found = look(path, line).values
        is_vpc = bool(found) and str(found[0]).startswith("vpc-")
        return Reference(short=str(found[0]), label="VPC") if is_vpc else None

    return of_vpc


DECLARATIONS = (
    NodeType(
        snapshot_type="route53resolver:endpoint",
        label="ResolverEndpoint",
        resource_type="AWS::Route53Resolver::ResolverEndpoint",
        category="network",
        description="Where DNS queries enter a VPC's resolver, or leave it.",
        arn=_ARN + "resolver-endpoint/{id}",
        name="Name",
        resource_id="Id",
        properties=(
            Property("direction", "Direction", "INBOUND, OUTBOUND or INBOUND_DELEGATION."),
            Property("status", "Status", "E.g. OPERATIONAL."),
            Property("protocols", "Protocols/*", "Do53, DoH, ...", texts, absent=[]),
            Property("ip_address_count", "IpAddressCount", "How many addresses it has.", whole),
        ),
        links=(in_vpc("HostVPCId"), has_security_group("SecurityGroupIds/*")),
    ),
    NodeType(
        snapshot_type="route53resolver:rule",
        label="ResolverRule",
        resource_type="AWS::Route53Resolver::ResolverRule",
        category="network",
        description="Where queries for a domain are sent.",
        arn=_ARN + "resolver-rule/{id}",
        name="Name",
        resource_id="Id",
        owner="OwnerId",
        properties=(
            Property("domain_name", "DomainName", "The domain."),
            Property("rule_type", "RuleType", "FORWARD, SYSTEM or DELEGATE."),
            Property("target_ips", "TargetIps/*/Ip", "Who is asked.", texts, absent=[]),
            Property("resolver_endpoint_id", "ResolverEndpointId", "Through which endpoint."),
            Property("status", "Status", "E.g. COMPLETE."),
            _SHARE,
            Property(
                "has_policy",
                "@get_resolver_rule_policy/ResolverRulePolicy",
                "Whether a policy shares it.",
                present,
                absent=False,
            ),
        ),
    ),
    NodeType(
        snapshot_type="route53resolver:firewall-rule-group",
        label="DNSFirewallRuleGroup",
        resource_type="AWS::Route53Resolver::FirewallRuleGroup",
        category="network",
        description="Rules about which domains a VPC may ask for.",
        arn=_ARN + "firewall-rule-group/{id}",
        name="Name",
        resource_id="Id",
        owner="OwnerId",
        properties=(_SHARE,),
    ),
    NodeType(
        snapshot_type="route53resolver:query-log",
        label="ResolverQueryLogConfig",
        resource_type="AWS::Route53Resolver::ResolverQueryLoggingConfig",
        category="network",
        description="Where VPCs' DNS queries are logged.",
        arn=_ARN + "resolver-query-log-config/{id}",
        name="Name",
        resource_id="Id",
        owner="OwnerId",
        properties=(
            Property("status", "Status", "E.g. CREATED."),
            Property("destination_arn", "DestinationArn", "The bucket, log group or stream."),
            Property("association_count", "AssociationCount", "How many VPCs it serves.", whole),
            _SHARE,
        ),
    ),
    Setting(
        snapshot_type="route53resolver:rule-association",
        label="VPC",
        describes=_vpc("VPCId"),
        description="A resolver rule that holds in the VPC.",
        properties=(
            Property("resolver_rule_ids", "ResolverRuleId", "Resolver rules in force.", texts),
        ),
    ),
    Setting(
        snapshot_type="route53resolver:firewall-rule-group-association",
        label="VPC",
        describes=_vpc("VpcId"),
        description="A DNS Firewall rule group that holds in the VPC.",
        properties=(
            Property(
                "dns_firewall_rule_group_ids",
                "FirewallRuleGroupId",
                "DNS Firewall rule groups in force.",
                texts,
            ),
        ),
    ),
    Setting(
        snapshot_type="route53resolver:query-log-association",
        label="VPC",
        describes=_vpc("ResourceId"),
        description="A log of the VPC's DNS queries.",
        properties=(
            Property(
                "query_log_config_ids",
                "ResolverQueryLogConfigId",
                "Configurations that log its DNS queries.",
                texts,
            ),
        ),
    ),
)
