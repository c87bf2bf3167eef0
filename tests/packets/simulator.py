"""One packet and its reply, hop by hop, through a world of plain AWS JSON.

Written from AWS's documentation alone, to be checked against it line by line. It shares no code
with the engine. There are no sets of addresses here: a packet is at one place, the next rule says
where it goes or that it is dropped. Every drop names its rule; RULES says on which AWS page the
rule stands.

    send_from_internet(world, packet)                  the packet comes from the internet
    send_from_interface(world, interface_id, packet)   a network interface sends it

Two things the data cannot say are assumed and shown in the result: an appliance (an interface that
a route names as its target) forwards what it receives unchanged, and is listed in `through`; the
port that a NAT gateway picks is the argument `nat_port`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NoReturn

from packets.world import Address, Json, Network, Undecided, World, is_ipv6

_VPC = "https://docs.aws.amazon.com/vpc/latest/userguide/"
_TGW = "https://docs.aws.amazon.com/vpc/latest/tgw/"
_EC2_API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/"
_PEERING = "https://docs.aws.amazon.com/vpc/latest/peering/"

RULES: dict[str, str] = {
    "address.none": _VPC + "VPC_Internet_Gateway.html",
    "address.not_public_source": "https://www.iana.org/assignments/iana-ipv4-special-registry/",
    "address.private_ipv6": _EC2_API + "API_SubnetIpv6CidrBlockAssociation.html",
    "igw.none": _VPC + "VPC_Internet_Gateway.html",
    "igw.no_public_address": _VPC + "VPC_Internet_Gateway.html",
    "igw.deny_all": _EC2_API + "API_NetworkInterface.html",
    "bpa.blocked": _VPC + "security-vpc-bpa-basics.html",
    "route.none": _VPC + "RouteTables.html",
    "route.blackhole": _EC2_API + "API_Route.html",
    "route.reserved": _VPC + "subnet-route-tables.html",
    "route.gateway_endpoint": "https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html",
    "route.loop": _VPC + "route-tables-priority.html",
    "local.no_interface": _VPC + "subnet-route-tables.html",
    "acl.inbound": _VPC + "nacl-basics.html",
    "acl.outbound": _VPC + "nacl-basics.html",
    "group.inbound": _VPC + "security-group-rules.html",
    "group.outbound": _VPC + "security-group-rules.html",
    "interface.not_in_use": _EC2_API + "API_NetworkInterface.html",
    "interface.not_running": _VPC + "gateway-route-tables.html",
    "interface.never_inbound": _VPC + "vpc-nat-gateway.html",
    "interface.source_dest_check": _VPC + "route-table-options.html",
    "interface.appliance_not_public": _VPC + "gateway-route-tables.html",
    "nat.not_available": _EC2_API + "API_NatGateway.html",
    "nat.protocol": _VPC + "nat-gateway-basics.html",
    "nat.private_to_igw": _VPC + "vpc-nat-gateway.html",
    "nat.unsolicited": _VPC + "vpc-nat-gateway.html",
    "eigw.none": _VPC + "egress-only-internet-gateway.html",
    "eigw.ipv4": _VPC + "egress-only-internet-gateway.html",
    "peering.not_active": _PEERING + "vpc-peering-basics.html",
    "peering.transitive": _PEERING + "vpc-peering-basics.html",
    "tgw.not_attached": _TGW + "tgw-vpc-attachments.html",
    "tgw.zone": _TGW + "tgw-vpc-attachments.html",
    "tgw.ipv6": _TGW + "tgw-vpc-attachments.html",
    "tgw.not_associated": _TGW + "how-transit-gateways-work.html",
    "tgw.no_route": _TGW + "how-transit-gateways-work.html",
    "tgw.blackhole": _TGW + "how-transit-gateways-work.html",
    "tgw.peering_not_available": _TGW + "tgw-peering.html",
    "reply.asymmetric": _VPC + "gateway-route-tables.html",
    "reply.not_the_same_addresses": _VPC + "vpc-nat-gateway.html",
}
"""Each way to drop a packet, and the AWS page it stands on."""

TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58

INTERNET = "internet"

MAX_HOPS = 40


@dataclass(frozen=True)
class Packet:
    """One concrete packet. Protocol is the IANA number; ports for TCP and UDP; type and code for
    ICMP and ICMPv6."""

    protocol: int
    source: str
    destination: str
    source_port: int | None = None
    destination_port: int | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None

    def reply(self) -> Packet | None:
        """What the receiver answers. Echo is the only ICMP message that is answered."""
        turned = replace(
            self,
            source=self.destination,
            destination=self.source,
            source_port=self.destination_port,
            destination_port=self.source_port,
        )
        if self.protocol == ICMP:
            return replace(turned, icmp_type=0, icmp_code=0) if self.icmp_type == 8 else None
        if self.protocol == ICMPV6:
            return replace(turned, icmp_type=129, icmp_code=0) if self.icmp_type == 128 else None
        return turned


@dataclass(frozen=True)
class Walk:
    """Where one packet went. `arrived`: an interface, or INTERNET, or None when it was dropped at
    `place` by `rule` (a key of RULES). `through`: appliances that must forward it."""

    arrived: str | None
    packet: Packet
    place: str
    rule: str
    hops: tuple[str, ...]
    through: tuple[str, ...]

    @property
    def delivered(self) -> bool:
        return self.arrived is not None


@dataclass(frozen=True)
class Result:
    """The walk of the packet and of its reply (None: not delivered, or nothing to answer)."""

    request: Walk
    reply: Walk | None

    @property
    def delivered(self) -> bool:
        return self.request.delivered

    @property
    def replied(self) -> bool:
        return self.reply is not None and self.reply.delivered


def send_from_internet(
    world: World, packet: Packet, *, nat_port: int = 40000, far_side: bool = False
) -> Result:
    """A host on the internet sends the packet to a public IPv4 address or an IPv6 address.

    `far_side`: appliances with an interface in another subnet send on by that one.
    """
    walk = _Walker(world, nat_port, origin=None, far_side=far_side)
    return _conversation(walk, packet, lambda: walk.enter(packet))


def send_from_interface(
    world: World,
    interface_id: str,
    packet: Packet,
    *,
    nat_port: int = 40000,
    far_side: bool = False,
) -> Result:
    """The host behind the network interface sends the packet; `far_side` as above."""
    interface = world.interface(interface_id)
    walk = _Walker(world, nat_port, origin=interface, far_side=far_side)
    return _conversation(walk, packet, lambda: walk.send(interface, packet))


def _conversation(walk: _Walker, packet: Packet, start: Callable[[], NoReturn]) -> Result:
    request = walk.run(packet, start)
    if request.arrived is None:
        return Result(request, None)
    answer = request.packet.reply()
    if answer is None:
        return Result(request, None)
    back = _Walker(walk.world, walk.nat_port, origin=None, request=walk, far_side=walk.far_side)
    if request.arrived == INTERNET:
        reply = back.run(answer, lambda: back.enter(answer))
    else:
        receiver = walk.world.interface(request.arrived)
        back.origin = receiver
        reply = back.run(answer, lambda: back.send(receiver, answer))
    if reply.arrived is None:
        return Result(request, reply)
    # The sender takes for the reply only what comes back to it from the address that it wrote to.
    expected = INTERNET if walk.origin is None else walk.origin["NetworkInterfaceId"]
    if reply.arrived != expected or reply.packet != packet.reply():
        return Result(request, _refused(reply, "reply.not_the_same_addresses"))
    # "When you route traffic through a middlebox appliance, the return traffic from the destination
    # subnet must be routed through the same appliance. Asymmetric routing is not supported."
    # https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html
    if back.machines != list(reversed(walk.machines)):
        return Result(request, _refused(reply, "reply.asymmetric"))
    return Result(request, reply)


def _refused(reply: Walk, rule: str) -> Walk:
    return replace(reply, arrived=None, place=str(reply.arrived), rule=rule)


class _Dropped(Exception):
    def __init__(self, rule: str, place: str) -> None:
        assert rule in RULES, rule
        self.rule = rule
        self.place = place


class _Arrived(Exception):
    def __init__(self, where: str, packet: Packet) -> None:
        self.where = where
        self.packet = packet


@dataclass
class _Walker:
    """One packet on its way. `request` is the finished walk that a reply answers."""

    world: World
    nat_port: int
    origin: Json | None
    request: _Walker | None = None
    far_side: bool = False
    hops: list[str] = field(default_factory=list)
    through: list[str] = field(default_factory=list)
    machines: list[str] = field(default_factory=list)
    """The same appliances as instances, which may have several interfaces."""
    crossed: list[str] = field(default_factory=list)
    """Peering connections, transit gateways, NAT gateways and appliances passed, in order."""
    admitted: list[str] = field(default_factory=list)
    """Interfaces whose security groups let the packet pass: they remember the connection."""
    past_bpa: list[str] = field(default_factory=list)
    """Subnets whose internet traffic Block Public Access let pass."""
    translated: list[tuple[str, Packet, Packet]] = field(default_factory=list)
    """(NAT gateway, packet before, packet after)."""
    by_egress_only: list[str] = field(default_factory=list)
    """IPv6 sources that left through an egress-only internet gateway."""
    only_by_reference: bool = False
    """The sender's outbound rules let it pass by naming the receiver's group only."""

    def run(self, packet: Packet, start: Callable[[], NoReturn]) -> Walk:
        try:
            start()
        except _Arrived as arrival:
            return self._walk(arrival.where, arrival.packet, arrival.where, "")
        except _Dropped as drop:
            return self._walk(None, packet, drop.place, drop.rule)

    def _walk(self, arrived: str | None, packet: Packet, place: str, rule: str) -> Walk:
        return Walk(arrived, packet, place, rule, tuple(self.hops), tuple(self.through))

    def hop(self, text: str) -> None:
        self.hops.append(text)
        # Routes that lead in a circle never deliver.
        if len(self.hops) > MAX_HOPS:
            raise _Dropped("route.loop", text)

    # ------------------------------------------------------------------ from the internet

    def enter(self, packet: Packet) -> NoReturn:
        """A packet on the internet comes to an address of AWS."""
        self.hop(f"internet: to {packet.destination}")
        if not public_address(packet.source):
            raise _Dropped("address.not_public_source", packet.source)
        if is_ipv6(packet.destination):
            interface, inside = self._holder_of_ipv6(packet.destination), packet.destination
        else:
            interface, inside = self._holder_of_public_ipv4(packet.destination)
        vpc_id = interface["VpcId"]
        subnet = self.world.subnet(interface["SubnetId"])
        # An egress-only gateway "forwards traffic from the instances in the subnet to the internet
        # or other AWS services, and then sends the response back to the instances".
        # https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
        if self.request is not None and inside in self.request.by_egress_only:
            self._deny_all_igw(interface)
            self._acl("inbound", subnet, packet)
            self.arrive(interface, packet)
        # "resources on the internet can initiate a connection to resources in your subnet using the
        # public IPv4 address or IPv6 address": needs an internet gateway attached to the VPC.
        # https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
        gateway = self._internet_gateway(vpc_id)
        self._deny_all_igw(interface)
        # "traffic that's destined for the public IPv4 address ... has its destination address
        # translated into the instance's private IPv4 address before the traffic is delivered to the
        # VPC". https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
        packet = replace(packet, destination=inside)
        self.hop(f"{gateway}: to {inside}")
        self._enter_vpc(gateway, vpc_id, subnet, interface, packet)

    def _enter_vpc(
        self, gateway: str, vpc_id: str, subnet: Json, interface: Json, packet: Packet
    ) -> NoReturn:
        # "You can associate a route table with an internet gateway ... for fine-grain control over
        # the routing path of traffic entering your VPC."
        # https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html
        table = self._edge_table(gateway, vpc_id)
        target = "local" if table is None else self._route_target(table, packet)
        if target == "local":
            self._bpa(subnet, "igw")
            self._acl("inbound", subnet, packet)
            self.arrive(interface, packet)
        if target.startswith("vpce-"):
            raise Undecided(f"{target}: what the inspection behind the endpoint lets pass")
        if not target.startswith("eni-"):
            raise _Dropped("route.none", gateway)
        # "the target network interface must be attached to a running instance. For traffic that
        # flows through an internet gateway, the target network interface must also have a public IP
        # address". https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html
        appliance = self.world.interface(target)
        publics = [each.get("PublicIp") for each in _associations(appliance)]
        if not any(publics) and not is_ipv6(packet.destination):
            raise _Dropped("interface.appliance_not_public", target)
        # "If you are routing incoming and outgoing traffic through an appliance ... that subnet
        # needs to be an exclusion": the appliance's subnet counts, not the one behind it.
        # https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html
        appliance_subnet = self.world.subnet(appliance["SubnetId"])
        self._bpa(appliance_subnet, "igw")
        self._acl("inbound", appliance_subnet, packet)
        self.arrive(appliance, packet)

    def _holder_of_public_ipv4(self, public: str) -> tuple[Json, str]:
        """The interface whose private address the public one is mapped to.

        https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterfaceAssociation.html
        (CarrierIp and CustomerOwnedIp are other networks, not the internet.)
        """
        for _, interface in self.world.every("NetworkInterfaces"):
            for private in interface.get("PrivateIpAddresses", []):
                if private.get("Association", {}).get("PublicIp") == public:
                    return interface, private["PrivateIpAddress"]
            if interface.get("Association", {}).get("PublicIp") == public:
                return interface, interface["PrivateIpAddress"]
        for where in self.world.lacking("NetworkInterfaces"):
            raise Undecided(f"{public}: NetworkInterfaces of {where} not collected")
        raise _Dropped("address.none", public)

    def _holder_of_ipv6(self, address: str) -> Json:
        """The interface with the IPv6 address, if the address is advertised on the internet."""
        for _, interface in self.world.every("NetworkInterfaces"):
            if holds(interface, address):
                self._advertised(interface, address)
                return interface
        for where in self.world.lacking("NetworkInterfaces"):
            raise Undecided(f"{address}: NetworkInterfaces of {where} not collected")
        raise _Dropped("address.none", address)

    def _advertised(self, interface: Json, address: str) -> None:
        # Ipv6AddressAttribute: "Public IPv6 addresses are those advertised on the internet from
        # AWS. Private IP addresses are not and cannot be advertised on the internet from AWS."
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SubnetIpv6CidrBlockAssociation.html
        if not public_address(address):
            raise _Dropped("address.private_ipv6", address)
        subnet = self.world.subnet(interface["SubnetId"])
        for block in subnet.get("Ipv6CidrBlockAssociationSet", []):
            inside = _address(address) in _network(block["Ipv6CidrBlock"])
            if inside and block.get("Ipv6AddressAttribute") == "private":
                raise _Dropped("address.private_ipv6", address)

    def _deny_all_igw(self, interface: Json) -> None:
        # DenyAllIgwTraffic: "If the value is true, inbound traffic from the internet is dropped".
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html
        if interface.get("DenyAllIgwTraffic"):
            raise _Dropped("igw.deny_all", interface["NetworkInterfaceId"])

    def _internet_gateway(self, vpc_id: str) -> str:
        # "For an internet gateway, the state is available when attached to a VPC".
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InternetGatewayAttachment.html
        for _, gateway in self.world.every("InternetGateways"):
            for attachment in gateway.get("Attachments", []):
                if attachment.get("VpcId") != vpc_id:
                    continue
                if attachment.get("State") in ("available", "attached"):
                    found: str = gateway["InternetGatewayId"]
                    return found
        if self.world.lacks("InternetGateways", self.world.home(vpc_id)):
            raise Undecided(f"{vpc_id}: InternetGateways not collected")
        raise _Dropped("igw.none", vpc_id)

    # ------------------------------------------------------------------ from an interface

    def send(self, interface: Json, packet: Packet) -> NoReturn:
        """The host behind the interface puts the packet on the wire."""
        name = interface["NetworkInterfaceId"]
        self.hop(f"{name}: sends to {packet.destination}")
        self._working(interface)
        # Source checking: the interface must be the source of what it sends.
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html
        if interface.get("SourceDestCheck") is None:
            raise Undecided(f"{name}: SourceDestCheck not collected")
        if interface["SourceDestCheck"] and not holds(interface, packet.source):
            raise _Dropped("interface.source_dest_check", name)
        self._groups("outbound", interface, packet)
        subnet = self.world.subnet(interface["SubnetId"])
        # "Traffic that is destined for the MAC address of another network interface in the subnet
        # makes use of data link (layer 2) routing instead of network (layer 3) so the rules do not
        # apply to this traffic."
        # https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html "We evaluate
        # the network ACL rules when traffic enters and leaves the subnet, not as it is routed
        # within a subnet." https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html
        if in_subnet(subnet, packet.destination):
            self.arrive(self._local_interface(subnet["VpcId"], packet.destination), packet)
        self.forward(subnet, packet, nat=None)

    def forward(self, subnet: Json, packet: Packet, *, nat: Json | None) -> NoReturn:
        """The VPC's router takes the packet that leaves a subnet and follows its route table.

        `nat`: the NAT gateway that sends the packet, if one does.
        """
        vpc_id = subnet["VpcId"]
        table = self._subnet_table(subnet)
        target = self._route_target(table, packet)
        self.hop(f"{table['RouteTableId']}: {packet.destination} to {target}")
        # A connection that came in by the internet gateway is answered by the internet gateway: any
        # other way out carries another source address (a NAT gateway's) or no public one.
        # "Asymmetric routing is not supported."
        # https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html
        kind = target.split("-")[0]
        from_internet = self.request is not None and self.request.origin is None
        if from_internet and kind not in ("local", "igw", "eni"):
            raise _Dropped("reply.asymmetric", target)
        if kind == "local":
            receiver = self._local_interface(vpc_id, packet.destination)
            self._between_subnets(subnet, receiver["SubnetId"], packet)
            self.arrive(receiver, packet)
        if kind == "eni":
            appliance = self.world.interface(target)
            self._between_subnets(subnet, appliance["SubnetId"], packet)
            self.arrive(appliance, packet)
        if kind == "igw":
            self._acl("outbound", subnet, packet)
            self._leave_by_igw(target, subnet, packet, nat)
        if kind == "eigw":
            self._acl("outbound", subnet, packet)
            self._leave_by_eigw(target, subnet, packet)
        if kind == "nat":
            self._to_nat(target, subnet, packet)
        if kind == "pcx":
            self._acl("outbound", subnet, packet)
            self._over_peering(target, vpc_id, packet, nat)
        if kind == "tgw":
            self._acl("outbound", subnet, packet)
            self._over_tgw(target, subnet, packet)
        if kind == "vpce":
            raise Undecided(f"{target}: what the inspection behind the endpoint lets pass")
        raise Undecided(f"{target}: the network behind it is not in the data")

    def _local_interface(self, vpc_id: str, address: str) -> Json:
        """The interface in the VPC that has the address."""
        for _, interface in self.world.every("NetworkInterfaces"):
            if interface["VpcId"] == vpc_id and holds(interface, address):
                return interface
        for where in self.world.lacking("NetworkInterfaces"):
            raise Undecided(f"{address}: NetworkInterfaces of {where} not collected")
        raise _Dropped("local.no_interface", address)

    def _between_subnets(self, source: Json, subnet_id: str, packet: Packet) -> None:
        # "We evaluate the network ACL rules when traffic enters and leaves the subnet, not as it is
        # routed within a subnet." https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html
        if source["SubnetId"] != subnet_id:
            self._acl("outbound", source, packet)
            self._acl("inbound", self.world.subnet(subnet_id), packet)

    # ------------------------------------------------------------------ at an interface

    def arrive(self, interface: Json, packet: Packet) -> NoReturn:
        """The packet is at an interface: its own, or one that must forward it."""
        name = interface["NetworkInterfaceId"]
        self.hop(f"{name}: receives from {packet.source}")
        kind = interface.get("InterfaceType")
        if kind is None:
            raise Undecided(f"{name}: InterfaceType not collected")
        if kind in ("nat_gateway", "natGateway"):
            self._back_at_nat(interface, packet)
        self._working(interface)
        # A transit gateway's and a Gateway Load Balancer endpoint's interface only carry what
        # routes send into them;
        # https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html,
        # https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-load-balancer-endpoints.html
        # "Inbound network connections are blocked by AWS Lambda":
        # https://aws.amazon.com/lambda/faqs/
        never = ["transit_gateway", "gateway_load_balancer_endpoint", "lambda"]
        # An interface endpoint serves its VPC and networks connected to it, not the internet,
        # https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
        # but by Elastic IPs, which over IPv4 are the only way in from there:
        # https://docs.aws.amazon.com/transfer/latest/userguide/create-server-in-vpc.html
        if self.request is None and self.origin is None and ":" in packet.destination:
            never.append("vpc_endpoint")
        if kind in never and self.request is None:
            raise _Dropped("interface.never_inbound", name)
        mine = holds(interface, packet.destination)
        if not mine:
            # "You must disable source/destination checking on the appliance."
            # https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html
            if interface.get("SourceDestCheck") is None:
                raise Undecided(f"{name}: SourceDestCheck not collected")
            if interface["SourceDestCheck"]:
                raise _Dropped("interface.source_dest_check", name)
            if self.only_by_reference:
                raise Undecided("an outbound rule names a group, the way leads over an appliance")
        self._groups("inbound", interface, packet)
        if mine:
            raise _Arrived(name, packet)
        # Assumed: the appliance forwards it. "The appliance does not have to perform NAT."
        # https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html
        self.through.append(name)
        self.crossed.append(name)
        self.machines.append(interface.get("Attachment", {}).get("InstanceId") or name)
        self.send(self._way_on(interface), packet)

    def _way_on(self, interface: Json) -> Json:
        """The interface by which an appliance sends on what came in by this one.

        "You can attach a network interface to an instance in a different subnet": which of them its
        own routes choose is not in the data.
        https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/scenarios-enis.html
        """
        instance = interface.get("Attachment", {}).get("InstanceId")
        if not self.far_side or instance is None:
            return interface
        for _, other in self.world.every("NetworkInterfaces"):
            same = other.get("Attachment", {}).get("InstanceId") == instance
            if same and other["SubnetId"] != interface["SubnetId"]:
                return other
        return interface

    def _working(self, interface: Json) -> None:
        # Status in-use: attached.
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html
        name = interface["NetworkInterfaceId"]
        status = interface.get("Status")
        if status is None:
            raise Undecided(f"{name}: Status not collected")
        if status not in ("in-use", "associated"):
            raise _Dropped("interface.not_in_use", name)
        # "the target network interface must be attached to a running instance"; a stopped instance
        # neither receives nor sends.
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Stop_Start.html
        instance_id = interface.get("Attachment", {}).get("InstanceId")
        if instance_id is not None:
            instance = self.world.need("Instances", "InstanceId", instance_id)
            if instance["State"]["Name"] != "running":
                raise _Dropped("interface.not_running", name)

    # ------------------------------------------------------------------ gateways

    def _leave_by_igw(
        self, gateway_id: str, subnet: Json, packet: Packet, nat: Json | None
    ) -> NoReturn:
        vpc_id = subnet["VpcId"]
        # The gateway of a route must be attached to the VPC; a route to a detached one is a
        # blackhole. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
        if self._internet_gateway(vpc_id) != gateway_id:
            raise _Dropped("igw.none", gateway_id)
        # "if you route traffic from the private NAT gateway to the internet gateway, the internet
        # gateway drops the traffic".
        # https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
        if nat is not None and nat.get("ConnectivityType", "public") == "private":
            raise _Dropped("nat.private_to_igw", gateway_id)
        self._bpa(subnet, "igw" if nat is None else "nat")
        public = self._public_source(vpc_id, packet)
        if public is None:
            # "Instances in the private subnet can't communicate with the internet over the internet
            # gateway"; "the resource has a public IPv4 address or an IPv6 address" is a condition.
            # https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
            if self.through and self.request is None:
                raise Undecided(f"{self.through[-1]}: whether the appliance translates addresses")
            raise _Dropped("igw.no_public_address", packet.source)
        # "when traffic leaves your VPC subnet and goes to the internet, the reply address field is
        # set to the public IPv4 address".
        # https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
        self._on_the_internet(replace(packet, source=public))

    def _public_source(self, vpc_id: str, packet: Packet) -> str | None:
        for _, interface in self.world.every("NetworkInterfaces"):
            if interface["VpcId"] != vpc_id or not holds(interface, packet.source):
                continue
            # Another VPC's sender may have an address that an interface here has too.
            own = self.origin is None or interface == self.origin
            if not own and interface.get("InterfaceType") not in ("nat_gateway", "natGateway"):
                continue
            if is_ipv6(packet.source):
                self._advertised(interface, packet.source)
                return packet.source
            for private in interface.get("PrivateIpAddresses", []):
                if private["PrivateIpAddress"] == packet.source:
                    public: str | None = private.get("Association", {}).get("PublicIp")
                    if public is None and interface.get("PrivateIpAddress") == packet.source:
                        public = interface.get("Association", {}).get("PublicIp")
                    return public
        return None

    def _leave_by_eigw(self, gateway_id: str, subnet: Json, packet: Packet) -> NoReturn:
        # https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
        # "for use with IPv6 traffic only".
        if not is_ipv6(packet.destination):
            raise _Dropped("eigw.ipv4", gateway_id)
        gateway = self.world.need(
            "EgressOnlyInternetGateways", "EgressOnlyInternetGatewayId", gateway_id
        )
        for attachment in gateway.get("Attachments", []):
            if attachment.get("VpcId") == subnet["VpcId"] and attachment.get("State") in (
                "attached",
                "available",
            ):
                break
        else:
            raise _Dropped("eigw.none", gateway_id)
        self._bpa(subnet, "eigw")
        if self._public_source(subnet["VpcId"], packet) is None:
            raise _Dropped("igw.no_public_address", packet.source)
        self.by_egress_only.append(packet.source)
        self._on_the_internet(packet)

    def _on_the_internet(self, packet: Packet) -> NoReturn:
        """Out: to a host we do not know, or back in to a public address of this world."""
        if not public_address(packet.destination):
            raise _Dropped("route.none", INTERNET)
        for _, interface in self.world.every("NetworkInterfaces"):
            publics = [each.get("PublicIp") for each in _associations(interface)]
            publics += [each["Ipv6Address"] for each in interface.get("Ipv6Addresses", [])]
            if packet.destination in publics:
                self.crossed.append(INTERNET)
                self.enter(packet)
        raise _Arrived(INTERNET, packet)

    def _to_nat(self, gateway_id: str, source: Json, packet: Packet) -> NoReturn:
        nat = self.world.need("NatGateways", "NatGatewayId", gateway_id)
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html
        if nat.get("State") != "available":
            raise _Dropped("nat.not_available", gateway_id)
        if nat.get("AvailabilityMode") == "regional" or "SubnetId" not in nat:
            raise Undecided(f"{gateway_id}: a regional NAT gateway has no subnet")
        if is_ipv6(packet.destination):
            # NAT64 serves 64:ff9b::/96 only.
            # https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
            if _address(packet.destination) in ipaddress.ip_network("64:ff9b::/96"):
                raise Undecided("NAT64 is not simulated")
            raise _Dropped("nat.protocol", gateway_id)
        # "A NAT gateway supports the following protocols: TCP, UDP, and ICMP."
        # https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html
        if packet.protocol not in (TCP, UDP, ICMP):
            raise _Dropped("nat.protocol", gateway_id)
        self._between_subnets(source, nat["SubnetId"], packet)
        # A reply that meets a NAT gateway which did not translate its request.
        # "cannot receive unsolicited inbound connections"; it would also change the source.
        # https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
        if self.request is not None:
            raise _Dropped("reply.not_the_same_addresses", gateway_id)
        self.hop(f"{gateway_id}: translates {packet.source}")
        self.crossed.append(gateway_id)
        # "The NAT gateway replaces the source IP address of the instances with the IP address of
        # the NAT gateway"; "NAT gateways use ports 1024-65535".
        addresses = nat["NatGatewayAddresses"]
        primary = [each for each in addresses if each.get("IsPrimary")] or addresses
        after = replace(packet, source=primary[0]["PrivateIp"])
        if packet.source_port is not None:
            after = replace(after, source_port=self.nat_port)
        self.translated.append((gateway_id, packet, after))
        self.forward(self.world.subnet(nat["SubnetId"]), after, nat=nat)

    def _back_at_nat(self, interface: Json, packet: Packet) -> NoReturn:
        """A packet to a NAT gateway's own address: an answer to what it translated, or nothing."""
        name = interface["NetworkInterfaceId"]
        for gateway_id, before, after in self.request.translated if self.request else []:
            if packet == after.reply():
                nat = self.world.need("NatGateways", "NatGatewayId", gateway_id)
                answer = before.reply()
                assert answer is not None
                self.hop(f"{gateway_id}: translates back to {answer.destination}")
                # "When sending response traffic to the instances, the NAT device translates the
                # addresses back to the original source IP address."
                # https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
                self._from_nat_back(nat, answer)
        # "cannot receive unsolicited inbound connections from the internet"
        # https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
        raise _Dropped("nat.unsolicited", name)

    def _from_nat_back(self, nat: Json, packet: Packet) -> NoReturn:
        subnet = self.world.subnet(nat["SubnetId"])
        if in_subnet(subnet, packet.destination):
            self.arrive(self._local_interface(subnet["VpcId"], packet.destination), packet)
        self.forward(subnet, packet, nat=nat)

    # ------------------------------------------------------------------ other VPCs

    def _over_peering(
        self, peering_id: str, vpc_id: str, packet: Packet, nat: Json | None
    ) -> NoReturn:
        peering = self.world.find("VpcPeeringConnections", "VpcPeeringConnectionId", peering_id)
        # https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html (lifecycle)
        if peering is None or peering["Status"]["Code"] != "active":
            raise _Dropped("peering.not_active", peering_id)
        ends = [peering["RequesterVpcInfo"]["VpcId"], peering["AccepterVpcInfo"]["VpcId"]]
        if vpc_id not in ends:
            raise _Dropped("peering.not_active", peering_id)
        other = ends[1] if ends[0] == vpc_id else ends[0]
        if nat is not None:
            raise Undecided("AWS does not say whether a NAT gateway may send over a peering")
        # "VPC peering does not support transitive peering relationships": only what this VPC itself
        # sends goes to the other. Another VPC may have the same addresses: where the sender stands
        # counts too.
        # https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
        foreign = self.origin is None or self.origin["VpcId"] != vpc_id
        if foreign or not in_vpc(self.world.vpc(vpc_id), packet.source):
            raise _Dropped("peering.transitive", peering_id)
        self.hop(f"{peering_id}: to {other}")
        self.crossed.append(peering_id)
        # ... and only to the other VPC itself: "Edge to edge routing through a gateway or private
        # connection" (its internet gateway, NAT device, VPN, endpoints, other peerings) is not
        # supported. https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
        if not in_vpc(self.world.vpc(other), packet.destination):
            raise _Dropped("peering.transitive", peering_id)
        receiver = self._local_interface(other, packet.destination)
        self._acl("inbound", self.world.subnet(receiver["SubnetId"]), packet)
        self.arrive(receiver, packet)

    def _over_tgw(self, gateway_id: str, subnet: Json, packet: Packet) -> NoReturn:
        attachment = self._vpc_attachment(gateway_id, subnet["VpcId"])
        name = attachment["TransitGatewayAttachmentId"]
        self._tgw_ipv6(attachment, packet)
        # "traffic is forwarded to the transit gateway only when the transit gateway has an
        # attachment in a subnet in the same Availability Zone."
        # https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
        zone = subnet["AvailabilityZoneId"]
        for subnet_id in attachment["SubnetIds"]:
            entry = self.world.subnet(subnet_id)
            if entry["AvailabilityZoneId"] == zone:
                # "Outbound rules for the EC2 instance subnet use the destination IP address for
                # evaluation. Inbound rules for the transit gateway subnet use the source IP address
                # for evaluation." (both also when it is the same subnet)
                # https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html
                self._acl("inbound", entry, packet)
                break
        else:
            raise _Dropped("tgw.zone", name)
        self.crossed.append(gateway_id)
        self._in_tgw(gateway_id, name, zone, packet)

    def _vpc_attachment(self, gateway_id: str, vpc_id: str) -> Json:
        for _, attachment in self.world.every("TransitGatewayVpcAttachments"):
            if attachment["TransitGatewayId"] == gateway_id and attachment["VpcId"] == vpc_id:
                if attachment["State"] != "available":
                    raise _Dropped("tgw.not_attached", attachment["TransitGatewayAttachmentId"])
                return attachment
        if self.world.lacks("TransitGatewayVpcAttachments", self.world.home(vpc_id)):
            raise Undecided(f"{vpc_id}: TransitGatewayVpcAttachments not collected")
        raise _Dropped("tgw.not_attached", gateway_id)

    def _tgw_ipv6(self, attachment: Json, packet: Packet) -> None:
        # Options.Ipv6Support of the attachment.
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayVpcAttachmentOptions.html
        if is_ipv6(packet.destination) and attachment["Options"].get("Ipv6Support") != "enable":
            raise _Dropped("tgw.ipv6", attachment["TransitGatewayAttachmentId"])

    def _in_tgw(self, gateway_id: str, attachment_id: str, zone: str, packet: Packet) -> NoReturn:
        """The transit gateway routes what came in by an attachment."""
        # "When a packet comes from one attachment, it is routed to another attachment using the
        # route that matches the destination IP address", in the table that the attachment it came
        # by is associated with.
        # https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
        table_id = self._association(gateway_id, attachment_id)
        chosen = choose_tgw_route(
            self.world, self.world.entries("TransitGatewayRoutes", table_id), packet.destination
        )
        if chosen is None:
            raise _Dropped("tgw.no_route", table_id)
        # "You can create a blackhole route in your transit gateway route table that drops traffic
        # that matches the route."
        if chosen["State"] == "blackhole":
            raise _Dropped("tgw.blackhole", table_id)
        targets = chosen.get("TransitGatewayAttachments", [])
        if len(targets) != 1:
            raise Undecided(f"{table_id}: several attachments for {packet.destination}")
        target = targets[0]["TransitGatewayAttachmentId"]
        kind = targets[0].get("ResourceType")
        self.hop(f"{table_id}: {packet.destination} to {target}")
        if kind == "vpc":
            self._out_of_tgw(target, zone, packet)
        if kind == "peering":
            self._to_peer_tgw(gateway_id, target, zone, packet)
        raise Undecided(f"{target}: the network behind it is not in the data")

    def _association(self, gateway_id: str, attachment_id: str) -> str:
        # "You can associate a transit gateway attachment with a single route table."
        # https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
        tables = [
            table["TransitGatewayRouteTableId"]
            for _, table in self.world.every("TransitGatewayRouteTables")
            if table["TransitGatewayId"] == gateway_id
        ]
        for table_id in tables:
            for each in self.world.entries("TransitGatewayRouteTableAssociations", table_id):
                if each["TransitGatewayAttachmentId"] != attachment_id:
                    continue
                if each["State"] == "associated":
                    found: str = table_id
                    return found
        # Only the owner sees a transit gateway's tables.
        gateway = self.world.need("TransitGateways", "TransitGatewayId", gateway_id)
        for where, place in self.world.places.items():
            if where[0] == gateway["OwnerId"] and "TransitGatewayRouteTables" in place:
                raise _Dropped("tgw.not_associated", attachment_id)
        raise Undecided(f"{gateway_id}: its owner's route tables not collected")

    def _out_of_tgw(self, attachment_id: str, zone: str, packet: Packet) -> NoReturn:
        """The packet comes into a VPC at the subnet of the transit gateway's attachment."""
        attachment = self.world.need(
            "TransitGatewayVpcAttachments", "TransitGatewayAttachmentId", attachment_id
        )
        if attachment["State"] != "available":
            raise _Dropped("tgw.not_attached", attachment_id)
        self._tgw_ipv6(attachment, packet)
        entries = [self.world.subnet(each) for each in attachment["SubnetIds"]]
        same = [each for each in entries if each["AvailabilityZoneId"] == zone]
        # "If traffic is sourced from an Availability Zone that the destination attachment is not
        # present in, AWS Transit Gateway will internally route that traffic to a random
        # Availability Zone where the attachment is present." With appliance mode any zone may be
        # used.
        # https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
        if same and attachment["Options"].get("ApplianceModeSupport") != "enable":
            entries = same
        if len({self._behaviour(each, packet) for each in entries}) > 1:
            raise Undecided(f"{attachment_id}: the zone is random and the subnets differ")
        # The route table of the attachment's subnet applies ("The same route table is used for ...
        # the traffic that comes through the transit gateway to your VPC"). Network ACLs: "Outbound
        # rules for the transit gateway subnet use the destination IP address"; its inbound rules
        # "are not evaluated"; nothing is when the receiver is in that same subnet.
        # https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html
        self.forward(entries[0], packet, nat=None)

    def _behaviour(self, subnet: Json, packet: Packet) -> tuple[str, str, bool]:
        """What can differ between two subnets of an attachment."""
        table = self._subnet_table(subnet)["RouteTableId"]
        acl = self._acl_of(subnet)["NetworkAclId"]
        return table, acl, in_subnet(subnet, packet.destination)

    def _to_peer_tgw(
        self, gateway_id: str, attachment_id: str, zone: str, packet: Packet
    ) -> NoReturn:
        # "Traffic that's routed to the peer transit gateway can then be routed to the VPC and VPN
        # attachments for the peer transit gateway."
        # https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
        attachment = self.world.need(
            "TransitGatewayPeeringAttachments", "TransitGatewayAttachmentId", attachment_id
        )
        if attachment["State"] != "available":
            raise _Dropped("tgw.peering_not_available", attachment_id)
        ends = [
            attachment["RequesterTgwInfo"]["TransitGatewayId"],
            attachment["AccepterTgwInfo"]["TransitGatewayId"],
        ]
        peer = ends[1] if ends[0] == gateway_id else ends[0]
        self.hop(f"{attachment_id}: to {peer}")
        self.crossed.append(peer)
        self._in_tgw(peer, attachment_id, zone, packet)

    # ------------------------------------------------------------------ route tables

    def _subnet_table(self, subnet: Json) -> Json:
        # "You can explicitly associate a subnet with a particular route table. Otherwise, the
        # subnet is implicitly associated with the main route table."
        # https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html
        for _, table in self.world.every("RouteTables"):
            for association in table.get("Associations", []):
                if association.get("SubnetId") != subnet["SubnetId"]:
                    continue
                if association.get("AssociationState", {}).get("State") == "associated":
                    return table
        home = self.world.home(subnet["VpcId"])
        if self.world.lacks("RouteTables", home):
            raise Undecided(f"{subnet['VpcId']}: RouteTables of {home} not collected")
        mains: list[Json] = []
        for table in self.world.places[home]["RouteTables"]:
            if table["VpcId"] == subnet["VpcId"]:
                mains += [table for each in table.get("Associations", []) if each.get("Main")]
        if len(mains) != 1:
            raise Undecided(f"{subnet['VpcId']}: {len(mains)} main route tables")
        return mains[0]

    def _edge_table(self, gateway_id: str, vpc_id: str) -> Json | None:
        for _, table in self.world.every("RouteTables"):
            for association in table.get("Associations", []):
                if association.get("GatewayId") != gateway_id:
                    continue
                if association.get("AssociationState", {}).get("State") == "associated":
                    return table
        home = self.world.home(vpc_id)
        if self.world.lacks("RouteTables", home):
            raise Undecided(f"{vpc_id}: RouteTables of {home} not collected")
        return None

    def _route_target(self, table: Json, packet: Packet) -> str:
        # "packets destined for addresses in 169.254.168.0/22 will not be forwarded"; the same for
        # fd00:ec2::/32. https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html
        for reserved in ("169.254.168.0/22", "fd00:ec2::/32"):
            if _inside(packet.destination, reserved):
                raise _Dropped("route.reserved", table["RouteTableId"])
        chosen = choose_route(self.world, table, packet.destination)
        if chosen is None:
            raise _Dropped("route.none", table["RouteTableId"])
        # State: "The blackhole state indicates that the route's target isn't available".
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
        if chosen.get("State") == "blackhole":
            raise _Dropped("route.blackhole", table["RouteTableId"])
        if chosen.get("State") != "active":
            raise Undecided(f"{table['RouteTableId']}: a route in state {chosen.get('State')}")
        target = target_of(chosen)
        # A gateway endpoint's route has a prefix list as its destination; it leads to S3 or
        # DynamoDB.
        # https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
        if target.startswith("vpce-") and "DestinationPrefixListId" in chosen:
            raise _Dropped("route.gateway_endpoint", target)
        return target

    # ------------------------------------------------------------------ Block Public Access

    def _bpa(self, subnet: Json, by: str) -> None:
        """`by` is what exchanges packets with the internet: igw, nat (over the igw) or eigw."""
        # What BPA let out or in, it lets answer.
        if self.request is not None and subnet["SubnetId"] in self.request.past_bpa:
            return
        where = self.world.home(subnet["VpcId"])
        # "The VPC BPA mode enforced by the subnet owner applies to participant traffic as well":
        # the owner's account counts.
        # https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html
        options = self.world.places.get(where, {}).get("VpcBlockPublicAccessOptions")
        if options is None:
            raise Undecided(f"VpcBlockPublicAccessOptions of {where} not collected")
        if options.get("State") == "update-in-progress":
            raise Undecided(f"VpcBlockPublicAccessOptions of {where} are being changed")
        mode = options["InternetGatewayBlockMode"]
        if mode != "off":
            exclusions = self._exclusions(where, subnet)
            if len(exclusions) > 1 and by == "igw":
                raise Undecided(f"{subnet['SubnetId']}: exclusions of both modes")
            # Exclusions, "Bidirectional: Allows all internet traffic to and from the excluded VPCs
            # and subnets." "Egress-only: Allows outbound internet traffic ... Blocks inbound ...
            # This setting applies when VPC BPA is set to Bidirectional."
            excluded = "allow-bidirectional" in exclusions
            if mode == "block-bidirectional":
                # "blocks all traffic to and from internet gateways and egress-only internet
                # gateways in this Region (except for excluded VPCs and subnets)". With an
                # egress-only exclusion of an instance's subnet "you cannot ping a public site on
                # the internet" by the internet gateway: "Unless an exclusion has access to a NAT
                # gateway or egress-only internet gateway, traffic is blocked."
                # https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-example.html
                # (scenario 6)
                egress = "allow-egress" in exclusions and by in ("nat", "eigw")
                passes = excluded or egress
            elif mode == "block-ingress":
                # "blocks all internet traffic to the VPCs in this Region (except for VPCs or
                # subnets which are excluded). Only traffic to and from NAT gateways and egress-only
                # internet gateways is allowed"; an instance's own way out by the internet gateway
                # is blocked too (scenario 3 of the example), and "since the account-level BPA is
                # Ingress-only, Egress-only exclusions are ignored" (scenario 5).
                passes = excluded or by in ("nat", "eigw")
            else:
                raise Undecided(f"VpcBlockPublicAccessOptions of {where}: {mode}")
            if not passes:
                raise _Dropped("bpa.blocked", subnet["SubnetId"])
        self.past_bpa.append(subnet["SubnetId"])

    def _exclusions(self, where: tuple[str, str], subnet: Json) -> set[str]:
        """The modes of the exclusions that cover the subnet ("An exclusion for a VPC automatically
        applies to all subnets in the VPC")."""
        if "VpcBlockPublicAccessExclusions" not in self.world.places[where]:
            raise Undecided(f"VpcBlockPublicAccessExclusions of {where} not collected")
        modes: set[str] = set()
        for exclusion in self.world.places[where]["VpcBlockPublicAccessExclusions"]:
            resource = exclusion["ResourceArn"].rsplit("/", 1)[1]
            if resource not in (subnet["SubnetId"], subnet["VpcId"]):
                continue
            # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcBlockPublicAccessExclusion.html
            if exclusion["State"] in ("create-complete", "update-complete"):
                modes.add(exclusion["InternetGatewayExclusionMode"])
            elif exclusion["State"] not in ("create-failed", "delete-complete", "disable-complete"):
                raise Undecided(f"{exclusion['ExclusionId']}: {exclusion['State']}")
        return modes

    # ------------------------------------------------------------------ network ACLs

    def _acl_of(self, subnet: Json) -> Json:
        # "Each subnet in your VPC must be associated with a network ACL."
        # https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html
        for _, acl in self.world.every("NetworkAcls"):
            for association in acl.get("Associations", []):
                if association["SubnetId"] == subnet["SubnetId"]:
                    return acl
        raise Undecided(f"{subnet['SubnetId']}: its network ACL was not collected")

    def _acl(self, direction: str, subnet: Json, packet: Packet) -> None:
        acl = self._acl_of(subnet)
        name = acl["NetworkAclId"]
        # "We evaluate the rules in order, starting with the lowest numbered rule ... If the traffic
        # matches a rule, the rule is applied and we do not evaluate any additional rules."
        # "Network ACLs are stateless": a reply is looked at like any packet.
        # https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html
        entries = [each for each in acl["Entries"] if each["Egress"] == (direction == "outbound")]
        # "Source. [Inbound rules only]", "Destination. [Outbound rules only]".
        # https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
        address = packet.source if direction == "inbound" else packet.destination
        for entry in sorted(entries, key=lambda each: int(each["RuleNumber"])):
            if acl_matches(entry, address, packet):
                if entry["RuleAction"] == "allow":
                    self.hop(f"{name}: {direction} rule {entry['RuleNumber']}")
                    return
                raise _Dropped(f"acl.{direction}", name)
        # The rule whose number is an asterisk: "if a packet doesn't match any of the other numbered
        # rules, it's denied".
        # https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html
        raise _Dropped(f"acl.{direction}", name)

    # ------------------------------------------------------------------ security groups

    def _groups(self, direction: str, interface: Json, packet: Packet) -> None:
        name = interface["NetworkInterfaceId"]
        # "Security groups are stateful": "responses to inbound traffic are allowed to flow out of
        # the instance regardless of outbound security group rules, and vice versa".
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
        if self.request is not None and name in self.request.admitted:
            return
        groups = interface.get("Groups")
        if groups is None:
            raise Undecided(f"{name}: Groups not collected")
        if not groups:
            # A Network Load Balancer may have been created without security groups.
            # https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
            # "You cannot associate a security group with a NAT gateway"; nor with a transit
            # gateway's interface or a Gateway Load Balancer('s endpoint).
            without = (
                "network_load_balancer",
                "transit_gateway",
                "gateway_load_balancer",
                "gateway_load_balancer_endpoint",
            )
            if interface["InterfaceType"] in without:
                self.admitted.append(name)
                return
            raise Undecided(f"{name}: an interface of this type always has a group")
        # "When you associate multiple security groups with a resource, the rules from each security
        # group are aggregated to form a single set of rules"; "You can specify allow rules, but not
        # deny rules". https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
        unknown: list[str] = []
        by_reference = False
        key = "IpPermissions" if direction == "inbound" else "IpPermissionsEgress"
        for each in groups:
            try:
                group = self.world.need("SecurityGroups", "GroupId", each["GroupId"])
            except Undecided as reason:
                unknown.append(reason.reason)
                continue
            for rule in group[key]:
                try:
                    if not rule_matches_traffic(rule, packet):
                        continue
                    if self._rule_names_address(rule, direction, packet):
                        self.admitted.append(name)
                        self.hop(f"{name}: {direction} by {each['GroupId']}")
                        return
                    if self._rule_names_group(rule, direction, interface, packet):
                        by_reference = True
                except Undecided as reason:
                    unknown.append(reason.reason)
        if by_reference:
            if direction == "outbound":
                self.only_by_reference = True
            self.admitted.append(name)
            self.hop(f"{name}: {direction} by a group reference")
            return
        if unknown:
            raise Undecided(unknown[0])
        raise _Dropped(f"group.{direction}", name)

    def _rule_names_address(self, rule: Json, direction: str, packet: Packet) -> bool:
        """A CIDR or a prefix list of the rule has the other side's address."""
        # https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html (components)
        address = packet.source if direction == "inbound" else packet.destination
        for each in rule.get("IpRanges", []):
            if _inside(address, each["CidrIp"]):
                return True
        for each in rule.get("Ipv6Ranges", []):
            if _inside(address, each["CidrIpv6"]):
                return True
        unknown: Undecided | None = None
        for each in rule.get("PrefixListIds", []):
            # https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html
            try:
                entries = self.world.entries("ManagedPrefixListEntries", each["PrefixListId"])
            except Undecided as reason:
                unknown = reason
                continue
            for entry in entries:
                if _inside(address, entry["Cidr"]):
                    return True
        if unknown is not None:
            raise unknown
        return False

    def _rule_names_group(
        self, rule: Json, direction: str, interface: Json, packet: Packet
    ) -> bool:
        """A group of the rule is one of the other side's groups, where such a reference counts."""
        for pair in rule.get("UserIdGroupPairs", []):
            if direction == "inbound":
                if self._inbound_reference(pair["GroupId"], interface, packet):
                    return True
            elif self._outbound_reference(pair["GroupId"], interface, packet):
                return True
        return False

    def _inbound_reference(self, group_id: str, interface: Json, packet: Packet) -> bool:
        other = self.origin
        # "can receive inbound traffic from the private IP addresses of the EC2 instances associated
        # with" the group: not from public ones, and nothing on the internet is in a group.
        # https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
        if other is None or not in_group(other, group_id) or not holds(other, packet.source):
            return False
        # "If you configure routes to forward the traffic between two instances in different subnets
        # through a middlebox appliance ... If you reference the security group of the other
        # instance as the source, this does not allow traffic to flow between the instances."
        if any(each.startswith(("eni-", "nat-")) or each == INTERNET for each in self.crossed):
            return False
        if not self.crossed:
            same: bool = other["VpcId"] == interface["VpcId"]
            return same
        # "Both security groups must belong to the same VPC or to peered VPCs."
        if len(self.crossed) == 1 and self.crossed[0].startswith("pcx-"):
            return self._peering_references(self.crossed[0])
        # Transit gateway: "You can cross-reference security groups in inbound rules only." "Both
        # VPCs must be attached to the same transit gateway." "will only work if it has been enabled
        # for both a transit gateway and its VPC attachments".
        # https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html#vpc-attachment-security
        if len(self.crossed) == 1 and self.crossed[0].startswith("tgw-"):
            gateway = self.world.need("TransitGateways", "TransitGatewayId", self.crossed[0])
            theirs = self._vpc_attachment(self.crossed[0], other["VpcId"])
            ours = self._vpc_attachment(self.crossed[0], interface["VpcId"])
            options = (gateway["Options"], theirs["Options"], ours["Options"])
            return all(each.get("SecurityGroupReferencingSupport") == "enable" for each in options)
        return False

    def _outbound_reference(self, group_id: str, interface: Json, packet: Packet) -> bool:
        # "can send outbound traffic to the private IP addresses of the EC2 instances associated
        # with" the group.
        # https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
        for _, other in self.world.every("NetworkInterfaces"):
            if not holds(other, packet.destination) or not in_group(other, group_id):
                continue
            if other["VpcId"] == interface["VpcId"]:
                return True
            # In a peered VPC, when the way there is the peering. Over a transit gateway "Outbound
            # security rules do not support security group referencing."
            # https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html#vpc-attachment-security
            table = self._subnet_table(self.world.subnet(interface["SubnetId"]))
            chosen = choose_route(self.world, table, packet.destination)
            peering_id = (chosen or {}).get("VpcPeeringConnectionId")
            if peering_id is not None:
                peering = self.world.need(
                    "VpcPeeringConnections", "VpcPeeringConnectionId", peering_id
                )
                ends = (peering["RequesterVpcInfo"]["VpcId"], peering["AccepterVpcInfo"]["VpcId"])
                if {other["VpcId"], interface["VpcId"]} == set(ends):
                    return self._peering_references(peering_id)
        return False

    def _peering_references(self, peering_id: str) -> bool:
        # "the VPC peering connection must be in the active state"; "You can't reference the
        # security group of a peer VPC that's in a different Region."
        # https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
        peering = self.world.need("VpcPeeringConnections", "VpcPeeringConnectionId", peering_id)
        regions = (peering["RequesterVpcInfo"]["Region"], peering["AccepterVpcInfo"]["Region"])
        active: bool = peering["Status"]["Code"] == "active"
        return active and regions[0] == regions[1]


