"""Inside a VPC and over peering: each control, and its twin that differs in that control."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graph.verdict import Verdict
from network.aws_shapes import Json, Lab, allow, arn, entry, open_acl
from network.between.lab import (
    OTHER,
    JoinedLab,
    Judge,
    failing,
    judge,
    local,
    peered,
    peering,
    route,
    side,
)

__all__ = ["judge"]

Change = Callable[[Lab], Any]


def neighbours() -> JoinedLab:
    """Two interfaces in two subnets of one VPC, the second open on 22 to the first's group."""
    lab = JoinedLab()
    side(lab, "a", 1, [])
    lab.subnet("subnet-b", "vpc-a", "10.1.2.0/24")
    lab.acl("acl-b", "vpc-a", open_acl(), ("subnet-b",))
    lab.group("sg-b", [from_group("sg-a")], "vpc-a")
    lab.eni("eni-b", "subnet-b", ("sg-b",), private="10.1.2.10", vpc="vpc-a")
    return lab


def from_group(name: str, port: int = 22) -> Json:
    pairs = [{"GroupId": name}]
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": pairs}


def egress(name: str, *permissions: Json) -> Change:
    return lambda lab: lab.item(name).update(IpPermissionsEgress=list(permissions))


def ingress(name: str, *permissions: Json) -> Change:
    return lambda lab: lab.item(name).update(IpPermissions=list(permissions))


def acl(name: str, *entries: Json) -> Change:
    return lambda lab: lab.item(name).update(Entries=list(entries))


IN, OUT = entry(100), entry(100, egress=True)
LOW = entry(100, egress=True, protocol="6", ports=(443, 443))
PART = entry(100, egress=True, protocol="6", ports=(32768, 65535))
NO_IN = entry(50, "deny", protocol="6", ports=(22, 22))

INSIDE: list[tuple[str, Change, Verdict, str]] = [
    ("as it is", lambda lab: None, Verdict.YES, ""),
    ("no rule for the group", ingress("sg-b", from_group("sg-x")), Verdict.NO, "security group in"),
    ("no rule at all", ingress("sg-b"), Verdict.NO, "security group in"),
    ("the sender's group lets nothing out", egress("sg-a"), Verdict.NO, "security group out"),
    ("out to another port", egress("sg-a", allow("tcp/80")), Verdict.NO, "security group out"),
    ("out to the group", egress("sg-a", from_group("sg-b")), Verdict.YES, ""),
    ("ACL in denies", acl("acl-b", NO_IN, IN, OUT), Verdict.NO, "network ACL in"),
    ("ACL out denies", acl("acl-a", IN), Verdict.NO, "network ACL out"),
    ("no reply leaves", acl("acl-b", IN, LOW), Verdict.NO, "reply, network ACL out"),
    ("no reply comes in", acl("acl-a", OUT), Verdict.NO, "reply, network ACL in"),
    ("some replies leave", acl("acl-b", IN, PART), Verdict.CONDITIONAL, ""),
    ("groups not read", lambda lab: lab.remove("sg-b"), Verdict.UNKNOWN, ""),
    ("ACLs not read", lambda lab: lab.remove("acl-b"), Verdict.UNKNOWN, ""),
    ("tables not read", lambda lab: lab.remove("rtb-a"), Verdict.UNKNOWN, ""),
    ("subnet not read", lambda lab: lab.remove("subnet-b"), Verdict.UNKNOWN, ""),
]


@pytest.mark.parametrize(("name", "change", "verdict", "lock"), INSIDE, ids=[r[0] for r in INSIDE])
def test_inside_a_vpc(judge: Judge, name: str, change: Change, verdict: Verdict, lock: str) -> None:
    lab = neighbours()
    change(lab)
    found = judge(lab)
    assert found.verdict is verdict
    assert ([lock] if lock else []) == failing(found)
    assert found.ports == (() if verdict is Verdict.NO else ("tcp/22",)) or "not read" in name
    assert (verdict in (Verdict.YES, Verdict.NO)) == (not found.answer.conditions)


def test_a_part_of_the_client_ports_is_named(judge: Judge) -> None:
    lab = neighbours()
    acl("acl-b", IN, PART)(lab)
    assert judge(lab).answer.conditions == ("ports:client-port=32768-65535",)


