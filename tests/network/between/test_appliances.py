"""NAT instances: in by one interface and out by another, under addresses of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graph.network import ports
from graph.network.between.egress import interface_to_internet
from graph.network.between.ends import End
from graph.network.between.over_internet import end_over_internet
from graph.network.internet import internet_to_interface
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, arn, open_acl
from network.between.lab import A, B, JoinedLab, Judge, failing, judge, local, peered, route
from snapshot_files import ACCOUNT

__all__ = ["judge"]


def two_armed(lab: JoinedLab) -> JoinedLab:
    """``eni-in`` and ``eni-out`` of one instance in VPC a, each in a subnet of its own."""
    for number, arm in ((7, "in"), (8, "out")):
        lab.subnet(f"subnet-{arm}", "vpc-a", f"10.1.{number}.0/24")
        lab.acl(f"acl-{arm}", "vpc-a", open_acl(), (f"subnet-{arm}",))
        lab.table(f"rtb-{arm}", "vpc-a", [local("10.1.0.0/16")], subnets=(f"subnet-{arm}",))
        lab.eni(
            f"eni-{arm}",
            f"subnet-{arm}",
            ("sg-a",),
            private=f"10.1.{number}.8",
            vpc="vpc-a",
            instance="i-nat",
            SourceDestCheck=False,
        )
    lab.instance("i-nat", ("eni-in", "eni-out"))
    return lab


def apart(lab: Lab) -> None:
    """The arms belong to two instances."""
    lab.item("i-nat")["NetworkInterfaces"].pop()
    lab.item("eni-out")["Attachment"]["InstanceId"] = "i-other"
    lab.instance("i-other", ("eni-out",))


def to_the_other_vpc() -> JoinedLab:
    """The way to VPC b leads in by one arm; only the other arm's subnet knows the peering."""
    lab = two_armed(peered())
    lab.item("rtb-a")["Routes"][-1] = route("10.2.0.0/16", "eni-in")
    lab.item("rtb-out")["Routes"].append(route("10.2.0.0/16", "pcx-1"))
    return lab


def test_what_comes_in_by_one_interface_may_go_out_by_another(judge: Judge) -> None:
    lab = to_the_other_vpc()
    found = judge(lab)
    assert found.verdict is Verdict.CONDITIONAL
    assert [term.partition(":")[0] for term in found.answer.conditions] == ["inspection"]
    apart(lab)
    assert failing(judge(lab))[:1] == ["route"]


def test_an_instance_may_send_under_an_address_of_its_own(judge: Judge) -> None:
    lab = to_the_other_vpc()
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", "10.1.8.8/32")]
    assert judge(lab).verdict is Verdict.CONDITIONAL
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", "10.1.8.9/32")]
    assert judge(lab).verdict is Verdict.NO


def test_replies_find_an_instance_that_translates(judge: Judge) -> None:
    lab = to_the_other_vpc()
    lab.item("rtb-b")["Routes"][-1] = route("10.1.8.0/24", "pcx-1")
    assert judge(lab).verdict is Verdict.CONDITIONAL
    lab.item("rtb-b")["Routes"][-1] = route("10.1.9.0/24", "pcx-1")
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", "10.0.0.0/8")]
    assert "reply route" in failing(judge(lab))


@pytest.mark.parametrize("address", ["10.1.7.8", "10.1.8.8"])
def test_an_instance_may_send_by_any_of_its_interfaces(judge: Judge, address: str) -> None:
    """Both arms' subnets lead on; the receiver knows one arm only."""
    lab = to_the_other_vpc()
    lab.item("rtb-in")["Routes"].append(route("10.2.0.0/16", "pcx-1"))
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", f"{address}/32")]
    assert judge(lab).verdict is Verdict.CONDITIONAL
    lab.item("acl-in" if address == "10.1.7.8" else "acl-out")["Entries"] = []
    assert judge(lab).verdict is Verdict.NO


