"""Targets by address outside the load balancer's VPC, each case with its twin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.network.exposure import internet_reach
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Json, Lab, allow, arn, entry, open_acl
from network.between.lab import (
    OTHER,
    JoinedLab,
    attachment,
    gateway,
    peering,
    route,
    side,
    transit_route,
    transit_table,
)
from network.test_load_balancers import (
    ALB,
    behind_alb,
    failing,
    one,
    referring,
    target,
    target_group,
)
from snapshot_files import Denied

TARGET = arn("network-interface", "eni-b", OTHER)
VPC = arn("vpc", "vpc-1")
THERE, SITE = "10.2.1.10", "192.168.0.9"

Change = Callable[[Lab], Any]
Judge = Callable[[Lab], list[Reach]]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    count = iter(range(100))
    return lambda lab: internet_reach(lab.build(tmp_path / str(next(count))))


def sending(cidr: str, to: str, address: str) -> JoinedLab:
    """A load balancer whose subnet routes a range to something, with one target there."""
    made = behind_alb()
    lab = JoinedLab(made.lines, made.denied, made.answered)
    lab.item("rtb-main")["Routes"].append(route(cidr, to))
    target_group(lab, kind="ip", targets=[target(address)])
    return lab


def with_vpc_b(lab: JoinedLab, to: str) -> JoinedLab:
    """VPC B of another account, with the target, routing back."""
    side(lab, "b", 2, [route("10.0.0.0/16", to)], OTHER)
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/8080", "10.0.0.0/24")]
    return lab


def peered() -> JoinedLab:
    lab = with_vpc_b(sending("10.2.0.0/16", "pcx-1", THERE), "pcx-1")
    peering(lab, "pcx-1", "vpc-1", "vpc-b")
    return lab


BACK = transit_route("10.0.0.0/16", "tgw-attach-a")
FORTH = transit_route("10.2.0.0/16", "tgw-attach-b")


def transited() -> JoinedLab:
    lab = with_vpc_b(sending("10.2.0.0/16", "tgw-1", THERE), "tgw-1")
    gateway(lab, "tgw-1")
    lab.subnet("subnet-tgw", "vpc-1", "10.0.9.0/28")
    lab.acl("acl-tgw", "vpc-1", open_acl(), ("subnet-tgw",))
    attachment(lab, "tgw-attach-a", "tgw-1", "vpc-1", ("subnet-tgw",))
    lab.subnet("subnet-tgw-b", "vpc-b", "10.2.9.0/28", account=OTHER)
    lab.acl("acl-tgw-b", "vpc-b", open_acl(), ("subnet-tgw-b",), OTHER)
    attachment(lab, "tgw-attach-b", "tgw-1", "vpc-b", ("subnet-tgw-b",))
    transit_table(lab, "tgw-rtb-1", "tgw-1", [BACK, FORTH], ("tgw-attach-a", "tgw-attach-b"))
    return lab


def no_route(lab: Lab) -> None:
    lab.item("rtb-main")["Routes"].pop()


def no_route_back(lab: Lab) -> None:
    lab.item("rtb-b")["Routes"].pop()


def closed(acl: str, *, egress: bool = False, ports: tuple[int, int] = (8080, 8080)) -> Change:
    shut = entry(1, "deny", egress=egress, protocol="6", ports=ports)
    return lambda lab: lab.item(acl)["Entries"].insert(0, shut)


def no_group(lab: Lab) -> None:
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/8080", "172.16.0.0/12")]


def no_egress(lab: Lab) -> None:
    lab.item("sg-lb")["IpPermissionsEgress"] = [allow("tcp/8080", "10.3.0.0/16")]


LOCKS: list[tuple[str, Change, str]] = [
    ("no route", no_route, "route"),
    ("no route back", no_route_back, "reply route"),
    ("ACL of the node's subnet, out", closed("acl-1", egress=True), "network ACL out"),
    ("ACL of the target's subnet, in", closed("acl-b"), "network ACL in"),
    (
        "ACL of the target's subnet, replies",
        closed("acl-b", egress=True, ports=(1024, 65535)),
        "reply, network ACL out",
    ),
    ("the target's group", no_group, "security group in"),
    ("the load balancer's group", no_egress, "security group out"),
]


@pytest.mark.parametrize("made", [peered, transited])
@pytest.mark.parametrize(("change", "lock"), [row[1:] for row in LOCKS], ids=[r[0] for r in LOCKS])
def test_a_target_in_another_vpc_and_each_lock_on_the_way(
    judge: Judge, made: Callable[[], JoinedLab], change: Change, lock: str
) -> None:
    lab = made()
    found = one(judge(lab), TARGET, "alb/ipv4")
    assert (found.verdict, found.ports, found.via) == (Verdict.YES, ("tcp/8080",), (ALB,))
    change(lab)
    found = one(judge(lab), TARGET, "alb/ipv4")
    assert found.verdict is Verdict.NO
    assert lock in failing(found)


def table_says(*routes: Any) -> Change:
    def change(lab: Lab) -> None:
        transit_table(lab, "tgw-rtb-1", "tgw-1", [*routes], ("tgw-attach-a", "tgw-attach-b"))

    return change


def table_denied(lab: Lab) -> None:
    transit_table(lab, "tgw-rtb-1", "tgw-1", Denied, ("tgw-attach-a", "tgw-attach-b"))


def other_zone(lab: Lab) -> None:
    lab.item("subnet-tgw")["AvailabilityZone"] += "x"


TRANSIT: list[tuple[str, Change, Verdict, str]] = [
    ("no route in the gateway's table", table_says(BACK), Verdict.NO, "route"),
    ("no route back in it", table_says(FORTH), Verdict.NO, "reply route"),
    ("no attachment in the node's zone", other_zone, Verdict.NO, "route"),
    ("ACL of the attachment's subnet", closed("acl-tgw"), Verdict.NO, "network ACL in"),
]


@pytest.mark.parametrize(
    ("change", "verdict", "lock"), [row[1:] for row in TRANSIT], ids=[row[0] for row in TRANSIT]
)
def test_what_a_transit_gateway_adds(
    judge: Judge, change: Change, verdict: Verdict, lock: str
) -> None:
    lab = transited()
    change(lab)
    found = one(judge(lab), TARGET, "alb/ipv4")
    assert found.verdict is verdict
    assert lock in failing(found)


def test_a_transit_gateways_routes_that_were_not_read_are_unknown(judge: Judge) -> None:
    lab = transited()
    table_denied(lab)
    found = one(judge(lab), f"{VPC}:{THERE}", "alb/ipv4")
    assert found.verdict is Verdict.UNKNOWN
    assert any("search_transit_gateway_routes" in term for term in found.answer.conditions)


def listed(entries: Any) -> JoinedLab:
    """The peering's route is by a prefix list."""
    lab = peered()
    by_list = lab.item("rtb-main")["Routes"][-1]
    del by_list["DestinationCidrBlock"]
    by_list["DestinationPrefixListId"] = "pl-1"
    lab.prefix_list("pl-1", entries)
    return lab


