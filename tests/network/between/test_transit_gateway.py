"""Over transit gateways: association, routes, zones, peerings, ACLs; each with its twin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, arn, entry, open_acl
from network.between.lab import (
    OTHER,
    JoinedLab,
    Judge,
    attachment,
    failing,
    gateway,
    judge,
    local,
    route,
    side,
    transit,
    transit_route,
    transit_table,
)
from snapshot_files import ACCOUNT, REGION, Denied

__all__ = ["judge"]

Change = Callable[[Lab], Any]


def table_line(lab: Lab, name: str = "tgw-rtb-1") -> Any:
    return next(found[name] for found in lab.lines.values() if name in found)


def routes(*given: Any) -> Change:
    call = "search_transit_gateway_routes"
    return lambda lab: table_line(lab)["calls"].update({call: {"status": "ok", "value": [*given]}})


def associations(*given: str) -> Change:
    value = [{"TransitGatewayAttachmentId": name, "State": "associated"} for name in given]
    call = "get_transit_gateway_route_table_associations"
    return lambda lab: table_line(lab)["calls"].update({call: {"status": "ok", "value": value}})


def denied(call: str) -> Change:
    return lambda lab: table_line(lab)["calls"].update(
        {call: {"status": "denied", "error": "AccessDenied"}}
    )


def no_tables(lab: Lab) -> None:
    lab.remove("tgw-rtb-1")


def unseen_tables(lab: Lab) -> None:
    lab.remove("tgw-rtb-1")
    lab.deny("ec2.describe_transit_gateway_route_tables")


def unseen_attachment(lab: Lab) -> None:
    lab.remove("tgw-attach-a")
    lab.deny("ec2.describe_transit_gateway_vpc_attachments")


TO_A = transit_route("10.1.0.0/16", "tgw-attach-a", kind="propagated")
TO_B = transit_route("10.2.0.0/16", "tgw-attach-b", kind="propagated")
HOLE = transit_route("10.2.1.0/24", state="blackhole")

CASES: list[tuple[str, Change, Verdict, str]] = [
    ("as it is", lambda lab: None, Verdict.YES, ""),
    ("no propagation (case 41)", routes(TO_A), Verdict.NO, "route"),
    ("no propagation back", routes(TO_B), Verdict.NO, "reply route"),
    ("a blackhole is longer", routes(TO_A, TO_B, HOLE), Verdict.NO, "route"),
    (
        "a static route beats a propagated one",
        routes(TO_A, TO_B, transit_route("10.2.0.0/16", state="blackhole")),
        Verdict.NO,
        "route",
    ),
    ("the sender's attachment has no table", associations("tgw-attach-b"), Verdict.NO, "route"),
    ("the way back has no table", associations("tgw-attach-a"), Verdict.NO, "reply route"),
    ("no tables at all", no_tables, Verdict.NO, "route"),
    ("tables unseen", unseen_tables, Verdict.UNKNOWN, ""),
    ("routes unseen", denied("search_transit_gateway_routes"), Verdict.UNKNOWN, ""),
    (
        "associations unseen",
        denied("get_transit_gateway_route_table_associations"),
        Verdict.UNKNOWN,
        "",
    ),
    ("no attachment", lambda lab: lab.remove("tgw-attach-a"), Verdict.NO, "route"),
    ("attachments unseen", unseen_attachment, Verdict.UNKNOWN, ""),
    (
        "attachment not accepted",
        lambda lab: lab.item("tgw-attach-a").update(State="pendingAcceptance"),
        Verdict.NO,
        "route",
    ),
    ("no route to it", lambda lab: lab.item("rtb-a")["Routes"].pop(), Verdict.NO, "route"),
    ("no route back", lambda lab: lab.item("rtb-b")["Routes"].pop(), Verdict.NO, "reply route"),
]


@pytest.mark.parametrize(("name", "change", "verdict", "lock"), CASES, ids=[c[0] for c in CASES])
def test_over_a_transit_gateway(
    judge: Judge, name: str, change: Change, verdict: Verdict, lock: str
) -> None:
    lab = transit()
    change(lab)
    found = judge(lab)
    assert found.verdict is verdict
    assert not lock or lock in failing(found)
    assert verdict is not Verdict.UNKNOWN or found.answer.conditions


def test_tables_of_an_owner_who_was_not_collected_are_named(judge: Judge) -> None:
    lab = transit(owner=OTHER)
    for key in [key for key in lab.lines if key[0] == OTHER]:
        del lab.lines[key]
    found = judge(lab)
    assert found.verdict is Verdict.UNKNOWN
    call = f"ec2.describe_transit_gateway_route_tables@{OTHER}/eu-west-1"
    assert found.answer.conditions == (f"not_collected:{call}",)


def test_the_attachment_needs_a_subnet_in_the_senders_zone(judge: Judge) -> None:
    lab = transit()
    lab.subnet("subnet-z", "vpc-a", "10.1.9.0/24", zone="b")
    lab.item("tgw-attach-a")["SubnetIds"] = ["subnet-z"]
    assert failing(judge(lab))[0] == "route"
    lab.item("subnet-z")["AvailabilityZone"] = lab.item("subnet-a")["AvailabilityZone"]
    lab.acl("acl-z", "vpc-a", open_acl(), ("subnet-z",))
    assert judge(lab).verdict is Verdict.YES


def own_attachment_subnets() -> JoinedLab:
    """Attachments in subnets of their own, with network ACLs of their own."""
    lab = transit()
    for letter, number in (("a", 1), ("b", 2)):
        lab.subnet(f"subnet-t{letter}", f"vpc-{letter}", f"10.{number}.9.0/28")
        lab.acl(f"acl-t{letter}", f"vpc-{letter}", open_acl(), (f"subnet-t{letter}",))
        lab.item(f"tgw-attach-{letter}")["SubnetIds"] = [f"subnet-t{letter}"]
    return lab


IN, OUT = entry(100), entry(100, egress=True)
ACLS: list[tuple[str, list[Any], str]] = [
    ("acl-ta", [IN], ""),
    ("acl-ta", [OUT], "network ACL in"),
    ("acl-tb", [IN], "network ACL out"),
    ("acl-b", [OUT], "network ACL in"),
    ("acl-a", [IN], "network ACL out"),
]


@pytest.mark.parametrize(("acl", "entries", "lock"), ACLS)
def test_acls_of_attachment_subnets(judge: Judge, acl: str, entries: list[Any], lock: str) -> None:
    """In from the machines and out to them; the other directions are not looked at."""
    lab = own_attachment_subnets()
    assert judge(lab).verdict is Verdict.YES
    lab.item(acl)["Entries"] = entries
    locks = [one for one in failing(judge(lab)) if not one.startswith("reply")]
    assert locks == ([lock] if lock else [])


def test_acls_are_not_met_on_the_way_in_where_the_attachment_shares_the_subnet(
    judge: Judge,
) -> None:
    lab = transit()
    lab.item("acl-b")["Entries"] = [entry(1, "deny", protocol="6", ports=(22, 22)), IN, OUT]
    assert judge(lab).verdict is Verdict.YES


def test_the_arriving_attachments_table_applies(judge: Judge) -> None:
    """It sends what arrives to a firewall, which is a condition; a blackhole ends the way."""
    lab = own_attachment_subnets()
    lab.subnet("subnet-f", "vpc-b", "10.2.7.0/24")
    lab.acl("acl-f", "vpc-b", open_acl(), ("subnet-f",))
    lab.group("sg-f", [allow("-1")], "vpc-b")
    lab.eni("eni-f", "subnet-f", ("sg-f",), private="10.2.7.7", vpc="vpc-b", SourceDestCheck=False)
    ways = [local("10.2.0.0/16"), route("10.2.1.0/24", "eni-f")]
    lab.table("rtb-tb", "vpc-b", ways, subnets=("subnet-tb",))
    found = judge(lab)
    assert found.verdict is Verdict.CONDITIONAL
    assert found.answer.conditions == (f"inspection:{arn('network-interface', 'eni-f')}",)
    ways[-1]["State"] = "blackhole"
    assert failing(judge(lab))[0] == "route"


def inspected() -> JoinedLab:
    """Both VPCs' attachments lead to an inspection VPC, whose table leads on."""
    lab = transit()
    side(lab, "i", 3, [route("10.0.0.0/8", "tgw-1")])
    attachment(lab, "tgw-attach-i", "tgw-1", "vpc-i", ("subnet-i",))
    lab.subnet("subnet-f", "vpc-i", "10.3.7.0/24")
    lab.acl("acl-f", "vpc-i", open_acl(), ("subnet-f",))
    lab.eni("eni-f", "subnet-f", ("sg-i",), private="10.3.7.7", vpc="vpc-i", SourceDestCheck=False)
    into = [local("10.3.0.0/16"), route("0.0.0.0/0", "eni-f")]
    lab.table("rtb-in", "vpc-i", into, subnets=("subnet-i",))
    routes(transit_route("0.0.0.0/0", "tgw-attach-i"))(lab)
    transit_table(lab, "tgw-rtb-2", "tgw-1", [TO_A, TO_B], ("tgw-attach-i",))
    return lab


