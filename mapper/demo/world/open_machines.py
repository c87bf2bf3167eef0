"""Instances that the internet reaches directly, and seven that differ by one control."""

from __future__ import annotations

from dataclasses import dataclass

from mapper.demo.clients import Clients
from mapper.demo.world.facts import Joined, Peered, Reaches, Thing, Touch
from mapper.demo.world.stage import (
    EVERYWHERE_V4,
    EVERYWHERE_V6,
    Flip,
    Site,
    Stage,
    Subnet,
    admits,
    flip_call,
)

_CONNECT = "https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html"
_NACL = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html"
_NAT = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html"
_EGRESS = "https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html"
_PEERING = "https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html"
_STOPPED = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Stop_Start.html"
_ADDRESSING = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html"


@dataclass(frozen=True, slots=True)
class _Machine:
    """What a thing here is: an instance, open on one port in one family."""

    name: str
    part: str
    arn: str
    port: int
    family: str
    site: Site
    page: str
    control: str

    def thing(self, flip: Flip, verdict: str, flipped: str, *inside: Joined) -> Thing:
        """Declare it, true ``verdict`` now and ``flipped`` once its control is flipped.

        ``inside`` is how its network has it now and then, where the control decides that too.
        """

        def facts(text: str, joined: tuple[Joined, ...]) -> tuple[Reaches | Joined, ...]:
            reached = Reaches(self.arn, f"eni/{self.family}", text, (f"tcp/{self.port}",))
            return (reached, *joined)

        return Thing(
            name=self.name,
            part=self.part,
            capability="network",
            page=self.page,
            control=self.control,
            facts=facts(verdict, inside[:1]),
            flipped=facts(flipped, inside[1:]),
            flip=flip,
            touches=(Touch(self.site.account_id, self.site.region, ("ec2",)),),
        )


def open_ipv4(stage: Stage) -> None:
    """A bastion open to the world; beside it seven that are not."""
    scenario = "open-ipv4"
    site = stage.site(scenario)
    port = stage.plan.port(22)

    def named(what: str) -> str:
        return stage.plan.name(scenario, what)

    group = stage.group(site, named("ssh-from-anywhere"), admits(port, EVERYWHERE_V4))
    things: list[Thing] = []

    def machine(
        what: str, subnet: Subnet, page: str, control: str, own: str = "", address: bool = True
    ) -> tuple[str, _Machine]:
        id_, arn = stage.instance(subnet, named(what), scenario, own or group)
        if address:
            stage.give_address(subnet, id_)
        part = "planted" if what == "bastion" else "decoy"
        return id_, _Machine(named(what), part, arn, port, "ipv4", site, page, control)

    def call(operation: str, **arguments: object) -> Flip:
        return flip_call(site.account_id, "ec2", site.region, operation, **arguments)

    public = stage.public_subnet(site, named("public"))

    own = stage.group(site, named("bastion-ssh"), admits(port, EVERYWHERE_V4))
    _, bastion = machine("bastion", public, _CONNECT, "its security group admits 0.0.0.0/0", own)
    rule = [admits(port, EVERYWHERE_V4)]
    close = call("revoke_security_group_ingress", GroupId=own, IpPermissions=rule)
    shut = stage.beside(bastion.arn, admits=False)
    things.append(bastion.thing(close, "yes", "no", stage.beside(bastion.arn), shut))

    island = stage.subnet(site, named("island"))
    _, batch = machine("batch", island, _CONNECT, "no route to the internet gateway")
    to_gateway = {"DestinationCidrBlock": EVERYWHERE_V4, "GatewayId": site.gateway}
    route = call("create_route", RouteTableId=island.route_table, **to_gateway)
    things.append(batch.thing(route, "no", "yes"))

    fenced = stage.public_subnet(site, named("fenced"))
    _, ledger = machine("ledger", fenced, _NACL, "a network ACL rule denies its port")
    lift = _fence(stage, fenced, named("fence"), port)
    shut = stage.beside(ledger.arn, admits=False)
    things.append(ledger.thing(lift, "no", "yes", shut, stage.beside(ledger.arn)))

    hidden, worker = machine("worker", public, _ADDRESSING, "no public address", address=False)
    spare = stage.elastic_address(site)
    attach = call("associate_address", InstanceId=hidden, AllocationId=spare)
    things.append(worker.thing(attach, "no", "yes"))

    stopped, idle = machine("idle", public, _STOPPED, "it is stopped")
    stage.ec2(site).stop_instances(InstanceIds=[stopped])
    start = call("start_instances", InstanceIds=[stopped])
    asleep = stage.beside(idle.arn, "dormant")
    things.append(idle.thing(start, "dormant", "yes", asleep, stage.beside(idle.arn)))

    nat = stage.ec2(site).create_nat_gateway(
        SubnetId=public.id, AllocationId=stage.elastic_address(site), ClientToken=stage.token()
    )["NatGateway"]["NatGatewayId"]
    behind = stage.subnet(site, named("private"), route={"NatGatewayId": nat})
    _, reporter = machine("reporter", behind, _NAT, "its default route is a NAT gateway")
    reroute = call("replace_route", RouteTableId=behind.route_table, **to_gateway)
    things.append(reporter.thing(reroute, "no", "yes"))

    office = stage.group(site, named("ssh-from-network"), admits(port, f"{site.cidr16}.0.0/16"))
    _, console = machine(
        "console", public, _CONNECT, "its security group admits the VPC only", office
    )
    admit = call("authorize_security_group_ingress", GroupId=office, IpPermissions=rule)
    things.append(console.thing(admit, "no", "yes"))

    stage.add(scenario, *things)


