"""What a listing that ended in part does not show is not known: it is never taken for the rule."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.network.exposure import internet_reach
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import IGW_V4, INSTANCE, LOCAL, Lab, exposed, open_acl
from network.test_load_balancers import behind_alb
from snapshot_files import ACCOUNT, REGION

OWNER = "999988887777"


@pytest.fixture
def judge(tmp_path: Path) -> Callable[[Lab], Reach]:
    def build(lab: Lab) -> Reach:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        (found,) = (r for r in internet_reach(lab.build(folder)) if r.target == INSTANCE)
        return found

    return build


Judge = Callable[[Lab], Reach]


def tables(*, main_leads_out: bool, explicit: bool) -> Lab:
    """A main table and, perhaps, one for the subnet that does the opposite."""
    lab = exposed()
    out: list[dict[str, Any]] = [dict(LOCAL), dict(IGW_V4)]
    lab.table("rtb-main", "vpc-1", out if main_leads_out else [dict(LOCAL)], main=True)
    if explicit:
        other = [dict(LOCAL)] if main_leads_out else out
        lab.table("rtb-own", "vpc-1", other, subnets=("subnet-a",))
    return lab


@pytest.mark.parametrize("main_leads_out", [True, False])
def test_the_main_table_counts_only_where_all_tables_were_listed(
    judge: Judge, main_leads_out: bool
) -> None:
    lab = tables(main_leads_out=main_leads_out, explicit=False)
    part = lab.twin()
    part.deny("ec2.describe_route_tables")
    assert judge(lab).verdict is (Verdict.YES if main_leads_out else Verdict.NO)
    found = judge(part)
    assert found.verdict is Verdict.UNKNOWN
    gap = f"not_collected:ec2.describe_route_tables@{ACCOUNT}/{REGION}"
    assert gap in found.answer.conditions


@pytest.mark.parametrize("main_leads_out", [True, False])
def test_the_table_that_is_associated_counts_whatever_else_was_not_listed(
    judge: Judge, main_leads_out: bool
) -> None:
    lab = tables(main_leads_out=main_leads_out, explicit=True)
    part = lab.twin()
    part.deny("ec2.describe_route_tables")
    # Whether the gateway has a table of its own is not known, so what is open is in doubt.
    expected = (Verdict.NO, Verdict.NO) if main_leads_out else (Verdict.YES, Verdict.UNKNOWN)
    assert (judge(lab).verdict, judge(part).verdict) == expected


@pytest.mark.parametrize("opens", [True, False])
def test_the_default_acl_counts_only_where_all_acls_were_listed(judge: Judge, opens: bool) -> None:
    lab = exposed()
    lab.remove("acl-1")
    lab.acl("acl-default", "vpc-1", open_acl() if opens else [], ())
    lab.item("acl-default")["IsDefault"] = True
    part = lab.twin()
    part.deny("ec2.describe_network_acls")
    assert judge(lab).verdict is (Verdict.YES if opens else Verdict.NO)
    found = judge(part)
    assert found.verdict is Verdict.UNKNOWN
    gap = f"not_collected:ec2.describe_network_acls@{ACCOUNT}/{REGION}"
    assert gap in found.answer.conditions


@pytest.mark.parametrize("opens", [True, False])
def test_the_acl_that_is_associated_counts_whatever_else_was_not_listed(
    judge: Judge, opens: bool
) -> None:
    lab = exposed()
    lab.item("acl-1")["Entries"] = open_acl() if opens else []
    lab.deny("ec2.describe_network_acls")
    assert judge(lab).verdict is (Verdict.YES if opens else Verdict.NO)


def shared_subnet() -> Lab:
    """A subnet of another account, whose calls were refused, as its participant lists it."""
    lab = exposed()
    lab.vpc("vpc-o", "10.9.0.0/16", OWNER)
    lab.subnet("subnet-s", "vpc-o", "10.9.0.0/24", account=OWNER)
    lab.subnet("subnet-s", "vpc-o", "10.9.0.0/24", account=OWNER, seen_by=ACCOUNT)
    lab.acl("acl-default", "vpc-o", [], (), OWNER)
    lab.item("acl-default")["IsDefault"] = True
    lab.deny("ec2.describe_network_acls", OWNER)
    return lab


def test_whom_a_subnet_is_shared_with_lists_its_acl(tmp_path: Path) -> None:
    lab = shared_subnet()
    part = lab.twin()
    part.deny("ec2.describe_network_acls")
    found = []
    for name, one in (("whole", lab), ("part", part)):
        world = one.build(tmp_path / name)
        (subnet,) = (s for s in world.facts.subnets if s.id.endswith("subnet-s"))
        assert subnet.seen_by == (ACCOUNT, OWNER)
        found.append(world.acl_of(subnet) is not None)
    assert found == [True, False]


LISTS = {
    "ec2:vpc": "ec2.describe_vpcs",
    "ec2:subnet": "ec2.describe_subnets",
    "ec2:route-table": "ec2.describe_route_tables",
    "ec2:internet-gateway": "ec2.describe_internet_gateways",
    "ec2:network-acl": "ec2.describe_network_acls",
    "ec2:security-group": "ec2.describe_security_groups",
    "ec2:network-interface": "ec2.describe_network_interfaces",
    "ec2:instance": "ec2.describe_instances",
    "ec2:prefix-list": "ec2.describe_managed_prefix_lists",
    "ec2:vpc-bpa": "ec2.describe_vpc_block_public_access_options",
    "elbv2:load-balancer": "elbv2.describe_load_balancers",
    "elbv2:target-group": "elbv2.describe_target_groups",
}


def by_explicit_table() -> Lab:
    return tables(main_leads_out=False, explicit=True)


def by_default_acl() -> Lab:
    lab = exposed()
    lab.item("acl-1").update({"Associations": [], "IsDefault": True})
    return lab


def behind_a_balancer() -> Lab:
    lab = behind_alb()
    lab.item("rtb-p")["Routes"] = [dict(LOCAL)]
    return lab


@pytest.mark.parametrize("make", [exposed, by_explicit_table, by_default_acl, behind_a_balancer])
def test_no_line_that_was_not_listed_makes_a_firm_no(
    tmp_path: Path, make: Callable[[], Lab]
) -> None:
    lab = make()
    opened = {
        (r.target, r.mechanism)
        for r in internet_reach(lab.build(tmp_path / "whole"))
        if r.verdict is Verdict.YES
    }
    assert opened
    lines = [(kind, name) for (_, _, kind), rows in lab.lines.items() for name in rows]
    for number, (kind, name) in enumerate(lines):
        part = lab.twin()
        part.remove(name)
        part.deny(LISTS[kind])
        refused = {
            (r.target, r.mechanism)
            for r in internet_reach(part.build(tmp_path / str(number)))
            if r.verdict is Verdict.NO
        }
        assert not refused & opened, name
