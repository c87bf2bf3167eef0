"""Network Firewall: firewalls, their policies and rule groups."""

from __future__ import annotations

from graph.schema.convert import present, texts, truth, whole
from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.vpc import in_subnet, in_vpc

_ARN = "arn:{partition}:network-firewall:{region}:{account}:"
_FIREWALL = "@describe_firewall/Firewall"
_POLICY = "@describe_firewall_policy/FirewallPolicy"
_GROUP = "@describe_rule_group/RuleGroupResponse"
_SHARED = Property(
    "has_resource_policy",
    "@describe_resource_policy/Policy",
    "Whether it is shared by a resource policy.",
    present,
    absent=False,
)

DECLARATIONS = (
    NodeType(
        snapshot_type="network-firewall:firewall",
        label="NetworkFirewall",
        resource_type="AWS::NetworkFirewall::Firewall",
        category="network",
        description="A firewall in the path of a VPC's or transit gateway's traffic.",
        arn=_ARN + "firewall/{id}",
        name="FirewallName",
        resource_id="FirewallName",
        tags=f"{_FIREWALL}/Tags",
        properties=(
            Property("status", "@describe_firewall/FirewallStatus/Status", "E.g. READY."),
            Property("firewall_policy_arn", f"{_FIREWALL}/FirewallPolicyArn", "Its policy."),
            Property(
                "subnet_ids",
                f"{_FIREWALL}/SubnetMappings/*/SubnetId",
                "Subnets of its endpoints.",
                texts,
                absent=[],
            ),
            Property("transit_gateway_id", f"{_FIREWALL}/TransitGatewayId", "Its gateway, if any."),
            Property(
                "delete_protection", f"{_FIREWALL}/DeleteProtection", "Against deletion.", truth
            ),
            _SHARED,
        ),
        links=(
            in_vpc(f"{_FIREWALL}/VpcId"),
            in_subnet(f"{_FIREWALL}/SubnetMappings/*/SubnetId"),
            encrypted_with(f"{_FIREWALL}/EncryptionConfiguration/KeyId"),
        ),
    ),
    NodeType(
        snapshot_type="network-firewall:firewall-policy",
        label="NetworkFirewallPolicy",
        resource_type="AWS::NetworkFirewall::FirewallPolicy",
        category="network",
        description="Which rule groups a firewall applies, and what it does by default.",
        arn=_ARN + "firewall-policy/{id}",
        name="Name",
        resource_id="Name",
        tags="@describe_firewall_policy/FirewallPolicyResponse/Tags",
        properties=(
            Property(
                "stateless_default_actions",
                f"{_POLICY}/StatelessDefaultActions/*",
                "What happens to packets that no stateless rule matches.",
                texts,
                absent=[],
            ),
            Property(
                "stateful_default_actions",
                f"{_POLICY}/StatefulDefaultActions/*",
                "What happens to flows that no stateful rule matches.",
                texts,
                absent=[],
            ),
            Property(
                "rule_group_arns",
                f"{_POLICY}/StatefulRuleGroupReferences/*/ResourceArn",
                "Its stateful rule groups.",
                texts,
                absent=[],
            ),
            Property(
                "stateless_rule_group_arns",
                f"{_POLICY}/StatelessRuleGroupReferences/*/ResourceArn",
                "Its stateless rule groups.",
                texts,
                absent=[],
            ),
            Property(
                "tls_inspection_configuration_arn",
                f"{_POLICY}/TLSInspectionConfigurationArn",
                "How it opens TLS, if it does.",
            ),
            _SHARED,
        ),
    ),
    NodeType(
        snapshot_type="network-firewall:rule-group",
        label="NetworkFirewallRuleGroup",
        resource_type="AWS::NetworkFirewall::RuleGroup",
        category="network",
        description="Rules of a network firewall.",
        name="Name",
        resource_id="Name",
        tags=f"{_GROUP}/Tags",
        properties=(
            Property("group_type", f"{_GROUP}/Type", "STATELESS, STATEFUL, ..."),
            Property("status", f"{_GROUP}/RuleGroupStatus", "E.g. ACTIVE."),
            Property("capacity", f"{_GROUP}/Capacity", "How much it may hold.", whole),
            _SHARED,
        ),
    ),
)
