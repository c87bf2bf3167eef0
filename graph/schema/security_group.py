"""VPC: security groups and the prefix lists that rules name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collector.snapshot import Item
from graph.records import Value
from graph.schema.convert import count, one_of, truth, whole
from graph.schema.declare import Edge, Link, NodeType, Property, Reference, Setting
from graph.schema.links import as_list, each, named
from graph.schema.path import ShapeError, look
from graph.schema.vpc import in_vpc


def ports_of(permission: Mapping[str, Any]) -> str:
    """A rule's ports: ``tcp/443``, ``tcp/8000-8100``, ``icmp``, ``all``."""
    protocol = str(permission.get("IpProtocol", ""))
    if protocol == "-1":
        return "all"
    low, high = permission.get("FromPort"), permission.get("ToPort")
    if protocol not in ("tcp", "udp", "6", "17") or low is None or low == -1:
        return protocol
    return f"{protocol}/{low}" if low == high else f"{protocol}/{low}-{high}"


def _rules(values: Sequence[Any]) -> Value:
    """Rules of a security group, one text per rule and peer: ``tcp/443 0.0.0.0/0``."""
    peers = (
        ("IpRanges", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6"),
        ("PrefixListIds", "PrefixListId"),
        ("UserIdGroupPairs", "GroupId"),
    )
    rules: set[str] = set()
    for permission in values:
        if not isinstance(permission, Mapping):
            raise ShapeError("a rule is not an object")
        for member, name in peers:
            for peer in as_list(permission.get(member)):
                if not isinstance(peer, Mapping):
                    raise ShapeError(f"{member}: an object is expected")
                rules.add(f"{ports_of(permission)} {peer.get(name)}")
    return sorted(rules)


def _referenced(line: Item, permission: Mapping[str, Any]) -> Iterator[Edge]:
    """Groups and prefix lists that an ingress rule admits."""
    ports = ports_of(permission)
    for pair in as_list(permission.get("UserIdGroupPairs")):
        if isinstance(pair, Mapping) and pair.get("GroupId"):
            end = named(pair["GroupId"], "SecurityGroup", account=str(pair.get("UserId") or ""))
            yield Edge(end, discriminator=ports, props={"ports": [ports]})
    for entry in as_list(permission.get("PrefixListIds")):
        if isinstance(entry, Mapping) and entry.get("PrefixListId"):
            end = named(entry["PrefixListId"], "PrefixList")
            yield Edge(end, discriminator=ports, props={"ports": [ports]})


def _group(line: Item) -> Reference | None:
    found, owner = look("GroupId", line).values, look("GroupOwnerId", line).values
    if not found:
        return None
    return Reference(
        short=str(found[0]), label="SecurityGroup", account=str(owner[0]) if owner else ""
    )


def _group_vpc(line: Item) -> Iterator[Edge]:
    if look("State", line).values[:1] == ("associated",):
        for vpc in look("VpcId", line).values:
            yield Edge(named(vpc, "VPC"))


DECLARATIONS = (
    NodeType(
        snapshot_type="ec2:security-group",
        label="SecurityGroup",
        resource_type="AWS::EC2::SecurityGroup",
        category="network",
        description="A security group.",
        arn="arn:{partition}:ec2:{region}:{account}:security-group/{id}",
        id_prefix="sg-",
        name="GroupName",
        resource_id="GroupId",
        owner="OwnerId",
        properties=(
            Property("group_description", "Description", "Its author's description."),
            Property(
                "open_ipv4",
                "IpPermissions/*/IpRanges/*/CidrIp",
                "Whether a rule admits all of IPv4; alone no exposure.",
                one_of("0.0.0.0/0"),
                absent=False,
            ),
            Property(
                "open_ipv6",
                "IpPermissions/*/Ipv6Ranges/*/CidrIpv6",
                "Whether a rule admits all of IPv6; alone no exposure.",
                one_of("::/0"),
                absent=False,
            ),
            Property(
                "ingress",
                "IpPermissions/*",
                "Ingress rules, as tcp/443 0.0.0.0/0.",
                _rules,
                absent=[],
            ),
            Property(
                "egress",
                "IpPermissionsEgress/*",
                "Egress rules, as all 0.0.0.0/0.",
                _rules,
                absent=[],
            ),
        ),
        links=(
            in_vpc(),
            Link(
                "ALLOWS_FROM",
                ("SecurityGroup", "PrefixList"),
                "An ingress rule admits the other group's members or the list's ranges.",
                each("IpPermissions/*", _referenced),
                properties=(("ports", "Ports of the rule, e.g. tcp/443."),),
            ),
        ),
    ),
    Setting(
        snapshot_type="ec2:sg-vpc-association",
        label="SecurityGroup",
        describes=_group,
        description="Further VPCs in which the security group may be used.",
        links=(
            Link(
                "APPLIES_TO",
                ("VPC",),
                "The security group may also be used in the VPC.",
                _group_vpc,
            ),
        ),
    ),
    NodeType(
        snapshot_type="ec2:prefix-list",
        label="PrefixList",
        resource_type="AWS::EC2::PrefixList",
        category="network",
        description="A managed prefix list, the customer's or AWS's.",
        arn="arn:{partition}:ec2:{region}:{account}:prefix-list/{id}",
        id_prefix="pl-",
        name="PrefixListName",
        resource_id="PrefixListId",
        owner="OwnerId",
        properties=(
            Property("address_family", "AddressFamily", "IPv4 or IPv6."),
            Property("owner_id", "OwnerId", "The owning account, or AWS."),
            Property(
                "entry_count",
                "@get_managed_prefix_list_entries/*",
                "How many ranges it holds.",
                count,
                absent=0,
            ),
        ),
    ),
    NodeType(
        snapshot_type="ec2:security-group-rule",
        label="SecurityGroupRule",
        resource_type="AWS::EC2::SecurityGroupRule",
        cloudformation=False,
        category="network",
        description="One rule of a security group, by the id that changes it.",
        arn="arn:{partition}:ec2:{region}:{account}:security-group-rule/{id}",
        id_prefix="sgr-",
        resource_id="SecurityGroupRuleId",
        owner="GroupOwnerId",
        properties=(
            Property("security_group_id", "GroupId", "The group."),
            Property("is_egress", "IsEgress", "Whether it is about outgoing traffic.", truth),
            Property("protocol", "IpProtocol", "tcp, udp, icmp, a number, or -1 for all."),
            Property("from_port", "FromPort", "First port; -1 for all.", whole),
            Property("to_port", "ToPort", "Last port; -1 for all.", whole),
            Property("cidr", "CidrIpv4|CidrIpv6", "The range it is about."),
            Property("prefix_list_id", "PrefixListId", "Or the prefix list."),
            Property(
                "referenced_group_id", "ReferencedGroupInfo/GroupId", "Or the security group."
            ),
            Property("rule_description", "Description", "Its author's description."),
        ),
    ),
)
