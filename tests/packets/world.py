"""Worlds in plain AWS JSON: what boto3's describe_* calls return, per account and region.

A place is one account in one region: a mapping of the names in LISTS and MAPS to what AWS returned.
A name that is absent was not collected: whoever needs it says Undecided. An empty list is a fact.

The builders below only write such JSON down; they know no rule of AWS's network.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Where = tuple[str, str]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

HERE: Where = ("111111111111", "eu-west-1")

LISTS = (
    "Vpcs",
    "Subnets",
    "RouteTables",
    "NetworkAcls",
    "SecurityGroups",
    "NetworkInterfaces",
    "InternetGateways",
    "NatGateways",
    "EgressOnlyInternetGateways",
    "VpcPeeringConnections",
    "TransitGateways",
    "TransitGatewayVpcAttachments",
    "TransitGatewayPeeringAttachments",
    "TransitGatewayRouteTables",
    "ManagedPrefixLists",
    "VpcBlockPublicAccessExclusions",
    "Instances",
)
"""Each the list of that name in the describe_* answer (Instances: those of all reservations)."""

MAPS = (
    "TransitGatewayRouteTableAssociations",
    "TransitGatewayRoutes",
    "ManagedPrefixListEntries",
)
"""Answers to one call per resource, by its id: get_transit_gateway_route_table_associations'
Associations, search_transit_gateway_routes' Routes, get_managed_prefix_list_entries' Entries."""


class Undecided(Exception):
    """The data lack what the rules need, or AWS's text does not say."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def empty_place(where: Where) -> Json:
    """An account in a region where everything was collected and nothing was found."""
    place: Json = {name: [] for name in LISTS}
    for name in MAPS:
        place[name] = {}
    place["VpcBlockPublicAccessOptions"] = {
        "AwsAccountId": where[0],
        "AwsRegion": where[1],
        "State": "default-state",
        "InternetGatewayBlockMode": "off",
        "ExclusionsAllowed": "allowed",
    }
    return place


@dataclass
class World:
    """Every collected account and region."""

    places: dict[Where, Json] = field(default_factory=dict)

    def place(self, where: Where) -> Json:
        """The place, made empty when it is new."""
        if where not in self.places:
            self.places[where] = empty_place(where)
        return self.places[where]

    def every(self, name: str) -> Iterator[tuple[Where, Json]]:
        """Every item of a list, with its place. A shared item appears in several places."""
        for where, place in self.places.items():
            for item in place.get(name, []):
                yield where, item

    def lacking(self, name: str) -> list[Where]:
        """The places where this was not collected."""
        return [where for where, place in self.places.items() if name not in place]

    def lacks(self, name: str, where: Where) -> bool:
        """This was not collected at that place, or the place was not collected."""
        return name not in self.places.get(where, {})

    def find(self, name: str, key: str, value: str) -> Json | None:
        """The item whose `key` is `value`. None: surely not there. Undecided: not all was seen."""
        for _, item in self.every(name):
            if item.get(key) == value:
                return item
        for where in self.lacking(name):
            raise Undecided(f"{value}: {name} of {where} not collected")
        return None

    def need(self, name: str, key: str, value: str) -> Json:
        """The item, or Undecided."""
        item = self.find(name, key, value)
        if item is None:
            raise Undecided(f"{value} is not in the collected {name}")
        return item

    def entries(self, name: str, key: str) -> list[Json]:
        """The answer to a call about one resource, from whichever place has it."""
        for place in self.places.values():
            if key in place.get(name, {}):
                found: list[Json] = place[name][key]
                return found
        raise Undecided(f"{name} of {key} not collected")

    def vpc(self, vpc_id: str) -> Json:
        return self.need("Vpcs", "VpcId", vpc_id)

    def subnet(self, subnet_id: str) -> Json:
        return self.need("Subnets", "SubnetId", subnet_id)

    def interface(self, interface_id: str) -> Json:
        return self.need("NetworkInterfaces", "NetworkInterfaceId", interface_id)

    def home(self, vpc_id: str) -> Where:
        """Account and region that own the VPC (a participant sees a shared VPC too)."""
        for where, vpc in self.every("Vpcs"):
            if vpc["VpcId"] == vpc_id:
                return (vpc["OwnerId"], where[1])
        raise Undecided(f"{vpc_id} is not in the collected Vpcs")