# ---------------------------------------------------------------------- single rules


def choose_route(world: World, table: Json, destination: str) -> Json | None:
    """The route of a VPC route table that the destination takes.

    https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html: "1. Longest prefix
    2. Static routes 3. Prefix list routes 4. Propagated routes".
    """
    matching: list[tuple[int, int, Json]] = []
    on_local = False
    for each in table["Routes"]:
        if each.get("State") == "filtered":
            continue
        if "DestinationPrefixListId" in each:
            networks = [
                entry["Cidr"]
                for entry in world.entries(
                    "ManagedPrefixListEntries", each["DestinationPrefixListId"]
                )
            ]
            rank = 2
        else:
            networks = [each.get("DestinationCidrBlock") or each["DestinationIpv6CidrBlock"]]
            # EnableVgwRoutePropagation: "The route was propagated by route propagation";
            # Advertisement: by a VPC route server.
            # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
            dynamic = each.get("Origin") in ("EnableVgwRoutePropagation", "Advertisement")
            rank = 1 if dynamic else 3
        for network in networks:
            # "Routes to IPv4 and IPv6 addresses or CIDR blocks are independent of each other."
            if _inside(destination, network):
                matching.append((_network(network).prefixlen, rank, each))
                on_local = on_local or target_of(each) == "local"
    if on_local:
        # "If propagated routes ... overlap with the local route for your VPC, the local route is
        # most preferred even if the propagated routes are more specific."
        # https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html
        matching = [each for each in matching if each[1] != 1]
        # An earlier text of the page: a prefix list's entry more specific than the VPC's CIDR "is
        # ignored"; today's text says "more specific routes always take priority".
        local = max(each[0] for each in matching if target_of(each[2]) == "local")
        if any(each[1] == 2 and each[0] > local for each in matching):
            raise Undecided("a prefix list's entry inside the VPC's CIDR")
    if not matching:
        return None
    best = max(each[:2] for each in matching)
    winners = [each[2] for each in matching if each[:2] == best]
    # "If your route table references multiple prefix lists that have overlapping CIDR blocks to
    # different targets, we randomly choose which route takes priority."
    if any(target_of(each) != target_of(winners[0]) for each in winners):
        raise Undecided(f"{table['RouteTableId']}: several routes of the same priority")
    if any(each.get("State") != winners[0].get("State") for each in winners):
        raise Undecided(f"{table['RouteTableId']}: several routes of the same priority")
    return winners[0]