def test_a_prefix_list_that_was_not_read_is_unknown(judge: Judge) -> None:
    found = one(judge(listed(Denied)), f"{VPC}:{THERE}", "alb/ipv4")
    assert found.verdict is Verdict.UNKNOWN
    (term,) = found.answer.conditions
    assert "get_managed_prefix_list_entries" in term
    assert "pl-1" in term
    assert one(judge(listed(["10.2.0.0/16"])), TARGET, "alb/ipv4").verdict is Verdict.YES
    assert one(judge(listed(["10.3.0.0/16"])), TARGET, "alb/ipv4").verdict is Verdict.NO


def test_a_prefix_list_of_the_targets_side_too(judge: Judge) -> None:
    lab = peered()
    by_list = lab.item("rtb-b")["Routes"][-1]
    del by_list["DestinationCidrBlock"]
    by_list["DestinationPrefixListId"] = "pl-1"
    lab.prefix_list("pl-1", Denied)
    assert one(judge(lab), TARGET, "alb/ipv4").verdict is Verdict.UNKNOWN
    lab.prefix_list("pl-1", ["10.0.0.0/16"])
    assert one(judge(lab), TARGET, "alb/ipv4").verdict is Verdict.YES


@pytest.mark.parametrize(
    ("made", "gap"),
    [(peered, "ec2.describe_vpcs(vpc-b)"), (transited, "tgw-attach-b")],
)
def test_a_target_in_an_account_that_was_not_collected_is_unknown(
    judge: Judge, made: Callable[[], JoinedLab], gap: str
) -> None:
    lab = made()
    lab.lines = {key: some for key, some in lab.lines.items() if key[0] != OTHER}
    found = one(judge(lab), f"{VPC}:{THERE}", "alb/ipv4")
    assert found.verdict is Verdict.UNKNOWN
    assert any(gap in term for term in found.answer.conditions)


class Abroad(JoinedLab):
    """A lab of two regions."""

    def ledger(self) -> Iterator[Json]:
        for row in super().ledger():
            yield row
            yield row | {"region": "us-east-1"}


def abroad(lab: JoinedLab) -> JoinedLab:
    """The same with the other account's things in another region."""
    lines = {
        (account, "us-east-1" if account == OTHER else region, kind): some
        for (account, region, kind), some in lab.lines.items()
    }
    return Abroad(lines, lab.denied, lab.answered)


def test_a_group_is_known_by_name_to_a_peer_of_the_same_region_only(judge: Judge) -> None:
    lab = peered()
    assert one(judge(abroad(lab)), TARGET, "alb/ipv4").verdict is Verdict.YES
    lab.item("sg-b")["IpPermissions"] = [referring("sg-lb")]
    assert one(judge(lab), TARGET, "alb/ipv4").verdict is Verdict.YES
    assert failing(one(judge(abroad(lab)), TARGET, "alb/ipv4")) == {"security group in"}


def test_a_group_is_not_known_by_name_through_a_transit_gateway_that_does_not_say_so(
    judge: Judge,
) -> None:
    lab = transited()
    lab.item("sg-b")["IpPermissions"] = [referring("sg-lb")]
    assert failing(one(judge(lab), TARGET, "alb/ipv4")) == {"security group in"}
    gateway(lab, "tgw-1", references="enable")
    assert one(judge(lab), TARGET, "alb/ipv4").verdict is Verdict.YES


def test_steps_stand_in_the_order_of_the_packet(judge: Judge) -> None:
    names = [step.name for step in one(judge(peered()), TARGET, "alb/ipv4").answer.steps]
    assert names[names.index("listener rule") :] == [
        "listener rule",
        "security group out",
        "route",
        "network ACL out",
        "network ACL in",
        "security group in",
        "reply route",
        "reply, network ACL out",
        "reply, network ACL in",
        "health",
    ]