# Builders: one resource each, as AWS describes it.


def is_ipv6(cidr: str) -> bool:
    return ":" in cidr


def route(
    destination: str, target: str, *, state: str = "active", origin: str = "CreateRoute"
) -> Json:
    """A route of a VPC route table; the target's prefix says which field AWS puts it in."""
    fields = {
        "nat": "NatGatewayId",
        "eigw": "EgressOnlyInternetGatewayId",
        "pcx": "VpcPeeringConnectionId",
        "tgw": "TransitGatewayId",
        "eni": "NetworkInterfaceId",
        "lgw": "LocalGatewayId",
        "cagw": "CarrierGatewayId",
    }
    made: Json = {"Origin": origin, "State": state}
    if destination.startswith("pl-"):
        made["DestinationPrefixListId"] = destination
    elif is_ipv6(destination):
        made["DestinationIpv6CidrBlock"] = destination
    else:
        made["DestinationCidrBlock"] = destination
    made[fields.get(target.split("-")[0], "GatewayId")] = target
    return made


def local_routes(vpc: Json) -> list[Json]:
    """The local routes AWS puts into every table, one per block of the VPC."""
    blocks = [block["CidrBlock"] for block in vpc["CidrBlockAssociationSet"]]
    blocks += [block["Ipv6CidrBlock"] for block in vpc["Ipv6CidrBlockAssociationSet"]]
    return [route(block, "local", origin="CreateRouteTable") for block in blocks]


def add_vpc(world: World, vpc_id: str, *blocks: str, where: Where = HERE) -> Json:
    """A VPC with its main route table (local routes only) and its default network ACL."""
    v4 = [block for block in blocks if not is_ipv6(block)]
    v6 = [block for block in blocks if is_ipv6(block)]
    vpc: Json = {
        "VpcId": vpc_id,
        "OwnerId": where[0],
        "State": "available",
        "CidrBlock": v4[0],
        "CidrBlockAssociationSet": [
            {"CidrBlock": block, "CidrBlockState": {"State": "associated"}} for block in v4
        ],
        "Ipv6CidrBlockAssociationSet": [
            {"Ipv6CidrBlock": block, "Ipv6CidrBlockState": {"State": "associated"}} for block in v6
        ],
        "IsDefault": False,
    }
    place = world.place(where)
    place["Vpcs"].append(vpc)
    table = add_table(world, vpc_id, vpc_id.replace("vpc-", "rtb-main-"), [])
    table["Associations"].append(
        {
            "Main": True,
            "RouteTableAssociationId": vpc_id.replace("vpc-", "rtbassoc-main-"),
            "RouteTableId": table["RouteTableId"],
            "AssociationState": {"State": "associated"},
        }
    )
    both_ways = [acl_entry(100, "allow", egress, "0.0.0.0/0") for egress in (False, True)]
    both_ways += [acl_entry(101, "allow", egress, "::/0") for egress in (False, True)]
    acl = add_acl(world, vpc_id, vpc_id.replace("vpc-", "acl-default-"), both_ways)
    acl["IsDefault"] = True
    return vpc