def choose_tgw_route(world: World, routes: list[Json], destination: str) -> Json | None:
    """The route of a transit gateway route table that the destination takes.

    https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html: "The most specific
    route for the destination address"; for the same CIDR "Static routes", "Prefix list referenced
    routes", "VPC-propagated routes", others.
    """
    matching: list[tuple[int, int, Json]] = []
    for each in routes:
        if each["State"] not in ("active", "blackhole"):
            continue
        rank = 3 if each["Type"] == "static" else 1
        networks = [each.get("DestinationCidrBlock")]
        if "PrefixListId" in each:
            rank = 2
            if networks == [None]:
                entries = world.entries("ManagedPrefixListEntries", each["PrefixListId"])
                networks = [entry["Cidr"] for entry in entries]
        matching += [
            (_network(network).prefixlen, rank, each)
            for network in networks
            if network is not None and _inside(destination, network)
        ]
    if not matching:
        return None
    best = max(each[:2] for each in matching)
    winners = [each[2] for each in matching if each[:2] == best]
    if len(winners) > 1 and any(each != winners[0] for each in winners):
        raise Undecided(f"several transit gateway routes of the same priority to {destination}")
    return winners[0]


def target_of(chosen: Json) -> str:
    """The target of a VPC route. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html"""
    for key in (
        "EgressOnlyInternetGatewayId",
        "NatGatewayId",
        "TransitGatewayId",
        "VpcPeeringConnectionId",
        "NetworkInterfaceId",
        "LocalGatewayId",
        "CarrierGatewayId",
        "CoreNetworkArn",
        "OdbNetworkArn",
        "GatewayId",
    ):
        if chosen.get(key):
            target: str = chosen[key]
            return target
    if chosen.get("State") == "blackhole":
        return "nothing"
    raise Undecided("a route without a target")