def _fence(stage: Stage, subnet: Subnet, name: str, port: int) -> Flip:
    """Put a network ACL before the subnet that allows all but one port; returns its removal."""
    site, ec2 = subnet.site, stage.ec2(subnet)
    acl = _open_acl(stage, subnet, name, EVERYWHERE_V4, "CidrBlock")
    ec2.create_network_acl_entry(
        NetworkAclId=acl,
        RuleNumber=50,
        Protocol="6",
        RuleAction="deny",
        Egress=False,
        CidrBlock=EVERYWHERE_V4,
        PortRange={"From": port, "To": port},
    )
    entry = {"NetworkAclId": acl, "RuleNumber": 50, "Egress": False}
    return flip_call(site.account_id, "ec2", site.region, "delete_network_acl_entry", **entry)


def _open_acl(stage: Stage, subnet: Subnet, name: str, cidr: str, key: str) -> str:
    """Give the subnet a network ACL of its own that allows everything of one family."""
    ec2 = stage.ec2(subnet)
    acl = str(
        ec2.create_network_acl(
            VpcId=subnet.site.vpc,
            TagSpecifications=[
                {"ResourceType": "network-acl", "Tags": [{"Key": "Name", "Value": name}]}
            ],
        )["NetworkAcl"]["NetworkAclId"]
    )
    for egress in (False, True):
        ec2.create_network_acl_entry(
            NetworkAclId=acl,
            RuleNumber=100,
            Protocol="-1",
            RuleAction="allow",
            Egress=egress,
            **{key: cidr},
        )
    held = ec2.describe_network_acls(
        Filters=[{"Name": "association.subnet-id", "Values": [subnet.id]}]
    )["NetworkAcls"]
    for old in held:
        for association in old["Associations"]:
            if association["SubnetId"] == subnet.id:
                ec2.replace_network_acl_association(
                    AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl
                )
    return acl