def add_table(
    world: World,
    vpc_id: str,
    table_id: str,
    routes: list[Json],
    *,
    subnets: tuple[str, ...] = (),
    gateway: str | None = None,
) -> Json:
    """A route table with the VPC's local routes and these, associated explicitly."""
    vpc = world.vpc(vpc_id)
    where = world.home(vpc_id)
    table: Json = {
        "RouteTableId": table_id,
        "VpcId": vpc_id,
        "OwnerId": where[0],
        "Routes": [*local_routes(vpc), *routes],
        "Associations": [],
        "PropagatingVgws": [],
    }
    for key, name in [*(("SubnetId", name) for name in subnets), ("GatewayId", gateway)]:
        if name is not None:
            table["Associations"].append(
                {
                    "Main": False,
                    "RouteTableAssociationId": f"rtbassoc-{name.split('-', 1)[1]}",
                    "RouteTableId": table_id,
                    key: name,
                    "AssociationState": {"State": "associated"},
                }
            )
    world.place(where)["RouteTables"].append(table)
    return table


def acl_entry(
    number: int,
    action: str,
    egress: bool,
    cidr: str,
    *,
    protocol: int = -1,
    ports: tuple[int, int] | None = None,
    icmp: tuple[int, int] | None = None,
) -> Json:
    """A numbered rule of a network ACL."""
    entry: Json = {
        "RuleNumber": number,
        "RuleAction": action,
        "Egress": egress,
        "Protocol": str(protocol),
        "Ipv6CidrBlock" if is_ipv6(cidr) else "CidrBlock": cidr,
    }
    if ports is not None:
        entry["PortRange"] = {"From": ports[0], "To": ports[1]}
    if icmp is not None:
        entry["IcmpTypeCode"] = {"Type": icmp[0], "Code": icmp[1]}
    return entry


def add_acl(
    world: World, vpc_id: str, acl_id: str, entries: list[Json], *, subnets: tuple[str, ...] = ()
) -> Json:
    """A network ACL; the subnets leave the ACL they had. AWS shows the '*' rules too."""
    where = world.home(vpc_id)
    place = world.place(where)
    for other in place["NetworkAcls"]:
        other["Associations"] = [
            each for each in other["Associations"] if each["SubnetId"] not in subnets
        ]
    stars = [acl_entry(32767, "deny", egress, "0.0.0.0/0") for egress in (False, True)]
    if world.vpc(vpc_id)["Ipv6CidrBlockAssociationSet"]:
        stars += [acl_entry(32768, "deny", egress, "::/0") for egress in (False, True)]
    acl: Json = {
        "NetworkAclId": acl_id,
        "VpcId": vpc_id,
        "OwnerId": where[0],
        "IsDefault": False,
        "Entries": [*entries, *stars],
        "Associations": [
            {
                "NetworkAclAssociationId": f"aclassoc-{name.split('-', 1)[1]}",
                "NetworkAclId": acl_id,
                "SubnetId": name,
            }
            for name in subnets
        ],
    }
    place["NetworkAcls"].append(acl)
    return acl


def add_subnet(
    world: World, vpc_id: str, subnet_id: str, *blocks: str, zone: str = "a", private6: bool = False
) -> Json:
    """A subnet under the VPC's default network ACL and, implicitly, its main route table."""
    where = world.home(vpc_id)
    place = world.place(where)
    subnet: Json = {
        "SubnetId": subnet_id,
        "VpcId": vpc_id,
        "OwnerId": where[0],
        "SubnetArn": f"arn:aws:ec2:{where[1]}:{where[0]}:subnet/{subnet_id}",
        "AvailabilityZone": where[1] + zone,
        "AvailabilityZoneId": f"{where[1]}-az{ord(zone) - ord('a') + 1}",
        "State": "available",
        "CidrBlock": next(block for block in blocks if not is_ipv6(block)),
        "Ipv6CidrBlockAssociationSet": [
            {
                "Ipv6CidrBlock": block,
                "Ipv6CidrBlockState": {"State": "associated"},
                "Ipv6AddressAttribute": "private" if private6 else "public",
            }
            for block in blocks
            if is_ipv6(block)
        ],
    }
    place["Subnets"].append(subnet)
    for acl in place["NetworkAcls"]:
        if acl["VpcId"] == vpc_id and acl["IsDefault"]:
            acl["Associations"].append(
                {
                    "NetworkAclAssociationId": f"aclassoc-{subnet_id.split('-', 1)[1]}",
                    "NetworkAclId": acl["NetworkAclId"],
                    "SubnetId": subnet_id,
                }
            )
    return subnet