def test_what_is_missing_is_named(judge: Judge) -> None:
    lab = neighbours()
    lab.deny("ec2.describe_network_acls")
    lab.remove("acl-a")
    lab.remove("acl-b")
    (condition,) = judge(lab).answer.conditions
    assert condition.startswith("not_collected:ec2.describe_network_acls@")


def test_acls_stand_at_the_subnets_edge_only(judge: Judge) -> None:
    lab = neighbours()
    lab.item("eni-b").update(SubnetId="subnet-a")
    lab.remove("rtb-a")
    acl("acl-a")(lab)
    assert judge(lab).verdict is Verdict.YES


def test_a_closed_lock_that_was_seen_is_no_whatever_is_missing(judge: Judge) -> None:
    lab = neighbours()
    lab.remove("acl-b")
    ingress("sg-b")(lab)
    assert judge(lab).verdict is Verdict.NO


def test_udp_without_a_reply_is_one_way(judge: Judge) -> None:
    lab = neighbours()
    ingress("sg-b", allow("udp/514", "10.1.0.0/16"))(lab)
    assert (judge(lab).verdict, judge(lab).ports) == (Verdict.YES, ("udp/514",))
    acl("acl-b", IN)(lab)
    found = judge(lab)
    assert found.verdict is Verdict.CONDITIONAL
    assert found.answer.conditions == ("ports:one-way",)


def test_each_port_has_its_own_verdict(judge: Judge) -> None:
    lab = neighbours()
    ingress("sg-b", allow("tcp/1-100", "10.1.0.0/16"))(lab)
    egress("sg-a", allow("tcp/50-200"))(lab)
    assert judge(lab).ports == ("tcp/50-100",)
    lab.item("sg-b")["IpPermissions"].append(
        {
            "IpProtocol": "tcp",
            "FromPort": 150,
            "ToPort": 160,
            "PrefixListIds": [{"PrefixListId": "pl-unread"}],
        }
    )
    found = judge(lab)
    assert (found.ports, found.other_ports) == (("tcp/50-100",), ("tcp/150-160=unknown",))


def test_no_port_is_left_between_two_open_locks(judge: Judge) -> None:
    lab = neighbours()
    ingress("sg-b", allow("tcp/22", "10.1.0.0/16"))(lab)
    acl("acl-b", entry(1, protocol="6", ports=(22, 22)), OUT)(lab)
    acl("acl-a", entry(1, egress=True, protocol="6", ports=(23, 23)), IN)(lab)
    assert judge(lab).verdict is Verdict.NO


def test_state_of_both_ends(judge: Judge) -> None:
    lab = neighbours()
    for letter in "ab":
        lab.item(f"eni-{letter}")["Attachment"] = {"InstanceId": f"i-{letter}"}
        lab.instance(f"i-{letter}", (f"eni-{letter}",))
    assert judge(lab).verdict is Verdict.YES
    assert judge(lab).target == arn("instance", "i-b")
    for letter in "ab":
        twin = lab.twin()
        twin.item(f"i-{letter}")["State"] = {"Name": "stopped"}
        assert judge(twin).verdict is Verdict.DORMANT
        twin.item(f"i-{letter}")["State"] = {"Name": "terminated"}
        assert judge(twin).verdict is Verdict.NO


@pytest.mark.parametrize("kind", ["nat_gateway", "transit_gateway", "lambda"])
def test_interfaces_that_take_nothing(judge: Judge, kind: str) -> None:
    lab = neighbours()
    lab.item("eni-b")["InterfaceType"] = kind
    assert failing(judge(lab)) == ["address"]
    lab.item("eni-b")["InterfaceType"] = "vpc_endpoint"
    assert judge(lab).verdict is Verdict.YES


def appliance(check: bool = False) -> JoinedLab:
    """The way between the subnets leads through an appliance."""
    lab = neighbours()
    lab.subnet("subnet-f", "vpc-a", "10.1.3.0/24")
    lab.acl("acl-f", "vpc-a", open_acl(), ("subnet-f",))
    lab.group("sg-f", [allow("-1")], "vpc-a")
    more = {"SourceDestCheck": check}
    lab.eni("eni-f", "subnet-f", ("sg-f",), private="10.1.3.10", vpc="vpc-a", **more)
    ways = [local("10.1.0.0/16"), route("10.1.2.0/24", "eni-f")]
    lab.table("rtb-s", "vpc-a", ways, subnets=("subnet-a",))
    ingress("sg-b", allow("tcp/22", "10.1.0.0/16"))(lab)
    return lab


