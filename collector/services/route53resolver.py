"""Route 53 Resolver: endpoints, rules, DNS Firewall, query logs."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    Limit,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    When,
)

# One bucket for all of Resolver's operations.
LIMITS = {
    "route53resolver": (
        Limit(
            rate=5,
            burst=5,
            source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html",
        ),
    )
}

_PAGES = Paginator(100)
_AWS_RULE = "rslvr-autodefined-rr-internet-resolver"


def _listed(
    name: str,
    operation: str,
    result: str,
    arn: str = "{Arn}",
    follow_ups: tuple[FollowUp, ...] = (),
    keep: tuple[When, ...] = (),
) -> ResourceType:
    return ResourceType(
        id=f"route53resolver:{name}",
        client="route53resolver",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn=arn,
        lists=(ListCall(operation=operation, result=result, paging=_PAGES),),
        follow_ups=follow_ups,
        keep=keep,
    )


TYPES = (
    _listed("endpoint", "list_resolver_endpoints", "ResolverEndpoints"),
    _listed(
        "rule",
        "list_resolver_rules",
        "ResolverRules",
        follow_ups=(
            FollowUp(
                operation="get_resolver_rule_policy",
                params={"Arn": Item("Arn")},
                when=(When("ShareStatus", is_one_of=("SHARED_BY_ME",)),),
                absent=("UnknownResourceException",),
            ),
        ),
        # Only Resolver itself makes recursive rules; every VPC of everyone has the same one.
        # https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_ResolverRule.html
        keep=(When("RuleType", is_none_of=("RECURSIVE",)),),
    ),
    _listed(
        "rule-association",
        "list_resolver_rule_associations",
        "ResolverRuleAssociations",
        "{ResolverRuleId}/{VPCId}",
        keep=(When("ResolverRuleId", is_none_of=(_AWS_RULE,)),),
    ),
    _listed("firewall-rule-group", "list_firewall_rule_groups", "FirewallRuleGroups"),
    _listed(
        "firewall-rule-group-association",
        "list_firewall_rule_group_associations",
        "FirewallRuleGroupAssociations",
    ),
    _listed("query-log", "list_resolver_query_log_configs", "ResolverQueryLogConfigs"),
    _listed(
        "query-log-association",
        "list_resolver_query_log_config_associations",
        "ResolverQueryLogConfigAssociations",
        "{ResolverQueryLogConfigId}/{ResourceId}",
    ),
)
"""Declarations of this service."""