def permission(
    protocol: str,
    ports: tuple[int, int] | None = None,
    *sources: str,
    peer: Json | None = None,
) -> Json:
    """A rule of a security group; sources are CIDRs, prefix lists (pl-) and groups (sg-)."""
    made: Json = {
        "IpProtocol": protocol,
        "IpRanges": [],
        "Ipv6Ranges": [],
        "PrefixListIds": [],
        "UserIdGroupPairs": [],
    }
    if ports is not None:
        made["FromPort"], made["ToPort"] = ports
    for source in sources:
        if source.startswith("sg-"):
            made["UserIdGroupPairs"].append({"GroupId": source, **(peer or {})})
        elif source.startswith("pl-"):
            made["PrefixListIds"].append({"PrefixListId": source})
        elif is_ipv6(source):
            made["Ipv6Ranges"].append({"CidrIpv6": source})
        else:
            made["IpRanges"].append({"CidrIp": source})
    return made


def everything() -> Json:
    """The outbound rule AWS gives a new group."""
    return permission("-1", None, "0.0.0.0/0", "::/0")


def add_group(
    world: World,
    vpc_id: str,
    group_id: str,
    ingress: list[Json],
    egress: list[Json] | None = None,
    *,
    where: Where | None = None,
) -> Json:
    """A security group; without `egress` it sends anywhere, as AWS makes it."""
    where = where or world.home(vpc_id)
    group: Json = {
        "GroupId": group_id,
        "GroupName": group_id,
        "VpcId": vpc_id,
        "OwnerId": where[0],
        "IpPermissions": ingress,
        "IpPermissionsEgress": [everything()] if egress is None else egress,
    }
    world.place(where)["SecurityGroups"].append(group)
    return group


def add_interface(
    world: World,
    subnet_id: str,
    interface_id: str,
    *addresses: str,
    groups: tuple[str, ...] = (),
    public: str | None = None,
    kind: str = "interface",
    instance: str | None = None,
    check: bool = True,
    where: Where | None = None,
) -> Json:
    """A network interface in use; `public` is mapped to its first IPv4 address."""
    subnet = world.subnet(subnet_id)
    where = where or world.home(subnet["VpcId"])
    v4 = [address for address in addresses if not is_ipv6(address)]
    interface: Json = {
        "NetworkInterfaceId": interface_id,
        "InterfaceType": kind,
        "Status": "in-use",
        "SubnetId": subnet_id,
        "VpcId": subnet["VpcId"],
        "OwnerId": where[0],
        "AvailabilityZone": subnet["AvailabilityZone"],
        "SourceDestCheck": check,
        "Groups": [{"GroupId": name, "GroupName": name} for name in groups],
        "PrivateIpAddresses": [
            {"PrivateIpAddress": address, "Primary": number == 0}
            for number, address in enumerate(v4)
        ],
        "Ipv6Addresses": [{"Ipv6Address": each} for each in addresses if is_ipv6(each)],
        "Attachment": {"Status": "attached", "InstanceOwnerId": "amazon-aws"},
        "RequesterManaged": instance is None,
    }
    if v4:
        interface["PrivateIpAddress"] = v4[0]
    if public is not None:
        association = {"PublicIp": public, "IpOwnerId": where[0]}
        interface["Association"] = association
        interface["PrivateIpAddresses"][0]["Association"] = dict(association)
    place = world.place(where)
    if instance is not None:
        interface["Attachment"].update(InstanceId=instance, InstanceOwnerId=where[0])
        if all(each["InstanceId"] != instance for each in place["Instances"]):
            place["Instances"].append({"InstanceId": instance, "State": {"Name": "running"}})
    place["NetworkInterfaces"].append(interface)
    return interface


