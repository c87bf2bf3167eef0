"""Out to the internet: each way, and its twin that differs in one control."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.network.between.egress import interface_to_internet
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