def acl_matches(entry: Json, address: str, packet: Packet) -> bool:
    """One rule of a network ACL.

    https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html and
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkAclEntry.html
    """
    if not _inside(address, entry.get("CidrBlock") or entry["Ipv6CidrBlock"]):
        return False
    protocol = int(entry["Protocol"])
    # "A value of "-1" means all protocols."
    if protocol == -1:
        return True
    if protocol != packet.protocol:
        return False
    if protocol in (TCP, UDP):
        # "The range of ports the rule applies to": the destination port of the packet.
        ports = entry.get("PortRange")
        if ports is None or packet.destination_port is None:
            raise Undecided(f"rule {entry['RuleNumber']}: ports missing")
        low, high = int(ports["From"]), int(ports["To"])
        return low <= packet.destination_port <= high
    if protocol in (ICMP, ICMPV6):
        # "A value of -1 means all types", "all codes for the specified ICMP type".
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IcmpTypeCode.html
        icmp = entry.get("IcmpTypeCode")
        if icmp is None:
            raise Undecided(f"rule {entry['RuleNumber']}: ICMP type missing")
        return _icmp_matches(int(icmp["Type"]), int(icmp["Code"]), packet)
    # "If you specify ... a protocol number other than 6 (TCP), 17 (UDP), or 1 (ICMP), traffic on
    # all ports is allowed".
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html
    return True


