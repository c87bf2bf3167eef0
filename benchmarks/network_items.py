"""Facts as the AWS JSON from which reading a snapshot would make them."""

from __future__ import annotations

from typing import Any

from graph.network import ports
from graph.network.facts import (
    Acl,
    AclEntry,
    Address,
    DbInstance,
    Instance,
    Interface,
    ListenerRule,
    LoadBalancer,
    Route,
    RouteTable,
    Rule,
    SecurityGroup,
    Subnet,
    TargetGroup,
    Vpc,
)
from graph.network.spans import Spans

Json = dict[str, Any]
Line = tuple[str, Json, Json]
"""A node's id, its item and its follow-up calls."""


def short(node: str) -> str:
    return node.rpartition("/")[2]


def vpc_line(one: Vpc) -> Line:
    item: Json = {"VpcId": short(one.id), "OwnerId": one.account_id, "CidrBlock": one.cidrs[0]}
    six = [cidr for cidr in one.cidrs if ":" in cidr]
    item["Ipv6CidrBlockAssociationSet"] = [{"Ipv6CidrBlock": cidr} for cidr in six]
    return one.id, item, {}


def subnet_line(one: Subnet) -> Line:
    item = {
        "SubnetId": short(one.id),
        "VpcId": short(one.vpc),
        "OwnerId": one.account_id,
        "AvailabilityZone": one.zone,
        "CidrBlock": one.cidr,
        "MapPublicIpOnLaunch": one.maps_public_ip,
        "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": cidr} for cidr in one.ipv6_cidrs],
    }
    return one.id, item, {}


_ROUTE_TARGETS = {
    "nat_gateway": "NatGatewayId",
    "transit_gateway": "TransitGatewayId",
    "peering": "VpcPeeringConnectionId",
    "egress_only_gateway": "EgressOnlyInternetGatewayId",
}


def _route(one: Route) -> Json:
    found: Json = {
        _ROUTE_TARGETS.get(one.kind, "GatewayId"): short(one.target),
        "State": "active" if one.active else "blackhole",
    }
    if one.prefix_list:
        found["DestinationPrefixListId"] = short(one.prefix_list)
    elif ":" in one.cidr:
        found["DestinationIpv6CidrBlock"] = one.cidr
    else:
        found["DestinationCidrBlock"] = one.cidr
    return found


def route_table_line(one: RouteTable) -> Line:
    associations: list[Json] = [{"Main": False, "SubnetId": short(s)} for s in one.subnets]
    if one.main:
        associations.append({"Main": True})
    item = {
        "RouteTableId": short(one.id),
        "VpcId": short(one.vpc),
        "OwnerId": one.account_id,
        "Associations": associations,
        "Routes": [_route(route) for route in one.routes],
    }
    return one.id, item, {}


def _protocol(opened: Spans | None) -> tuple[str, int, int]:
    """The protocol's number with its ports, ``-1`` for everything."""
    if opened is None or opened == ports.ALL:
        return "-1", -1, -1
    ((first, last),) = opened.pairs
    number = ports.protocol_at((first, last))
    if opened == ports.of_protocol(number):
        return str(number), -1, -1
    base = number * 65536
    return str(number), first - base, last - base


def acl_line(one: Acl) -> Line:
    item = {
        "NetworkAclId": short(one.id),
        "VpcId": short(one.vpc),
        "IsDefault": one.default,
        "Entries": [_entry(entry) for entry in one.entries],
        "Associations": [{"SubnetId": short(subnet)} for subnet in one.subnets],
    }
    return one.id, item, {}


def _entry(one: AclEntry) -> Json:
    protocol, first, last = _protocol(one.ports)
    cidr = one.cidr or ""
    found: Json = {
        "RuleNumber": one.number,
        "RuleAction": "allow" if one.allow else "deny",
        "Egress": one.egress,
        "Protocol": protocol,
        "Ipv6CidrBlock" if ":" in cidr else "CidrBlock": cidr,
    }
    if first >= 0:
        found["PortRange"] = {"From": first, "To": last}
    return found


def security_group_line(one: SecurityGroup) -> Line:
    item = {
        "GroupId": short(one.id),
        "OwnerId": one.account_id,
        "VpcId": short(one.vpc),
        "IpPermissions": [_permission(rule) for rule in one.rules],
        "IpPermissionsEgress": [_permission(rule) for rule in one.egress or ()],
    }
    return one.id, item, {}


