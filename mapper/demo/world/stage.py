"""What every scenario builds with: clients that act for an account, and plain network parts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from mapper.demo.clients import GLOBAL_REGION, Clients
from mapper.demo.world.facts import EVERYONE, Fronts, Holds, Joined, Thing
from mapper.demo.world.plan import Plan

EVERYWHERE_V4 = "0.0.0.0/0"
EVERYWHERE_V6 = "::/0"
# Documentation ranges (RFC 5737): no demo address belongs to anybody.
_PUBLIC = ("203.0.113", "198.51.100", "192.0.2")


@dataclass(frozen=True, slots=True)
class Site:
    """A VPC with its internet gateway.

    ``cidr16`` are the first two numbers of its /16, ``ipv6`` its /56 or empty.
    """

    account_id: str
    region: str
    vpc: str
    gateway: str
    cidr16: str
    ipv6: str = ""

    def arn(self, kind: str, id_: str) -> str:
        """ARN of an EC2 thing of this account and region."""
        return f"arn:aws:ec2:{self.region}:{self.account_id}:{kind}/{id_}"


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet with a route table of its own."""

    site: Site
    id: str
    route_table: str


def document(*statements: dict[str, Any]) -> str:
    """A policy document as AWS takes it: JSON text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def tags_of(kind: str, name: str, scenario: str) -> list[dict[str, Any]]:
    """A ``TagSpecifications`` value: the name, and which scenario it belongs to."""
    return [{"ResourceType": kind, "Tags": tag_list(name, scenario)}]


def tag_list(name: str, scenario: str) -> list[dict[str, str]]:
    """``Name`` and ``mapper:scenario``."""
    return [{"Key": "Name", "Value": name}, {"Key": "mapper:scenario", "Value": scenario}]


class Stage:
    """The world while it is built.

    Attributes:
        clients: guarded clients.
        plan: the placement.
        organization_id: ``o-...``, set once the organisation stands.
        things: everything declared so far.
        held: what stands in the accounts, for whoever is admin there.
    """

    def __init__(self, clients: Clients, plan: Plan) -> None:
        self.clients = clients
        self.plan = plan
        self.organization_id = ""
        self.things: list[Thing] = []
        self.held: list[Holds] = []
        self._joined: dict[str, Joined] = {}
        self._admitted: dict[str, tuple[str, ...]] = {}
        self._sites: dict[tuple[str, str], Site] = {}
        self._subnets: dict[str, Iterator[int]] = {}
        self._addresses = (f"{net}.{host}" for net in _PUBLIC for host in range(10, 250))
        self._tokens = iter(range(1, 1_000_000))
        self._zones: dict[tuple[str, str], list[str]] = {}

    def add(self, scenario: str, *things: Thing) -> None:
        """Declare what a scenario built."""
        self.things.extend(replace(thing, scenario=scenario) for thing in things)

    def keep(self, account_id: str, id_: str, kind: str) -> None:
        """Note that something stands in an account; kinds are those of :class:`Holds`."""
        self.held.append(Holds(id_, account_id, kind))

    def beside(self, machine: str, verdict: str = "yes", admits: bool = True) -> Joined:
        """What the machines of its VPC reach of one, by its security group.

        Args:
            machine: its ARN.
            verdict: ``dormant`` where it is stopped.
            admits: whether what its group admits gets to it.
        """
        known = self._joined[machine]
        return replace(known, verdict=verdict, admits=known.admits if admits else ())

    def front(self, site: Site, door: str, group: str, *behind: str) -> Fronts:
        """What the machines of its VPC reach through a load balancer.

        Args:
            site: where it stands.
            door: its ARN.
            group: its security group; empty for one without, which takes everything.
            behind: ARNs of the machines to which its packets get.
        """
        admits = self._admitted[group] if group else (EVERYONE,)
        return Fronts(door, site.arn("vpc", site.vpc), admits, behind)

    def unspoken(self) -> list[Joined]:
        """Every machine of which no thing says whom its network lets reach it."""
        told = {
            fact.machine
            for thing in self.things
            for fact in (*thing.facts, *thing.flipped)
            if isinstance(fact, Joined)
        }
        return [joined for machine, joined in self._joined.items() if machine not in told]

    def iam(self, account_id: str) -> Any:
        """An IAM client of the account."""
        return self.clients(account_id, "iam", GLOBAL_REGION)

    def ec2(self, place: Site | Subnet) -> Any:
        """An EC2 client where the site is."""
        site = place.site if isinstance(place, Subnet) else place
        return self.clients(site.account_id, "ec2", site.region)

    def token(self) -> str:
        """A client token: left to boto3 it would be random."""
        return f"00000000-0000-4000-8000-{next(self._tokens):012d}"

    def site(self, scenario: str) -> Site:
        """The VPC of the scenario's account and region, made at first need."""
        place = (self.plan.account(scenario), self.plan.region(scenario))
        if place not in self._sites:
            name = "-".join(filter(None, (self.plan.role(scenario), self.plan.word, "vpc")))
            self._sites[place] = self.new_site(*place, name)
        return self._sites[place]

    def new_site(self, account_id: str, region: str, name: str, ipv6: bool = False) -> Site:
        """A VPC with an internet gateway attached."""
        ec2 = self.clients(account_id, "ec2", region)
        cidr16 = self.plan.network()
        vpc = ec2.create_vpc(
            CidrBlock=f"{cidr16}.0.0/16",
            AmazonProvidedIpv6CidrBlock=ipv6,
            TagSpecifications=tags_of("vpc", name, "setting"),
        )["Vpc"]
        gateway = ec2.create_internet_gateway(
            TagSpecifications=tags_of("internet-gateway", name + "-igw", "setting")
        )["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc["VpcId"])
        blocks = vpc.get("Ipv6CidrBlockAssociationSet") or [{}]
        return Site(
            account_id, region, vpc["VpcId"], gateway, cidr16, blocks[0].get("Ipv6CidrBlock", "")
        )

    def subnet(
        self, site: Site, name: str, zone: str = "a", route: dict[str, str] | None = None
    ) -> Subnet:
        """A subnet and its route table.

        Args:
            site: the VPC.
            name: of both.
            zone: ``a`` for the region's first availability zone, ``b`` for its second: not every
                region has a zone of that letter.
            route: the target of its IPv4 default route as ``CreateRoute`` takes it, e.g.
                ``{"GatewayId": "igw-..."}``; ``None`` for no such route.
        """
        ec2 = self.ec2(site)
        number = next(self._subnets.setdefault(site.vpc, iter(range(1, 255))))
        more = {}
        if site.ipv6:
            more["Ipv6CidrBlock"] = site.ipv6.replace("00::/56", f"{number:02x}::/64")
        subnet = ec2.create_subnet(
            VpcId=site.vpc,
            CidrBlock=f"{site.cidr16}.{number}.0/24",
            AvailabilityZone=self._zone(site, "ab".index(zone)),
            TagSpecifications=tags_of("subnet", name, "setting"),
            **more,
        )["Subnet"]["SubnetId"]
        table = ec2.create_route_table(
            VpcId=site.vpc, TagSpecifications=tags_of("route-table", name + "-routes", "setting")
        )["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        if route:
            ec2.create_route(RouteTableId=table, DestinationCidrBlock=EVERYWHERE_V4, **route)
        return Subnet(site, subnet, table)

    def _zone(self, site: Site, number: int) -> str:
        place = (site.account_id, site.region)
        if place not in self._zones:
            found = self.ec2(site).describe_availability_zones()["AvailabilityZones"]
            self._zones[place] = sorted(str(row["ZoneName"]) for row in found)
        return self._zones[place][number]

    def public_subnet(self, site: Site, name: str, zone: str = "a") -> Subnet:
        """A subnet whose IPv4 default route is the internet gateway."""
        return self.subnet(site, name, zone, {"GatewayId": site.gateway})

    def group(self, site: Site, name: str, *rules: dict[str, Any]) -> str:
        """A security group with these inbound ``IpPermissions``."""
        ec2 = self.ec2(site)
        group = ec2.create_security_group(
            GroupName=name,
            Description=name,
            VpcId=site.vpc,
            TagSpecifications=tags_of("security-group", name, "setting"),
        )["GroupId"]
        if rules:
            ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=list(rules))
        self._admitted[str(group)] = tuple(one for rule in rules for one in _peers(site, rule))
        return str(group)

    def instance(
        self, subnet: Subnet, name: str, scenario: str, group: str, **more: Any
    ) -> tuple[str, str]:
        """A running instance without a public address; returns its id and its ARN."""
        instance = self.ec2(subnet).run_instances(
            ImageId="ami-0123456789abcdef0",
            InstanceType="t3.micro",
            MinCount=1,
            MaxCount=1,
            SubnetId=subnet.id,
            SecurityGroupIds=[group],
            ClientToken=self.token(),
            MetadataOptions={
                "HttpTokens": "required",
                "HttpEndpoint": "enabled",
                "HttpPutResponseHopLimit": 1,
            },
            TagSpecifications=tags_of("instance", name, scenario),
            **more,
        )["Instances"][0]["InstanceId"]
        arn = subnet.site.arn("instance", instance)
        self.keep(subnet.site.account_id, arn, "machine")
        network = subnet.site.arn("vpc", subnet.site.vpc)
        self._joined[arn] = Joined(arn, network, group, self._admitted[group])
        return instance, arn

    def give_address(self, subnet: Subnet, instance: str) -> None:
        """Give the instance an elastic address from a documentation range."""
        ec2 = self.ec2(subnet)
        allocation = ec2.allocate_address(Domain="vpc", Address=next(self._addresses))
        ec2.associate_address(InstanceId=instance, AllocationId=allocation["AllocationId"])

    def elastic_address(self, site: Site) -> str:
        """Allocate an elastic address; returns its allocation id."""
        return str(
            self.ec2(site).allocate_address(Domain="vpc", Address=next(self._addresses))[
                "AllocationId"
            ]
        )

    def role(
        self, account_id: str, name: str, trust: dict[str, Any], scenario: str, **more: Any
    ) -> str:
        """A role with this one trust statement; returns its ARN."""
        arn = str(
            self.iam(account_id).create_role(
                RoleName=name,
                AssumeRolePolicyDocument=document({"Effect": "Allow", **trust}),
                Tags=tag_list(name, scenario),
                **more,
            )["Role"]["Arn"]
        )
        self.keep(account_id, arn, "principal")
        return arn

    def may(self, account_id: str, role: str, *statements: dict[str, Any]) -> None:
        """Give a role an inline policy of these allowing statements."""
        self.iam(account_id).put_role_policy(
            RoleName=role,
            PolicyName="work",
            PolicyDocument=document(*({"Effect": "Allow", **one} for one in statements)),
        )

    def machine_role(self, account_id: str, name: str, scenario: str) -> str:
        """A role for EC2 with an instance profile of the same name; returns its ARN."""
        arn = self.role(account_id, name, trusts_service("ec2.amazonaws.com"), scenario)
        iam = self.iam(account_id)
        iam.create_instance_profile(InstanceProfileName=name)
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
        return arn


def trusts_service(service: str) -> dict[str, Any]:
    """A trust statement for a service principal."""
    return {"Principal": {"Service": service}, "Action": "sts:AssumeRole"}


def trusts(principal: str, condition: dict[str, Any] | None = None) -> dict[str, Any]:
    """A trust statement for an AWS principal, under a condition or none."""
    statement: dict[str, Any] = {"Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    return statement


def admits(port: int, source: str, protocol: str = "tcp") -> dict[str, Any]:
    """An inbound rule for one port from a CIDR or a security group."""
    rule: dict[str, Any] = {"IpProtocol": protocol, "FromPort": port, "ToPort": port}
    if source.startswith("sg-"):
        rule["UserIdGroupPairs"] = [{"GroupId": source}]
    elif ":" in source:
        rule["Ipv6Ranges"] = [{"CidrIpv6": source}]
    else:
        rule["IpRanges"] = [{"CidrIp": source}]
    return rule


def _peers(site: Site, rule: dict[str, Any]) -> Iterator[str]:
    """Whose packets of the VPC an inbound rule admits: everyone's, or those of a group.

    Ranges here are everywhere, all private addresses that start with 10, or the VPC's own.
    """
    whole = (EVERYWHERE_V4, EVERYWHERE_V6, "10.0.0.0/8", f"{site.cidr16}.0.0/16")
    for one in (*rule.get("IpRanges", ()), *rule.get("Ipv6Ranges", ())):
        if one.get("CidrIp", one.get("CidrIpv6")) in whole:
            yield EVERYONE
    yield from (pair["GroupId"] for pair in rule.get("UserIdGroupPairs", ()))


Flip = Callable[[Clients], None]


def flip_call(account_id: str, service: str, region: str, operation: str, **arguments: Any) -> Flip:
    """A flip that is one API call."""

    def flip(clients: Clients) -> None:
        getattr(clients(account_id, service, region), operation)(**arguments)

    return flip
