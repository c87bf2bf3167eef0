"""By the internet from a sender with several addresses: which of them the target may see."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.network.between.ends import End
from graph.network.between.over_internet import end_over_internet
from network.aws_shapes import allow, entry
from network.between.lab import A, B, JoinedLab, route, side
from network.between.test_egress import direct, nat
from snapshot_files import ACCOUNT, REGION

FIRST, SECOND = "198.51.100.9", "198.51.100.10"


def beside(own: str = "") -> JoinedLab:
    """A sender with two public addresses, or behind a NAT gateway with two; a public target."""
    lab = JoinedLab() if own else direct()
    eni = "eni-a"
    if own:
        side(lab, "a", 1, [route("0.0.0.0/0", "nat-1")])
        nat(lab, "a", 1)
        eni = "eni-n"
    addresses = lab.item(eni)["PrivateIpAddresses"]
    addresses[0]["Association"] = {"PublicIp": FIRST}
    addresses.append({"PrivateIpAddress": "10.1.8.77", "Association": {"PublicIp": SECOND}})
    side(lab, "b", 2, [route("0.0.0.0/0", "igw-2")])
    lab.item("eni-b")["PrivateIpAddresses"][0]["Association"] = {"PublicIp": "203.0.113.5"}
    gateway = {"InternetGatewayId": "igw-2", "Attachments": [{"VpcId": "vpc-b"}]}
    gateway["Attachments"] = [{"VpcId": "vpc-b", "State": "available"}]
    lab.add(
        "ec2:internet-gateway",
        "igw-2",
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:internet-gateway/igw-2",
        gateway,
    )
    return lab


def verdicts(lab: JoinedLab, folder: Path) -> list[tuple[str, tuple[str, ...]]]:
    world = lab.build(folder)
    ends = [End(name, (world.interfaces[name],)) for name in (A, B)]
    found = end_over_internet(world, *ends)
    return [(str(one.verdict), one.answer.conditions) for one in found]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("admitted", "reached"), [(FIRST, True), (SECOND, True), ("198.51.100.11", False)]
)
def test_a_sender_uses_any_of_its_own(
    tmp_path: Path, order: int, admitted: str, reached: bool
) -> None:
    lab = beside()
    lab.item("eni-a")["PrivateIpAddresses"].sort(
        key=lambda one: order * int(one["PrivateIpAddress"][-1])
    )
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", f"{admitted}/32")]
    assert verdicts(lab, tmp_path) == ([("yes", ())] if reached else [])


@pytest.mark.parametrize(
    ("admitted", "told"),
    [
        (f"{FIRST}/32", [("conditional", ("context:nat-gateway-address",))]),
        (f"{SECOND}/32", [("conditional", ("context:nat-gateway-address",))]),
        ("198.51.100.8/30", [("yes", ())]),
        ("203.0.113.0/24", []),
    ],
)
def test_a_nat_gateway_takes_one_of_its_own(
    tmp_path: Path, admitted: str, told: list[tuple[str, tuple[str, ...]]]
) -> None:
    lab = beside("nat")
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", admitted)]
    assert verdicts(lab, tmp_path) == told


@pytest.mark.parametrize(("denied", "told"), [(SECOND, "conditional"), ("198.51.100.11", "yes")])
def test_an_address_that_the_network_acl_denies_is_none(
    tmp_path: Path, denied: str, told: str
) -> None:
    lab = beside("nat")
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", "0.0.0.0/0")]
    lab.item("acl-b")["Entries"].insert(0, entry(1, "deny", cidr=f"{denied}/32"))
    assert [verdict for verdict, _ in verdicts(lab, tmp_path)] == [told]


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("nat-1", "describe_nat_gateways"),
        ("eni-n", "describe_network_interfaces"),
        ("subnet-n", "describe_subnets"),
    ],
)
@pytest.mark.parametrize("admitted", ["0.0.0.0/0", f"{FIRST}/32"])
def test_a_nat_gateway_that_was_not_read_leaves_it_unknown(
    tmp_path: Path, name: str, call: str, admitted: str
) -> None:
    """Twin: nothing is missing (above); whom the target admits changes no unknown."""
    lab = beside("nat")
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", admitted)]
    lab.remove(name)
    lab.deny(f"ec2.{call}")
    ((verdict, terms),) = verdicts(lab, tmp_path)
    assert (verdict, any("nat" in term for term in terms)) == ("unknown", True)