def test_an_appliance_on_the_way_inspects(judge: Judge) -> None:
    found = judge(appliance())
    assert found.verdict is Verdict.CONDITIONAL
    assert found.answer.conditions == (f"inspection:{arn('network-interface', 'eni-f')}",)
    assert found.mechanism == "appliance/ipv4"
    assert failing(judge(appliance(check=True))) == ["route"]


def test_a_rule_that_names_the_group_does_not_know_it_behind_an_appliance(judge: Judge) -> None:
    lab = appliance()
    ingress("sg-b", from_group("sg-a"))(lab)
    assert failing(judge(lab)) == ["security group in"]


def test_the_appliances_own_acl_is_met(judge: Judge) -> None:
    lab = appliance()
    acl("acl-f", IN)(lab)
    assert failing(judge(lab)) == ["network ACL out"]


def test_an_appliance_that_leads_back_to_itself_is_no_way(judge: Judge) -> None:
    lab = appliance()
    ways = [local("10.1.0.0/16"), route("10.1.2.0/24", "eni-g")]
    lab.table("rtb-f", "vpc-a", ways, subnets=("subnet-f",))
    lab.eni("eni-g", "subnet-a", ("sg-f",), private="10.1.1.99", vpc="vpc-a")
    assert failing(judge(lab)) == ["route"]


OVER: list[tuple[str, Change, Verdict, str]] = [
    ("as it is", lambda lab: None, Verdict.YES, ""),
    (
        "pending",
        lambda lab: lab.item("pcx-1").update(Status={"Code": "pending-acceptance"}),
        Verdict.NO,
        "",
    ),
    ("no way", lambda lab: lab.item("rtb-a")["Routes"].pop(), Verdict.NO, "route"),
    ("no way back", lambda lab: lab.item("rtb-b")["Routes"].pop(), Verdict.NO, "reply route"),
    (
        "blackhole",
        lambda lab: lab.item("rtb-a")["Routes"].append(route("10.2.1.0/24", "pcx-1", "blackhole")),
        Verdict.NO,
        "route",
    ),
    ("peering not read", lambda lab: lab.remove("pcx-1"), Verdict.UNKNOWN, ""),
    (
        "an unread prefix list could lead elsewhere",
        lambda lab: lab.item("rtb-a")["Routes"].append(
            {"DestinationPrefixListId": "pl-1", "TransitGatewayId": "tgw-1", "State": "active"}
        ),
        Verdict.UNKNOWN,
        "",
    ),
]


@pytest.mark.parametrize(("name", "change", "verdict", "lock"), OVER, ids=[r[0] for r in OVER])
def test_over_peering(judge: Judge, name: str, change: Change, verdict: Verdict, lock: str) -> None:
    lab = peered()
    change(lab)
    found = judge(lab)
    assert found.verdict is verdict
    assert not lock or failing(found) == [lock]


def test_a_group_is_known_over_peering_in_the_same_region(judge: Judge) -> None:
    lab = peered()
    ingress("sg-b", from_group("sg-a"))(lab)
    assert judge(lab).verdict is Verdict.YES
    lab.item("pcx-1")["Status"] = {"Code": "deleted"}
    assert judge(lab).verdict is Verdict.NO


def test_a_rule_for_a_group_that_is_gone_admits_nobody(judge: Judge) -> None:
    """Case 46: a stale reference over a peering."""
    lab = peered()
    ingress("sg-b", from_group("sg-deleted"))(lab)
    assert failing(judge(lab)) == ["security group in"]


def test_peering_is_not_transitive(judge: Judge) -> None:
    """Case 40: a to b to c is no way from a to c, even if the routes say so."""
    lab = peered()
    side(lab, "c", 3, [route("10.1.0.0/16", "pcx-2")])
    lab.item("rtb-a")["Routes"].append(route("10.3.0.0/16", "pcx-1"))
    lab.item("rtb-b")["Routes"].append(route("10.3.0.0/16", "pcx-2"))
    peering(lab, "pcx-2", "vpc-b", "vpc-c")
    c = arn("network-interface", "eni-c")
    assert failing(judge(lab, target=c))[0] == "route"
    peering(lab, "pcx-3", "vpc-a", "vpc-c")
    lab.item("rtb-a")["Routes"][-1] = route("10.3.0.0/16", "pcx-3")
    lab.item("rtb-c")["Routes"][-1] = route("10.1.0.0/16", "pcx-3")
    assert judge(lab, target=c).verdict is Verdict.YES


