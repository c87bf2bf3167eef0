"""Out to the internet: each way, and its twin that differs in one control."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.network import prefixes
from graph.network.between.egress import interface_to_internet
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Json, Lab, allow, arn, entry, open_acl
from network.between.lab import (
    A,
    JoinedLab,
    attachment,
    failing,
    gateway,
    local,
    route,
    side,
    transit_route,
    transit_table,
)
from snapshot_files import ACCOUNT, REGION

Out = Callable[..., list[Reach]]


@pytest.fixture
def out(tmp_path: Path) -> Out:
    count = iter(range(1000))

    def run(lab: Lab, family: str = "ipv4", address: str = "") -> list[Reach]:
        world = lab.build(tmp_path / str(next(count)))
        found = interface_to_internet(world, world.interfaces[A], address=address)
        return [one for one in found if one.family == family]

    return run


def one(found: list[Reach]) -> Reach:
    (only,) = found
    return only


def internet_gateway(lab: Lab, vpc: str) -> None:
    attached = [{"VpcId": vpc, "State": "available"}]
    item = {"InternetGatewayId": "igw-1", "OwnerId": ACCOUNT, "Attachments": attached}
    lab.add("ec2:internet-gateway", "igw-1", arn("internet-gateway", "igw-1"), item)


def direct() -> JoinedLab:
    """An interface with a public address of its own behind an internet gateway."""
    lab = JoinedLab()
    side(lab, "a", 1, [route("0.0.0.0/0", "igw-1")])
    internet_gateway(lab, "vpc-a")
    own = {"PublicIp": "198.51.100.7"}
    lab.item("eni-a")["PrivateIpAddresses"][0]["Association"] = own
    return lab


def nat(lab: Lab, letter: str, number: int, kind: str = "public") -> None:
    """A public subnet with a NAT gateway in a VPC."""
    vpc = f"vpc-{letter}"
    internet_gateway(lab, vpc)
    lab.subnet("subnet-n", vpc, f"10.{number}.8.0/24")
    lab.acl("acl-n", vpc, open_acl(), ("subnet-n",))
    ways = [local(f"10.{number}.0.0/16"), route("0.0.0.0/0", "igw-1")]
    lab.table("rtb-n", vpc, ways, subnets=("subnet-n",))
    own = {"PublicIp": "198.51.100.9"} if kind == "public" else None
    addresses: list[Json] = [{"PrivateIpAddress": f"10.{number}.8.8", "Primary": True}]
    if own:
        addresses[0]["Association"] = own
    lab.eni(
        "eni-n", "subnet-n", (), private=f"10.{number}.8.8", vpc=vpc, InterfaceType="nat_gateway"
    )
    lab.item("eni-n")["PrivateIpAddresses"] = addresses
    item = {
        "NatGatewayId": "nat-1",
        "ConnectivityType": kind,
        "NatGatewayAddresses": [{"NetworkInterfaceId": "eni-n"}],
    }
    lab.add("ec2:nat-gateway", "nat-1", arn("natgateway", "nat-1"), item)


def translated(kind: str = "public") -> JoinedLab:
    """A private interface behind a NAT gateway of its VPC."""
    lab = JoinedLab()
    side(lab, "a", 1, [route("0.0.0.0/0", "nat-1")])
    nat(lab, "a", 1, kind)
    return lab


def central() -> JoinedLab:
    """A private interface whose way out is a NAT gateway in another VPC, over a gateway."""
    lab = JoinedLab()
    side(lab, "a", 1, [route("0.0.0.0/0", "tgw-1")])
    side(lab, "e", 9, [])
    nat(lab, "e", 9)
    lab.item("rtb-n")["Routes"].append(route("10.0.0.0/8", "tgw-1"))
    lab.table(
        "rtb-t", "vpc-e", [local("10.9.0.0/16"), route("0.0.0.0/0", "nat-1")], subnets=("subnet-e",)
    )
    gateway(lab, "tgw-1")
    for letter in "ae":
        attachment(lab, f"tgw-attach-{letter}", "tgw-1", f"vpc-{letter}", (f"subnet-{letter}",))
    routes = [
        transit_route("0.0.0.0/0", "tgw-attach-e"),
        transit_route("10.1.0.0/16", "tgw-attach-a"),
    ]
    transit_table(lab, "tgw-rtb-1", "tgw-1", routes, ("tgw-attach-a", "tgw-attach-e"))
    return lab


def tcp_only(lab: Lab) -> None:
    lab.item("sg-a")["IpPermissionsEgress"] = [allow("tcp/1-65535")]


def no_reply(lab: Lab) -> None:
    tcp_only(lab)
    lab.item("acl-a")["Entries"] = [LOW, entry(100, egress=True)]


def no_way_back(lab: Lab) -> None:
    tcp_only(lab)
    lab.item("rtb-n")["Routes"].pop()


def bpa(mode: str, *exclusions: Json) -> Callable[[Lab], None]:
    return lambda lab: lab.block_public_access(mode, list(exclusions))  # type: ignore[arg-type]


def excluded(mode: str) -> Json:
    name = f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/vpc-a"
    return {"ResourceArn": name, "InternetGatewayExclusionMode": mode, "State": "create-complete"}


def no_public(lab: Lab) -> None:
    lab.item("eni-a")["PrivateIpAddresses"][0].pop("Association")


LOW = entry(100, protocol="6", ports=(443, 443))
CASES: list[tuple[str, Callable[[], JoinedLab], Callable[[Lab], Any], str, str]] = [
    ("own address", direct, lambda lab: None, "yes", ""),
    ("no address", direct, no_public, "no", "route"),
    ("no route", direct, lambda lab: lab.item("rtb-a")["Routes"].pop(), "no", "route"),
    ("detached", direct, lambda lab: lab.item("igw-1").update(Attachments=[]), "no", "route"),
    (
        "no egress",
        direct,
        lambda lab: lab.item("sg-a").update(IpPermissionsEgress=[]),
        "no",
        "security group out",
    ),
    ("no reply", direct, no_reply, "no", "reply, network ACL in"),
    ("ingress blocked", direct, bpa("block-ingress"), "no", "VPC block public access"),
    ("nat", translated, lambda lab: None, "yes", ""),
    ("nat, ingress blocked", translated, bpa("block-ingress"), "yes", ""),
    ("nat, all blocked", translated, bpa("block-bidirectional"), "no", "VPC block public access"),
    (
        "nat, all blocked but egress",
        translated,
        bpa("block-bidirectional", excluded("allow-egress")),
        "yes",
        "",
    ),
    ("private nat", lambda: translated("private"), lambda lab: None, "no", "route"),
    (
        "nat without a way out",
        translated,
        lambda lab: lab.item("rtb-n")["Routes"].pop(),
        "no",
        "route",
    ),
    ("nat unread", translated, lambda lab: lab.remove("nat-1"), "unknown", ""),
    ("central", central, lambda lab: None, "yes", ""),
    ("central, no way back", central, no_way_back, "no", "reply route"),
]


@pytest.mark.parametrize(
    ("name", "made", "change", "verdict", "lock"), CASES, ids=[c[0] for c in CASES]
)
def test_out(
    out: Out,
    name: str,
    made: Callable[[], JoinedLab],
    change: Callable[[Lab], Any],
    verdict: str,
    lock: str,
) -> None:
    lab = made()
    change(lab)
    found = one(out(lab))
    assert str(found.verdict) == verdict
    assert not lock or lock in failing(found)
    assert found.target == "internet"


def test_egress_only_gateway_is_for_ipv6(out: Out) -> None:
    lab = direct()
    lab.item("eni-a")["Ipv6Addresses"] = [{"Ipv6Address": "2600:1::10"}]
    lab.item("sg-a")["IpPermissionsEgress"] = [allow("-1", "::/0")]
    assert one(out(lab, "ipv6")).verdict is Verdict.NO
    lab.item("rtb-a")["Routes"].append(
        {
            "DestinationIpv6CidrBlock": "::/0",
            "EgressOnlyInternetGatewayId": "eigw-1",
            "State": "active",
        }
    )
    found = one(out(lab, "ipv6"))
    assert (found.verdict, found.mechanism) == (Verdict.YES, "egress-only-gateway/ipv6")
    bpa("block-ingress")(lab)
    assert one(out(lab, "ipv6")).verdict is Verdict.YES


def test_a_range_is_named(out: Out) -> None:
    lab = direct()
    lab.item("sg-a")["IpPermissionsEgress"] = [allow("tcp/443", "203.0.113.0/24")]
    found = one(out(lab))
    assert (found.target, found.ports) == ("cidr:203.0.113.0/24", ("tcp/443",))
    assert one(out(lab, address="203.0.113.9")).verdict is Verdict.YES
    assert one(out(lab, address="203.0.112.9")).verdict is Verdict.NO


@pytest.mark.parametrize(("quarter", "told"), [("128.0.0.0/2", True), ("192.0.0.0/2", False)])
def test_every_range_is_named(out: Out, quarter: str, told: bool) -> None:
    """What makes up three quarters of the internet is told to the last address."""
    lab = direct()
    rules = [allow("tcp/443", "0.0.0.0/1"), allow("tcp/443", quarter)]
    lab.item("sg-a")["IpPermissionsEgress"] = rules
    named = prefixes.of([each.target.removeprefix("cidr:") for each in out(lab)], Family.IPV4)
    for address, reached in (("8.8.8.8", True), ("170.1.1.1", told), ("191.255.255.9", told)):
        assert named.covers(prefixes.parse(address)[1]) is reached
        assert (one(out(lab, address=address)).verdict is Verdict.YES) is reached


def dual() -> JoinedLab:
    """An interface with a public IPv6 address whose way out is an internet gateway."""
    lab = direct()
    lab.item("eni-a")["Ipv6Addresses"] = [{"Ipv6Address": "2600:1::10"}]
    lab.item("sg-a")["IpPermissionsEgress"] = [allow("-1", "::/0")]
    lab.item("rtb-a")["Routes"].append(route("::/0", "igw-1"))
    block = {"Ipv6CidrBlock": "2600:1::/64", "Ipv6CidrBlockState": {"State": "associated"}}
    lab.item("subnet-a")["Ipv6CidrBlockAssociationSet"] = [block]
    lab.item("acl-a")["Entries"] += [
        {**entry(number, egress=egress), "CidrBlock": None, "Ipv6CidrBlock": "::/0"}
        for number, egress in ((120, False), (121, True))
    ]
    return lab


def deny_igw(lab: Lab) -> None:
    lab.item("eni-a")["DenyAllIgwTraffic"] = True


def private_block(lab: Lab) -> None:
    lab.item("subnet-a")["Ipv6CidrBlockAssociationSet"][0]["Ipv6AddressAttribute"] = "private"


def by_egress_only(lab: Lab) -> None:
    lab.item("rtb-a")["Routes"][-1] = {
        "DestinationIpv6CidrBlock": "::/0",
        "EgressOnlyInternetGatewayId": "eigw-1",
        "State": "active",
    }


def inspected(*, forwards: bool = True, public: bool = True, entering: bool = False) -> JoinedLab:
    """An appliance in a subnet of its own; a sender's way out, or only the way back, leads to it.

    Args:
        forwards: whether its source/destination check is off.
        public: whether it has a public address.
        entering: it is the gateway's route table that names it, and the sender goes out directly.
    """
    lab = direct()
    lab.subnet("subnet-f", "vpc-a", "10.1.8.0/24")
    lab.acl("acl-f", "vpc-a", open_acl(), ("subnet-f",))
    ways = [local("10.1.0.0/16"), route("0.0.0.0/0", "igw-1")]
    lab.table("rtb-f", "vpc-a", ways, subnets=("subnet-f",))
    lab.eni("eni-f", "subnet-f", ("sg-a",), private="10.1.8.8", vpc="vpc-a")
    lab.item("eni-f")["SourceDestCheck"] = not forwards
    if public:
        lab.item("eni-f")["PrivateIpAddresses"][0]["Association"] = {"PublicIp": "198.51.100.8"}
    if entering:
        table = [local("10.1.0.0/16"), route("10.1.1.0/24", "eni-f")]
        lab.table("rtb-e", "vpc-a", table, gateways=("igw-1",))
    else:
        lab.item("rtb-a")["Routes"][-1] = route("0.0.0.0/0", "eni-f")
        no_public(lab)
    return lab


ONE_WAY = "ports:one-way"


@pytest.mark.parametrize(
    ("state", "verdict"),
    [("available", "yes"), *((s, "no") for s in ("pending", "failed", "deleting", "deleted"))],
)
def test_a_nat_gateway_carries_only_while_it_is_available(
    out: Out, state: str, verdict: str
) -> None:
    lab = translated()
    lab.item("nat-1")["State"] = state
    found = one(out(lab))
    assert str(found.verdict) == verdict
    assert (verdict == "yes") == (not failing(found))


@pytest.mark.parametrize(("protocol", "verdict"), [("tcp/443", "yes"), ("50", "no")])
def test_a_nat_gateway_carries_tcp_udp_and_icmp(out: Out, protocol: str, verdict: str) -> None:
    lab, twin = translated(), direct()
    for made in (lab, twin):
        made.item("sg-a")["IpPermissionsEgress"] = [allow(protocol)]
    found = one(out(lab))
    assert str(found.verdict) == verdict
    assert failing(found) == ([] if verdict == "yes" else ["NAT gateway"])
    assert one(out(twin)).verdict is Verdict.YES


def test_deny_all_igw_traffic_leaves_one_way_but_for_tcp(out: Out) -> None:
    for rule, lets in (("tcp/443", "no"), ("udp/53", "conditional")):
        lab = dual()
        lab.item("sg-a")["IpPermissionsEgress"] = [allow(rule, "::/0")]
        assert one(out(lab, "ipv6")).verdict is Verdict.YES
        deny_igw(lab)
        found = one(out(lab, "ipv6"))
        assert str(found.verdict) == lets
        assert found.answer.conditions == ((ONE_WAY,) if lets == "conditional" else ())
        assert failing(found) == ["reply route"]


def test_whether_deny_all_igw_traffic_stops_an_egress_only_gateway_is_not_said(out: Out) -> None:
    lab = dual()
    by_egress_only(lab)
    assert one(out(lab, "ipv6")).verdict is Verdict.YES
    deny_igw(lab)
    found = one(out(lab, "ipv6"))
    assert found.answer.conditions == ("context:deny-all-igw-traffic",)


@pytest.mark.parametrize("change", [lambda lab: None, by_egress_only])
def test_private_ipv6_blocks_do_not_get_out(out: Out, change: Callable[[Lab], None]) -> None:
    lab = dual()
    change(lab)
    assert one(out(lab, "ipv6")).verdict is Verdict.YES
    private_block(lab)
    assert one(out(lab, "ipv6")).verdict is Verdict.NO


@pytest.mark.parametrize(
    ("made", "verdict"),
    [
        (lambda: inspected(), "conditional"),
        (lambda: inspected(forwards=False), "no"),
        (lambda: inspected(public=False), "no"),
        (lambda: inspected(entering=True), "conditional"),
        (lambda: inspected(entering=True, forwards=False), "conditional"),
    ],
    ids=["out", "it does not forward", "it has no address", "back", "it does not forward back"],
)
def test_an_appliance_on_the_way_is_not_evaluated(
    out: Out, made: Callable[[], JoinedLab], verdict: str
) -> None:
    found = one(out(made()))
    assert str(found.verdict) == verdict


def test_replies_that_an_appliance_drops_leave_tcp_out(out: Out) -> None:
    verdicts = []
    for forwards in (True, False):
        lab = inspected(entering=True, forwards=forwards)
        tcp_only(lab)
        found = one(out(lab))
        verdicts.append(str(found.verdict))
        terms = found.answer.conditions
        assert any(term.startswith("inspection:") for term in terms) == forwards
    assert verdicts == ["conditional", "no"]


def test_the_appliances_subnet_counts_for_block_public_access(out: Out) -> None:
    lab = inspected()
    bpa("block-bidirectional")(lab)
    assert one(out(lab)).verdict is Verdict.NO
    lab = inspected()
    subnet = {
        "ResourceArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/subnet-f",
        "InternetGatewayExclusionMode": "allow-bidirectional",
        "State": "create-complete",
    }
    bpa("block-bidirectional", subnet)(lab)
    assert one(out(lab)).verdict is Verdict.CONDITIONAL


def test_an_egress_exclusion_is_for_nat_gateways(out: Out) -> None:
    for made, verdict in ((translated, Verdict.YES), (direct, Verdict.NO)):
        lab = made()
        bpa("block-bidirectional", excluded("allow-egress"))(lab)
        assert one(out(lab)).verdict is verdict


@pytest.mark.parametrize(
    ("address", "verdict"), [("2a02:8000::1", "no"), ("64:ff9b::c633:6401", "unknown")]
)
def test_a_nat_gateway_knows_ipv6_by_nat64_only(out: Out, address: str, verdict: str) -> None:
    lab = translated()
    lab.item("eni-a")["Ipv6Addresses"] = [{"Ipv6Address": "2600:1::10"}]
    lab.item("sg-a")["IpPermissionsEgress"] = [allow("-1", "::/0")]
    lab.item("rtb-a")["Routes"] += [route("::/0", "nat-1"), route("64:ff9b::/96", "nat-1")]
    assert str(one(out(lab, "ipv6", address)).verdict) == verdict


def test_steps_speak_of_the_internet_not_of_the_address_that_stood_for_it(out: Out) -> None:
    lab = direct()
    assert "let all to the internet." in one(out(lab)).answer.steps[1].text
    lab.item("rtb-a")["Routes"][-1] = route("203.0.113.0/24", "igw-9")
    assert one(out(lab)).answer.why.endswith("has no route to most of the internet.")
    lab.item("rtb-a")["Routes"].pop()
    found = one(out(lab))
    assert found.answer.why.endswith("has no route to the internet.")
    assert not any("11.0.0.0" in step.text for step in found.answer.steps)
    assert one(out(lab, address="11.0.0.9")).answer.why.endswith("has no route to 11.0.0.9.")


@pytest.mark.parametrize("where", ["own", "other"])
def test_a_gateway_maps_the_addresses_of_its_own_vpc_only(out: Out, where: str) -> None:
    """A NAT gateway's way to the internet: its VPC's gateway, or one over a transit gateway."""
    lab = translated()
    side(lab, "e", 9, [route("0.0.0.0/0", "igw-9"), route("10.0.0.0/8", "tgw-1")])
    item = {"InternetGatewayId": "igw-9", "OwnerId": ACCOUNT}
    item |= {"Attachments": [{"VpcId": "vpc-e", "State": "available"}]}
    lab.add("ec2:internet-gateway", "igw-9", arn("internet-gateway", "igw-9"), item)
    gateway(lab, "tgw-1")
    attachment(lab, "tgw-attach-a", "tgw-1", "vpc-a", ("subnet-n",))
    attachment(lab, "tgw-attach-e", "tgw-1", "vpc-e", ("subnet-e",))
    routes = [transit_route("0.0.0.0/0", "tgw-attach-e")]
    transit_table(lab, "tgw-rtb-1", "tgw-1", routes, ("tgw-attach-a", "tgw-attach-e"))
    if where == "other":
        lab.item("rtb-n")["Routes"][-1] = route("0.0.0.0/0", "tgw-1")
    found = one(out(lab))
    assert str(found.verdict) == ("yes" if where == "own" else "no")
    assert failing(found) == ([] if where == "own" else ["route"])