def rule_matches_traffic(rule: Json, packet: Packet) -> bool:
    """Protocol and ports of a security group's rule.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
    """
    names = {"tcp": TCP, "udp": UDP, "icmp": ICMP, "icmpv6": ICMPV6}
    name = str(rule["IpProtocol"])
    # "Use -1 to specify all protocols."
    if name == "-1":
        return True
    protocol = names.get(name)
    if protocol is None:
        protocol = int(name)
    if protocol != packet.protocol:
        return False
    low, high = rule.get("FromPort"), rule.get("ToPort")
    if protocol in (TCP, UDP):
        # "If the protocol is TCP or UDP, this is the start (end) of the port range."
        if low is None or high is None or packet.destination_port is None:
            raise Undecided("a rule without ports")
        if not 0 <= low <= high <= 65535:
            raise Undecided(f"a rule with ports {low} to {high}")
        inside: bool = low <= packet.destination_port <= high
        return inside
    if protocol == ICMP:
        # "If the protocol is ICMP or ICMPv6, this is the type (the code) or -1 (all)."
        if low is None or high is None:
            raise Undecided("a rule without an ICMP type")
        return _icmp_matches(low, high, packet)
    if protocol == ICMPV6:
        # "For icmpv6 the port range is optional; if you omit the port range, traffic for all types
        # and codes is allowed."
        if low is None and high is None:
            return True
        return _icmp_matches(low, high, packet)
    # "specifying -1 or a protocol number other than tcp, udp, icmp, or icmpv6 allows traffic on all
    # ports, regardless of any port range you specify"
    return True