def test_an_inspection_vpc_is_a_condition(judge: Judge) -> None:
    found = judge(inspected())
    assert found.verdict is Verdict.CONDITIONAL
    assert found.answer.conditions == (f"inspection:{arn('network-interface', 'eni-f')}",)


def test_an_inspection_vpc_that_does_not_lead_on_ends_the_way(judge: Judge) -> None:
    lab = inspected()
    lab.remove("tgw-rtb-2")
    assert failing(judge(lab))[0] == "route"


def two_gateways() -> JoinedLab:
    """One VPC on each of two gateways that are peered."""
    lab = transit()
    gateway(lab, "tgw-2")
    lab.item("rtb-b")["Routes"][-1]["TransitGatewayId"] = "tgw-2"
    attachment(lab, "tgw-attach-b", "tgw-2", "vpc-b", ("subnet-b",))
    name = "tgw-attach-p"
    item = {
        "TransitGatewayAttachmentId": name,
        "RequesterTgwInfo": {"TransitGatewayId": "tgw-1"},
        "AccepterTgwInfo": {"TransitGatewayId": "tgw-2"},
        "State": "available",
    }
    node = arn("transit-gateway-attachment", name)
    lab.add("ec2:transit-gateway-peering-attachment", name, node, item)
    peer = transit_route("10.2.0.0/16", name)
    transit_table(lab, "tgw-rtb-1", "tgw-1", [TO_A, peer], ("tgw-attach-a", name))
    back = transit_route("10.1.0.0/16", name)
    transit_table(lab, "tgw-rtb-2", "tgw-2", [TO_B, back], ("tgw-attach-b", name))
    return lab


