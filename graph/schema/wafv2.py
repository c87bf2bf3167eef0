"""WAF and Shield: what is checked before a front door answers."""

from __future__ import annotations

from collector.snapshot import Item
from graph.schema.account import of_account
from graph.schema.convert import count, present
from graph.schema.declare import NodeType, Property, Setting
from graph.schema.usual import flag, many

_ACL = "@get_web_acl/WebACL"


def _is_global(line: Item) -> bool:
    """Recorded answers of one scope may have been taken for those of the other; ids tell."""
    return ":global/" in line.id


def _regional_id(line: Item) -> str | None:
    return None if _is_global(line) else line.id


def _global_id(line: Item) -> str | None:
    return line.id if _is_global(line) else None


def _of_scope(
    snapshot_type: str,
    label: str,
    where: str,
    described: str,
    kind: str,
    properties: tuple[Property, ...],
) -> NodeType:
    """A kind of WAF's things that stand in a region, or before CloudFront (``global``)."""
    return NodeType(
        snapshot_type=snapshot_type,
        label=label,
        resource_type=f"AWS::WAFv2::{kind}",
        category="network",
        description=described,
        arn=f"arn:{{partition}}:wafv2:{{region}}:{{account}}:{where}/{kind.lower()}/{{id}}",
        name="Name",
        resource_id="Id",
        node_id=_global_id if where == "global" else _regional_id,
        properties=properties,
    )


def _web_acl(snapshot_type: str, label: str, where: str, described: str) -> NodeType:
    return _of_scope(
        snapshot_type,
        label,
        where,
        described,
        "WebACL",
        (
            Property(
                "blocks_by_default",
                f"{_ACL}/DefaultAction/Block",
                "Whether what no rule allows is refused.",
                present,
                absent=False,
            ),
            many("rules", f"{_ACL}/Rules/*/Name", "Names of its rules."),
            Property("rule_count", f"{_ACL}/Rules/*", "How many rules it has.", count, absent=0),
            flag(
                "managed_by_firewall_manager",
                f"{_ACL}/ManagedByFirewallManager",
                "Whether another account keeps it.",
            ),
            many("protected_arns", "@list_resources_for_web_acl(*)/*", "What it stands before."),
        ),
    )


def _ip_set(snapshot_type: str, label: str, where: str, described: str) -> NodeType:
    return _of_scope(
        snapshot_type,
        label,
        where,
        described,
        "IPSet",
        (
            many("cidrs", "@get_ip_set/IPSet/Addresses/*", "Its address ranges."),
            Property("ip_version", "@get_ip_set/IPSet/IPAddressVersion", "IPV4 or IPV6."),
        ),
    )


def _rule_group(snapshot_type: str, label: str, where: str, described: str) -> NodeType:
    return _of_scope(
        snapshot_type,
        label,
        where,
        described,
        "RuleGroup",
        (
            many("rules", "@get_rule_group/RuleGroup/Rules/*/Name", "Names of its rules."),
            Property(
                "rule_count",
                "@get_rule_group/RuleGroup/Rules/*",
                "How many rules it has.",
                count,
                absent=0,
            ),
        ),
    )


DECLARATIONS = (
    _web_acl("wafv2:web-acl", "WebACL", "regional", "Rules before resources of a region."),
    _web_acl("wafv2:cloudfront-web-acl", "CloudFrontWebACL", "global", "Rules before CloudFront."),
    _ip_set("wafv2:ip-set", "IPSet", "regional", "Addresses for rules of a region."),
    _ip_set("wafv2:cloudfront-ip-set", "CloudFrontIPSet", "global", "Addresses for CloudFront."),
    _rule_group(
        "wafv2:rule-group", "WebACLRuleGroup", "regional", "Rules for web ACLs of a region."
    ),
    _rule_group(
        "wafv2:cloudfront-rule-group",
        "CloudFrontRuleGroup",
        "global",
        "Rules for web ACLs of CloudFront.",
    ),
    Setting(
        snapshot_type="shield:subscription",
        label="AWSAccount",
        describes=of_account,
        description="The account's subscription to Shield Advanced.",
        properties=(
            Property(
                "has_shield_advanced",
                "@describe_subscription/Subscription/StartTime",
                "Whether the account has Shield Advanced.",
                present,
                absent=False,
            ),
        ),
    ),
    NodeType(
        snapshot_type="shield:protection",
        label="ShieldProtection",
        resource_type="AWS::Shield::Protection",
        category="network",
        description="A resource that Shield Advanced protects.",
        arn="arn:{partition}:shield::{account}:protection/{id}",
        name="Name",
        resource_id="Id",
        properties=(
            Property("protected_arn", "ResourceArn", "The resource."),
            Property(
                "automatic_response",
                "ApplicationLayerAutomaticResponseConfiguration/Status",
                "ENABLED: it changes the web ACL by itself.",
            ),
        ),
    ),
)
