"""Network Firewall: firewalls, their policies and rule groups."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(100)


def _shared(arn: str) -> FollowUp:
    """The resource policy with which it is shared; there is none where it is not."""
    return FollowUp(operation="describe_resource_policy", params={"ResourceArn": Item(arn)})


TYPES = (
    ResourceType(
        id="network-firewall:firewall",
        client="network-firewall",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{FirewallArn}",
        lists=(ListCall(operation="list_firewalls", result="Firewalls", paging=_PAGES),),
        follow_ups=(
            FollowUp(operation="describe_firewall", params={"FirewallArn": Item("FirewallArn")}),
            FollowUp(
                operation="describe_logging_configuration",
                params={"FirewallArn": Item("FirewallArn")},
            ),
            _shared("FirewallArn"),
        ),
    ),
    ResourceType(
        id="network-firewall:firewall-policy",
        client="network-firewall",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{Arn}",
        lists=(
            ListCall(operation="list_firewall_policies", result="FirewallPolicies", paging=_PAGES),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_firewall_policy", params={"FirewallPolicyArn": Item("Arn")}
            ),
            _shared("Arn"),
        ),
    ),
    # Without a scope the operation lists the account's own groups, none of those that AWS manages.
    # https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_ListRuleGroups.html
    ResourceType(
        id="network-firewall:rule-group",
        client="network-firewall",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{Arn}",
        lists=(ListCall(operation="list_rule_groups", result="RuleGroups", paging=_PAGES),),
        follow_ups=(
            FollowUp(operation="describe_rule_group", params={"RuleGroupArn": Item("Arn")}),
            _shared("Arn"),
        ),
        scan=(
            "describe_rule_group:RuleGroup.RulesSource.RulesString",
            "describe_rule_group:FirewallRuleGroup.RulesSource.RulesString",
            "describe_rule_group:IpsRuleGroup.RulesSource.RulesString",
        ),
    ),
)
"""Declarations of this service."""