def test_peered_gateways(judge: Judge) -> None:
    lab = two_gateways()
    assert judge(lab).verdict is Verdict.YES
    assert judge(lab).mechanism == "transit-gateway+transit-gateway-peering/ipv4"
    twin = lab.twin()
    table_line(twin, "tgw-rtb-2")["calls"]["get_transit_gateway_route_table_associations"][
        "value"
    ].pop()
    assert failing(judge(twin))[0] == "route"
    lab.item("tgw-attach-p")["State"] = "pendingAcceptance"
    assert failing(judge(lab))[0] == "route"


def test_a_group_is_known_across_a_gateway_that_supports_it(judge: Judge) -> None:
    lab = transit()
    pair = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    lab.item("sg-b")["IpPermissions"] = [pair | {"UserIdGroupPairs": [{"GroupId": "sg-a"}]}]
    assert failing(judge(lab)) == ["security group in"]
    gateway(lab, "tgw-1", references="enable")
    assert judge(lab).verdict is Verdict.YES
    lab.item("tgw-attach-b")["Options"] = {"SecurityGroupReferencingSupport": "disable"}
    assert failing(judge(lab)) == ["security group in"]


def test_outbound_rules_do_not_know_groups_across_a_gateway(judge: Judge) -> None:
    lab = transit()
    gateway(lab, "tgw-1", references="enable")
    pair = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    lab.item("sg-a")["IpPermissionsEgress"] = [pair | {"UserIdGroupPairs": [{"GroupId": "sg-b"}]}]
    assert failing(judge(lab)) == ["security group out"]


def test_what_a_list_of_prefixes_hides_is_unknown(judge: Judge) -> None:
    lab = transit()
    lab.prefix_list("pl-1", ["10.2.0.0/16"])
    listed = {"PrefixListId": "pl-1", "State": "active", "Type": "static"}
    listed["TransitGatewayAttachments"] = [{"TransitGatewayAttachmentId": "tgw-attach-b"}]
    routes(TO_A, listed)(lab)
    assert judge(lab).verdict is Verdict.YES
    lab.prefix_list("pl-1", Denied)
    assert judge(lab).verdict is Verdict.UNKNOWN


def test_on_premises_beyond_both_is_not_known(judge: Judge) -> None:
    """Both sides lead to the same network outside, which may route between them."""
    lab = transit()
    for letter in "ab":
        lab.item(f"rtb-{letter}")["Routes"][-1] = route("10.0.0.0/8", f"vgw-{letter}")
    found = judge(lab)
    assert found.verdict is Verdict.UNKNOWN
    assert found.answer.conditions == (
        "not_collected:routing beyond on-prem:vgw-a",
        "not_collected:routing beyond on-prem:vgw-b",
    )
    lab.item("rtb-b")["Routes"].pop()
    assert judge(lab).verdict is Verdict.NO


def test_ends_of_account(judge: Judge) -> None:
    assert judge(transit()).source.split(":")[4] == ACCOUNT


def test_a_zone_that_is_not_told_is_unknown(judge: Judge) -> None:
    """Zones' names of two accounts cannot be compared; their ids can."""
    lab = own_attachment_subnets()
    lab.item("subnet-ta")["OwnerId"] = OTHER
    found = judge(lab)
    assert found.verdict is Verdict.UNKNOWN
    assert any("subnet-ta" in one for one in found.answer.conditions)
    for name in ("subnet-a", "subnet-ta"):
        lab.item(name)["AvailabilityZoneId"] = "az1"
    assert judge(lab).verdict is Verdict.YES