def add_igw(world: World, vpc_id: str, gateway_id: str) -> Json:
    """An internet gateway attached to the VPC."""
    where = world.home(vpc_id)
    gateway: Json = {
        "InternetGatewayId": gateway_id,
        "OwnerId": where[0],
        "Attachments": [{"VpcId": vpc_id, "State": "available"}],
    }
    world.place(where)["InternetGateways"].append(gateway)
    return gateway


def add_eigw(world: World, vpc_id: str, gateway_id: str) -> Json:
    """An egress-only internet gateway attached to the VPC."""
    gateway: Json = {
        "EgressOnlyInternetGatewayId": gateway_id,
        "Attachments": [{"VpcId": vpc_id, "State": "attached"}],
    }
    world.place(world.home(vpc_id))["EgressOnlyInternetGateways"].append(gateway)
    return gateway


def add_nat(
    world: World, subnet_id: str, gateway_id: str, private: str, public: str | None
) -> Json:
    """A NAT gateway (private when it has no public address) and its network interface."""
    subnet = world.subnet(subnet_id)
    where = world.home(subnet["VpcId"])
    interface_id = gateway_id.replace("nat-", "eni-nat-")
    address: Json = {
        "PrivateIp": private,
        "NetworkInterfaceId": interface_id,
        "IsPrimary": True,
        "Status": "succeeded",
    }
    if public is not None:
        address["PublicIp"] = public
    gateway: Json = {
        "NatGatewayId": gateway_id,
        "State": "available",
        "SubnetId": subnet_id,
        "VpcId": subnet["VpcId"],
        "ConnectivityType": "private" if public is None else "public",
        "NatGatewayAddresses": [address],
    }
    world.place(where)["NatGateways"].append(gateway)
    add_interface(
        world, subnet_id, interface_id, private, public=public, kind="nat_gateway", check=False
    )
    return gateway


def add_peering(world: World, peering_id: str, requester: str, accepter: str) -> Json:
    """An active peering connection, described in both accounts."""
    ends: list[Json] = []
    for vpc_id in (requester, accepter):
        where = world.home(vpc_id)
        ends.append({"VpcId": vpc_id, "OwnerId": where[0], "Region": where[1]})
    peering: Json = {
        "VpcPeeringConnectionId": peering_id,
        "Status": {"Code": "active", "Message": "Active"},
        "RequesterVpcInfo": ends[0],
        "AccepterVpcInfo": ends[1],
    }
    for where in sorted({world.home(requester), world.home(accepter)}):
        world.place(where)["VpcPeeringConnections"].append(peering)
    return peering


def add_tgw(
    world: World, gateway_id: str, *, referencing: bool = False, where: Where = HERE
) -> Json:
    """A transit gateway."""
    gateway: Json = {
        "TransitGatewayId": gateway_id,
        "TransitGatewayArn": f"arn:aws:ec2:{where[1]}:{where[0]}:transit-gateway/{gateway_id}",
        "State": "available",
        "OwnerId": where[0],
        "Options": {"SecurityGroupReferencingSupport": "enable" if referencing else "disable"},
    }
    world.place(where)["TransitGateways"].append(gateway)
    return gateway


def add_tgw_vpc(
    world: World,
    attachment_id: str,
    gateway_id: str,
    subnets: tuple[str, ...],
    *,
    referencing: bool = False,
) -> Json:
    """A VPC attached to a transit gateway by these subnets."""
    vpc_id = world.subnet(subnets[0])["VpcId"]
    where = world.home(vpc_id)
    attachment: Json = {
        "TransitGatewayAttachmentId": attachment_id,
        "TransitGatewayId": gateway_id,
        "VpcId": vpc_id,
        "VpcOwnerId": where[0],
        "State": "available",
        "SubnetIds": list(subnets),
        "Options": {
            "SecurityGroupReferencingSupport": "enable" if referencing else "disable",
            "Ipv6Support": "enable",
            "ApplianceModeSupport": "disable",
        },
    }
    world.place(where)["TransitGatewayVpcAttachments"].append(attachment)
    return attachment