def test_overlapping_ranges_go_where_the_route_says(judge: Judge) -> None:
    """Case 42: two peers with the same range; the route's target decides."""
    lab = peered()
    side(lab, "c", 2, [route("10.1.0.0/16", "pcx-2")])
    peering(lab, "pcx-2", "vpc-a", "vpc-c")
    c = arn("network-interface", "eni-c")
    assert judge(lab).verdict is Verdict.YES
    assert failing(judge(lab, target=c)) == ["route"]
    lab.item("rtb-a")["Routes"][-1] = route("10.2.0.0/16", "pcx-2")
    assert failing(judge(lab)) == ["route"]
    assert judge(lab, target=c).verdict is Verdict.YES


def test_a_longer_prefix_wins(judge: Judge) -> None:
    lab = peered()
    lab.item("rtb-a")["Routes"].append(route("10.2.1.0/24", "igw-1"))
    assert failing(judge(lab)) == ["route"]
    lab.item("rtb-a")["Routes"].append(route("10.2.1.10/32", "pcx-1"))
    assert judge(lab).verdict is Verdict.YES


def test_a_shared_subnet_is_filtered_by_its_owners_acl(judge: Judge) -> None:
    """Case 47: the participant's interface stands in a subnet of another account."""
    lab = peered(account=OTHER)
    lab.group("sg-mine", [allow("tcp/22", "10.1.0.0/16")], "vpc-b")
    lab.eni("eni-mine", "subnet-b", ("sg-mine",), private="10.2.1.20", vpc="vpc-b")
    mine = arn("network-interface", "eni-mine")
    assert judge(lab, target=mine).verdict is Verdict.YES
    acl("acl-b", NO_IN, IN, OUT)(lab)
    assert failing(judge(lab, target=mine)) == ["network ACL in"]


def test_a_shared_subnets_owner_who_was_not_collected_leaves_it_unknown(judge: Judge) -> None:
    lab = peered(account=OTHER)
    lab.remove("acl-b")
    lab.remove("rtb-b")
    lab.deny("ec2.describe_network_acls", OTHER)
    lab.deny("ec2.describe_route_tables", OTHER)
    lab.eni("eni-mine", "subnet-b", ("sg-a",), private="10.2.1.20", vpc="vpc-b")
    found = judge(lab, target=arn("network-interface", "eni-mine"))
    assert found.verdict is Verdict.UNKNOWN
    assert any(f"describe_network_acls@{OTHER}" in one for one in found.answer.conditions)


def test_families_are_judged_apart(judge: Judge) -> None:
    lab = peered()
    for letter, number in (("a", 1), ("b", 2)):
        block = {
            "Ipv6CidrBlock": f"2600:{number}::/56",
            "Ipv6CidrBlockState": {"State": "associated"},
        }
        lab.item(f"vpc-{letter}")["Ipv6CidrBlockAssociationSet"] = [block]
        lab.item(f"eni-{letter}")["Ipv6Addresses"] = [{"Ipv6Address": f"2600:{number}::10"}]
    lab.item("rtb-a")["Routes"].append(route("2600:2::/56", "pcx-1"))
    lab.item("rtb-b")["Routes"].append(route("2600:1::/56", "pcx-1"))
    assert judge(lab).verdict is Verdict.YES
    assert failing(judge(lab, family="ipv6")) == [
        "security group out",
        "security group in",
    ]
    lab.item("sg-b")["IpPermissions"].append(allow("tcp/22", "2600:1::/56"))
    lab.item("sg-a")["IpPermissionsEgress"].append(allow("-1", "::/0"))
    assert judge(lab, family="ipv6").verdict is Verdict.YES


def test_one_of_several_addresses_is_enough(judge: Judge) -> None:
    lab = neighbours()
    ingress("sg-b", allow("tcp/22", "10.1.1.99/32"))(lab)
    assert judge(lab).verdict is Verdict.NO
    lab.item("eni-a")["PrivateIpAddresses"].append({"PrivateIpAddress": "10.1.1.99"})
    assert judge(lab).verdict is Verdict.YES


@pytest.mark.parametrize(
    ("kind", "verdict"), [("network_load_balancer", "yes"), ("interface", "no")]
)
def test_only_some_types_have_no_security_group(judge: Judge, kind: str, verdict: str) -> None:
    lab = peered()
    lab.item("eni-b").update(InterfaceType=kind, Groups=[])
    assert str(judge(lab).verdict) == verdict