def to_the_internet() -> JoinedLab:
    """A private interface; the way out leads in by one arm, the other one is public."""
    lab = two_armed(peered())
    lab.item("rtb-a")["Routes"].append(route("0.0.0.0/0", "eni-in"))
    lab.item("rtb-out")["Routes"].append(route("0.0.0.0/0", "igw-1"))
    attached = [{"VpcId": "vpc-a", "State": "available"}]
    item = {"InternetGatewayId": "igw-1", "OwnerId": ACCOUNT, "Attachments": attached}
    lab.add("ec2:internet-gateway", "igw-1", arn("internet-gateway", "igw-1"), item)
    lab.item("eni-out")["PrivateIpAddresses"][0]["Association"] = {"PublicIp": "198.51.100.8"}
    return lab


def no_public(lab: Lab) -> None:
    lab.item("eni-out")["PrivateIpAddresses"][0].pop("Association")


@pytest.mark.parametrize("lock", [apart, no_public])
def test_out_to_the_internet_by_the_other_interface(
    tmp_path: Path, lock: Callable[[Lab], None]
) -> None:
    lab = to_the_internet()
    found = []
    for name, change in (("open", lambda lab: None), ("locked", lock)):
        change(lab)
        world = lab.build(tmp_path / name)
        found += interface_to_internet(world, world.interfaces[A])
    assert [str(one.verdict) for one in found] == ["conditional", "no"]


def test_the_internet_sees_the_instances_address(tmp_path: Path) -> None:
    lab = to_the_internet()
    attached = [{"VpcId": "vpc-b", "State": "available"}]
    item = {"InternetGatewayId": "igw-2", "OwnerId": ACCOUNT, "Attachments": attached}
    lab.add("ec2:internet-gateway", "igw-2", arn("internet-gateway", "igw-2"), item)
    lab.item("eni-b")["PrivateIpAddresses"][0]["Association"] = {"PublicIp": "198.51.100.20"}
    lab.item("rtb-b")["Routes"].append(route("0.0.0.0/0", "igw-2"))
    found: list[list[Reach]] = []
    for cidr in ("198.51.100.8/32", "198.51.100.9/32"):
        lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", cidr)]
        world = lab.build(tmp_path / cidr.replace("/", "-"))
        ends = [End(one, (world.interfaces[one],)) for one in (A, B)]
        found.append(end_over_internet(world, ends[0], ends[1], ports.tcp(22)))
    assert [[str(one.verdict) for one in some] for some in found] == [["conditional"], []]


def test_replies_to_the_internet_by_the_other_interface(tmp_path: Path) -> None:
    lab = to_the_internet()
    lab.item("eni-a")["PrivateIpAddresses"][0]["Association"] = {"PublicIp": "198.51.100.7"}
    lab.item("sg-a")["IpPermissions"] = [allow("tcp/22")]
    found = []
    for name, change in (("open", lambda lab: None), ("locked", apart)):
        change(lab)
        world = lab.build(tmp_path / name)
        found += internet_to_interface(world, world.interfaces[A])
    assert [str(one.verdict) for one in found] == ["conditional", "no"]


def test_ways_that_multiply_are_given_up_as_unknown(judge: Judge) -> None:
    """Ten appliances of four arms each, in a row, the last of which knows no way on."""
    lab = peered()
    for row in range(10):
        for arm in range(4):
            name = f"{row}-{arm}"
            lab.subnet(f"subnet-{name}", "vpc-a", f"10.1.{16 + row}.{32 * arm}/27")
            onward = [route("10.2.0.0/16", f"eni-{row + 1}-0")] if row < 9 else []
            lab.table(f"rtb-{name}", "vpc-a", onward, subnets=(f"subnet-{name}",))
            lab.eni(
                f"eni-{name}",
                f"subnet-{name}",
                ("sg-a",),
                private=f"10.1.{16 + row}.{32 * arm + 8}",
                vpc="vpc-a",
                instance=f"i-{row}",
                SourceDestCheck=False,
            )
        lab.instance(f"i-{row}", tuple(f"eni-{row}-{arm}" for arm in range(4)))
    lab.item("rtb-a")["Routes"][-1] = route("10.2.0.0/16", "eni-8-0")
    assert judge(lab).verdict is Verdict.NO
    lab.item("rtb-a")["Routes"][-1] = route("10.2.0.0/16", "eni-0-0")
    assert judge(lab).verdict is Verdict.UNKNOWN