def add_tgw_peering(world: World, attachment_id: str, requester: str, accepter: str) -> Json:
    """Two transit gateways peered: one attachment, with one id on both sides."""
    ends: list[Json] = []
    places: list[Where] = []
    for gateway_id in (requester, accepter):
        for where, gateway in world.every("TransitGateways"):
            if gateway["TransitGatewayId"] == gateway_id:
                ends.append(
                    {"TransitGatewayId": gateway_id, "OwnerId": where[0], "Region": where[1]}
                )
                places.append(where)
    attachment: Json = {
        "TransitGatewayAttachmentId": attachment_id,
        "RequesterTgwInfo": ends[0],
        "AccepterTgwInfo": ends[1],
        "State": "available",
    }
    for where in sorted(set(places)):
        world.place(where)["TransitGatewayPeeringAttachments"].append(attachment)
    return attachment


def tgw_route(
    destination: str,
    attachment_id: str | None,
    *,
    kind: str = "static",
    resource: str = "vpc",
    state: str | None = None,
) -> Json:
    """A route of a transit gateway; without an attachment a blackhole."""
    made: Json = {
        "DestinationCidrBlock": destination,
        "Type": kind,
        "State": state or ("blackhole" if attachment_id is None else "active"),
    }
    if attachment_id is not None:
        made["TransitGatewayAttachments"] = [
            {"TransitGatewayAttachmentId": attachment_id, "ResourceType": resource}
        ]
    return made


def add_tgw_table(
    world: World, gateway_id: str, table_id: str, attachments: tuple[str, ...], routes: list[Json]
) -> Json:
    """A transit gateway route table: who is associated with it, and its routes."""
    table: Json = {
        "TransitGatewayRouteTableId": table_id,
        "TransitGatewayId": gateway_id,
        "State": "available",
    }
    for where, gateway in list(world.every("TransitGateways")):
        if gateway["TransitGatewayId"] == gateway_id:
            place = world.place(where)
            place["TransitGatewayRouteTables"].append(table)
            place["TransitGatewayRouteTableAssociations"][table_id] = [
                {"TransitGatewayAttachmentId": name, "State": "associated"} for name in attachments
            ]
            place["TransitGatewayRoutes"][table_id] = routes
    return table


def add_prefix_list(world: World, list_id: str, *cidrs: str, where: Where = HERE) -> Json:
    """A managed prefix list with its entries."""
    made: Json = {
        "PrefixListId": list_id,
        "PrefixListName": list_id,
        "AddressFamily": "IPv6" if any(is_ipv6(cidr) for cidr in cidrs) else "IPv4",
        "State": "create-complete",
        "MaxEntries": max(1, len(cidrs)),
        "OwnerId": where[0],
    }
    world.place(where)["ManagedPrefixLists"].append(made)
    world.place(where)["ManagedPrefixListEntries"][list_id] = [{"Cidr": cidr} for cidr in cidrs]
    return made


def set_bpa(world: World, mode: str, *, where: Where = HERE) -> None:
    """VPC Block Public Access of an account in a region."""
    world.place(where)["VpcBlockPublicAccessOptions"].update(
        InternetGatewayBlockMode=mode, State="update-complete"
    )


def add_exclusion(world: World, exclusion_id: str, resource_id: str, mode: str) -> Json:
    """An exclusion from Block Public Access for a subnet or a VPC."""
    kind = "subnet" if resource_id.startswith("subnet-") else "vpc"
    vpc_id = world.subnet(resource_id)["VpcId"] if kind == "subnet" else resource_id
    where = world.home(vpc_id)
    exclusion: Json = {
        "ExclusionId": exclusion_id,
        "InternetGatewayExclusionMode": mode,
        "ResourceArn": f"arn:aws:ec2:{where[1]}:{where[0]}:{kind}/{resource_id}",
        "State": "create-complete",
    }
    world.place(where)["VpcBlockPublicAccessExclusions"].append(exclusion)
    return exclusion