def open_ipv6(stage: Stage) -> None:
    """An instance open on IPv6 only; beside it one that can only call out."""
    scenario = "open-ipv6"
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)

    def named(what: str) -> str:
        return stage.plan.name(scenario, what)

    site = stage.new_site(account, region, named("dualstack-vpc"), ipv6=True)
    ec2 = stage.ec2(site)
    port = stage.plan.port(443)
    group = stage.group(site, named("https-from-anywhere-ipv6"), admits(port, EVERYWHERE_V6))
    egress_only = ec2.create_egress_only_internet_gateway(
        VpcId=site.vpc, ClientToken=stage.token()
    )["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]
    everywhere = {"DestinationIpv6CidrBlock": EVERYWHERE_V6}
    both = []
    for what, part, target in (
        ("edge", "planted", {"GatewayId": site.gateway}),
        ("crawler", "decoy", {"EgressOnlyInternetGatewayId": egress_only}),
    ):
        subnet = stage.subnet(site, named(what + "-net"))
        _open_acl(stage, subnet, named(what + "-acl"), EVERYWHERE_V6, "Ipv6CidrBlock")
        ec2.create_route(RouteTableId=subnet.route_table, **everywhere, **target)
        _, arn = stage.instance(subnet, named(what), scenario, group, Ipv6AddressCount=1)
        control = "its IPv6 default route is " + (
            "the internet gateway" if part == "planted" else "an egress-only gateway"
        )
        page = _CONNECT if part == "planted" else _EGRESS
        machine = _Machine(named(what), part, arn, port, "ipv6", site, page, control)
        other = (
            {"EgressOnlyInternetGatewayId": egress_only}
            if part == "planted"
            else {"GatewayId": site.gateway}
        )
        flip = _reroute_ipv6(site, subnet, other)
        verdicts = ("yes", "no") if part == "planted" else ("no", "yes")
        both.append(machine.thing(flip, *verdicts))
    stage.add(scenario, *both)


def _reroute_ipv6(site: Site, subnet: Subnet, target: dict[str, str]) -> Flip:
    def flip(clients: Clients) -> None:
        ec2 = clients(site.account_id, "ec2", site.region)
        everywhere = {"DestinationIpv6CidrBlock": EVERYWHERE_V6}
        ec2.delete_route(RouteTableId=subnet.route_table, **everywhere)
        ec2.create_route(RouteTableId=subnet.route_table, **everywhere, **target)

    return flip


def peering(stage: Stage) -> None:
    """Two accounts' VPCs peered; an instance whose default route goes over the peering.

    A peering gives no way to the other side's internet gateway.
    """
    scenario = "peering"
    near, far = stage.site(scenario), stage.site("peering-far")

    def named(what: str) -> str:
        return stage.plan.name(scenario, what)

    link = stage.ec2(near).create_vpc_peering_connection(
        VpcId=near.vpc,
        PeerVpcId=far.vpc,
        PeerOwnerId=far.account_id,
        PeerRegion=far.region,
        TagSpecifications=[
            {
                "ResourceType": "vpc-peering-connection",
                "Tags": [{"Key": "Name", "Value": named("peering")}],
            }
        ],
    )["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    stage.ec2(far).accept_vpc_peering_connection(VpcPeeringConnectionId=link)
    over = stage.subnet(near, named("peered"), route={"VpcPeeringConnectionId": link})
    back = stage.subnet(far, stage.plan.name("peering-far", "peered"))
    stage.ec2(far).create_route(
        RouteTableId=back.route_table,
        DestinationCidrBlock=f"{near.cidr16}.0.0/16",
        VpcPeeringConnectionId=link,
    )
    port = stage.plan.port(22)
    group = stage.group(near, named("relay-ssh"), admits(port, EVERYWHERE_V4))
    instance, arn = stage.instance(over, named("relay"), scenario, group)
    stage.give_address(over, instance)
    page, control = _PEERING, "its default route goes over a peering"
    relay = _Machine(named("relay"), "decoy", arn, port, "ipv4", near, page, control)
    reroute = flip_call(
        near.account_id,
        "ec2",
        near.region,
        "replace_route",
        RouteTableId=over.route_table,
        DestinationCidrBlock=EVERYWHERE_V4,
        GatewayId=near.gateway,
    )
    joined = Peered(near.arn("vpc", near.vpc), far.arn("vpc", far.vpc))
    stage.add(
        scenario,
        relay.thing(reroute, "no", "yes"),
        Thing(named("peering"), "planted", "network", _PEERING, facts=(joined,)),
    )