def _permission(one: Rule) -> Json:
    protocol, first, last = _protocol(one.ports)
    found: Json = {"IpProtocol": protocol, "FromPort": first, "ToPort": last}
    if one.group:
        found["UserIdGroupPairs"] = [{"GroupId": short(one.group)}]
    elif one.prefix_list:
        found["PrefixListIds"] = [{"PrefixListId": short(one.prefix_list)}]
    elif ":" in one.cidr:
        found["Ipv6Ranges"] = [{"CidrIpv6": one.cidr}]
    else:
        found["IpRanges"] = [{"CidrIp": one.cidr}]
    return found


def _address(one: Address) -> Json:
    found: Json = {"PrivateIpAddress": one.private}
    return found | ({"Association": {"PublicIp": one.public}} if one.public else {})


def _seen(one: Interface) -> Json:
    """What an instance tells of its interface."""
    return {
        "NetworkInterfaceId": short(one.id),
        "VpcId": short(one.vpc),
        "SubnetId": short(one.subnet),
        "Groups": [{"GroupId": short(group)} for group in one.groups or ()],
        "PrivateIpAddresses": [_address(address) for address in one.addresses],
        "Ipv6Addresses": [{"Ipv6Address": address} for address in one.ipv6],
    }


def interface_line(one: Interface) -> Line:
    item = _seen(one) | {
        "OwnerId": one.account_id,
        "Status": one.status,
        "InterfaceType": one.kind,
        "Description": one.description,
    }
    if one.owner:
        item["Attachment"] = {"InstanceId": short(one.owner), "Status": "attached"}
    return one.id, item, {}


def instance_line(one: Instance, known: dict[str, Interface]) -> Line:
    item = {
        "InstanceId": short(one.id),
        "State": {"Name": one.state},
        "NetworkInterfaces": [
            _seen(known[eni]) | {"Attachment": {"DeviceIndex": number}}
            for number, eni in enumerate(one.interfaces)
        ],
    }
    return one.id, item, {}


def load_balancer_line(one: LoadBalancer) -> Line:
    item = {
        "LoadBalancerArn": one.id,
        "Type": one.kind,
        "VpcId": short(one.vpc),
        "Scheme": "internet-facing" if one.internet_facing else "internal",
        "IpAddressType": one.ip_address_type,
        "State": {"Code": one.state},
        "AvailabilityZones": [{"SubnetId": short(subnet)} for subnet in one.subnets],
        "SecurityGroups": [short(group) for group in one.groups or ()],
    }
    listeners: list[Json] = []
    denied = {"Key": "ipv6.deny_all_igw_traffic", "Value": str(one.deny_igw_v6).lower()}
    calls: Json = {
        "describe_listeners": listeners,
        "describe_load_balancer_attributes": {"Attributes": [denied]},
    }
    for listener in one.listeners or ():
        _, port, _ = _protocol(listener.ports)
        protocol = "HTTP" if one.kind == "application" else "TCP"
        rules = [_listener_rule(rule) for rule in listener.rules]
        listeners.append(
            {
                "ListenerArn": listener.id,
                "Protocol": protocol,
                "Port": port,
                "DefaultActions": rules[-1]["Actions"],
            }
        )
        if one.kind == "application":
            calls[f"describe_rules(ListenerArn={listener.id})"] = rules[:-1]
    return one.id, item, calls


def _listener_rule(one: ListenerRule) -> Json:
    return {
        "RuleArn": one.id,
        "Priority": str(one.priority),
        "Conditions": [{"Field": c.field, "Values": list(c.values)} for c in one.conditions],
        "Actions": [
            {"Type": action.kind, "TargetGroupArn": group}
            for action in one.actions
            for group in action.target_groups
        ],
    }


def target_group_line(one: TargetGroup) -> Line:
    item = {
        "TargetGroupArn": one.id,
        "TargetType": one.kind,
        "Protocol": one.protocol,
        "Port": one.port,
        "VpcId": short(one.vpc),
    }
    health = [
        {
            "Target": {"Id": short(target.id), "Port": target.port},
            "TargetHealth": {"State": target.health},
        }
        for target in one.targets or ()
    ]
    return one.id, item, {"describe_target_health": health}


def database_line(one: DbInstance) -> Line:
    item = {
        "Engine": one.engine,
        "DBInstanceStatus": one.status,
        "PubliclyAccessible": one.public,
        "Endpoint": {"Port": one.port},
        "AvailabilityZone": one.zone,
        "DBSubnetGroup": {
            "VpcId": short(one.vpc),
            "Subnets": [{"SubnetIdentifier": short(subnet)} for subnet in one.subnets or ()],
        },
        "VpcSecurityGroups": [{"VpcSecurityGroupId": short(g)} for g in one.groups or ()],
    }
    return one.id, item, {}