def two_zones(*, into_b: list[Any], into_c: list[Any]) -> JoinedLab:
    """The far VPC of another account has attachment subnets in two zones, none in the sender's."""
    lab = own_attachment_subnets()
    lab.subnet("subnet-ub", "vpc-b", "10.2.10.0/28", zone="c", OwnerId=OTHER)
    lab.acl("acl-ub", "vpc-b", into_c, ("subnet-ub",))
    lab.item("acl-tb")["Entries"] = into_b
    lab.item("tgw-attach-b")["SubnetIds"] = ["subnet-tb", "subnet-ub"]
    lab.item("subnet-tb").update(AvailabilityZone=f"{REGION}b", OwnerId=OTHER)
    lab.item("subnet-b").update(AvailabilityZone=f"{REGION}c", OwnerId=OTHER)
    return lab


OUT_SSH = entry(1, egress=True, protocol="6", ports=(22, 22), cidr="10.2.0.0/16")
OUT_TLS = entry(1, egress=True, protocol="6", ports=(443, 443), cidr="10.2.0.0/16")


def test_any_zone_may_be_the_one_that_lets_it_through(judge: Judge) -> None:
    """A way that ends in one zone is no ``no`` while another zone's may be taken."""
    shut = [IN, OUT_TLS]
    assert judge(two_zones(into_b=shut, into_c=shut)).verdict is Verdict.NO
    for into_b, into_c in ((shut, [IN, OUT_SSH]), ([IN, OUT_SSH], shut)):
        found = judge(two_zones(into_b=into_b, into_c=into_c))
        assert (found.verdict, found.answer.conditions) == (
            Verdict.CONDITIONAL,
            ("context:availability-zone",),
        )
        assert found.ports == ("tcp/22",)


@pytest.mark.parametrize(
    ("ids", "verdict"),
    [
        ({}, "conditional"),
        ({"subnet-tb": "az1", "subnet-ub": "az2"}, "no"),
        ({"subnet-tb": "az2", "subnet-ub": "az1"}, "yes"),
    ],
    ids=["names of two accounts", "the closed one's zone", "the open one's zone"],
)
def test_zones_of_two_accounts_are_the_same_by_id_only(
    judge: Judge, ids: dict[str, str], verdict: str
) -> None:
    lab = two_zones(into_b=[IN, OUT_TLS], into_c=open_acl())
    lab.item("subnet-tb")["AvailabilityZone"] = lab.item("subnet-ta")["AvailabilityZone"]
    for name in ("subnet-a", "subnet-ta") if ids else ():
        lab.item(name)["AvailabilityZoneId"] = "az1"
    for name, zone in ids.items():
        lab.item(name)["AvailabilityZoneId"] = zone
    assert str(judge(lab).verdict) == verdict


@pytest.mark.parametrize(("mode", "verdict"), [("disable", "no"), ("enable", "conditional")])
def test_appliance_mode_takes_any_zone(judge: Judge, mode: str, verdict: str) -> None:
    lab = two_zones(into_b=[IN, OUT_TLS], into_c=open_acl())
    for name, zone in (("subnet-a", 1), ("subnet-ta", 1), ("subnet-tb", 1), ("subnet-ub", 2)):
        lab.item(name)["AvailabilityZoneId"] = f"az{zone}"
    lab.item("tgw-attach-b")["Options"]["ApplianceModeSupport"] = mode
    assert str(judge(lab).verdict) == verdict


@pytest.mark.parametrize(
    ("zone", "entries", "verdict"),
    [
        ("a", open_acl(), "yes"),
        ("c", open_acl(), "yes"),
        ("a", [IN], "yes"),
        ("c", [IN], "conditional"),
    ],
    ids=["own zone", "any zone", "own zone, the other closed", "any zone, one closed"],
)
def test_subnets_of_an_attachment_whose_acls_differ(
    judge: Judge, zone: str, entries: list[Any], verdict: str
) -> None:
    """The gateway keeps to the sender's zone; without a subnet there it takes any."""
    lab = own_attachment_subnets()
    lab.subnet("subnet-ub", "vpc-b", "10.2.10.0/28", zone="b")
    lab.acl("acl-ub", "vpc-b", entries, ("subnet-ub",))
    lab.item("tgw-attach-b")["SubnetIds"] = ["subnet-ub", "subnet-tb"]
    for name in ("subnet-a", "subnet-ta"):
        lab.item(name)["AvailabilityZone"] = f"{REGION}{zone}"
    found = judge(lab)
    assert str(found.verdict) == verdict
    assert found.answer.conditions == (
        ("context:availability-zone",) if verdict == "conditional" else ()
    )