def _icmp_matches(kind: Any, code: Any, packet: Packet) -> bool:
    if kind == -1:
        return True
    if kind != packet.icmp_type:
        return False
    return code in (-1, packet.icmp_code)


def in_group(interface: Json, group_id: str) -> bool:
    return any(each["GroupId"] == group_id for each in interface.get("Groups", []))


def holds(interface: Json, address: str) -> bool:
    """The address is one of the interface's own inside the VPC."""
    wanted = _address(address)
    for each in interface.get("PrivateIpAddresses", []):
        if _address(each["PrivateIpAddress"]) == wanted:
            return True
    for each in interface.get("Ipv6Addresses", []):
        if _address(each["Ipv6Address"]) == wanted:
            return True
    # Prefixes delegated to the interface.
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html
    for each in interface.get("Ipv4Prefixes", []):
        if _inside(address, each["Ipv4Prefix"]):
            return True
    return any(_inside(address, each["Ipv6Prefix"]) for each in interface.get("Ipv6Prefixes", []))


def in_subnet(subnet: Json, address: str) -> bool:
    blocks = [each["Ipv6CidrBlock"] for each in subnet.get("Ipv6CidrBlockAssociationSet", [])]
    if subnet.get("CidrBlock"):
        blocks.append(subnet["CidrBlock"])
    return any(_inside(address, block) for block in blocks)


def in_vpc(vpc: Json, address: str) -> bool:
    blocks = [each["CidrBlock"] for each in vpc.get("CidrBlockAssociationSet", [])]
    blocks += [each["Ipv6CidrBlock"] for each in vpc.get("Ipv6CidrBlockAssociationSet", [])]
    return any(_inside(address, block) for block in blocks)


def public_address(address: str) -> bool:
    """The address can be a host's on the internet.

    https://www.iana.org/assignments/iana-ipv4-special-registry/,
    https://www.iana.org/assignments/ipv6-address-space/ (2000::/3 is global unicast). Ranges that
    are only set aside for documentation count as public here.
    """
    if is_ipv6(address):
        return _inside(address, "2000::/3")
    private = (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
    return not any(_inside(address, each) for each in private)


def _associations(interface: Json) -> list[Json]:
    found = [each.get("Association", {}) for each in interface.get("PrivateIpAddresses", [])]
    return [*found, interface.get("Association", {})]


@lru_cache(maxsize=1 << 16)
def _address(text: str) -> Address:
    return ipaddress.ip_address(text)


@lru_cache(maxsize=1 << 16)
def _network(text: str) -> Network:
    return ipaddress.ip_network(text, strict=False)


def _inside(address: str, cidr: str) -> bool:
    if is_ipv6(address) != is_ipv6(cidr):
        return False
    return _address(address) in _network(cidr)
