"""Out to the internet: routes and network ACLs behind a NAT gateway tell destinations apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graph.network.between.egress import interface_to_internet
from network.aws_shapes import Lab, entry, open_acl
from network.between.lab import A, transit_route, transit_table
from network.between.test_egress import central, tcp_only, translated

OFFICE = "203.0.113.0/24"


def by_route(lab: Lab, cidr: str) -> None:
    lab.item("rtb-n")["Routes"][-1]["DestinationCidrBlock"] = cidr


def by_acl_out(lab: Lab, cidr: str) -> None:
    home, out = entry(90, egress=True, cidr="10.1.0.0/16"), entry(91, egress=True, cidr=cidr)
    lab.acl("acl-n", "vpc-a", [*open_acl()[:2], home, out], ("subnet-n",))


def by_acl_in(lab: Lab, cidr: str) -> None:
    tcp_only(lab)
    rules = [*open_acl()[2:], entry(90, cidr="10.1.0.0/16"), entry(91, cidr=cidr)]
    lab.acl("acl-n", "vpc-a", rules, ("subnet-n",))


@pytest.mark.parametrize("change", [by_route, by_acl_out, by_acl_in])
def test_what_is_behind_a_nat_gateway_leaves_a_part(
    tmp_path: Path, change: Callable[[Lab, str], None]
) -> None:
    lab = translated()
    change(lab, OFFICE)
    world = lab.build(tmp_path / "part")
    (found,) = interface_to_internet(world, world.interfaces[A])
    assert (found.target, str(found.verdict)) == (f"cidr:{OFFICE}", "yes")
    (one,) = interface_to_internet(world, world.interfaces[A], address="203.0.113.9")
    assert str(one.verdict) == "yes"
    change(lab, "10.77.0.0/16")
    world = lab.build(tmp_path / "none")
    (found,) = interface_to_internet(world, world.interfaces[A])
    assert (found.target, str(found.verdict)) == ("internet", "no")


@pytest.mark.parametrize(
    ("cidr", "target"), [(OFFICE, f"cidr:{OFFICE}"), ("0.0.0.0/0", "internet")]
)
def test_a_transit_gateway_on_the_way_leaves_a_part(tmp_path: Path, cidr: str, target: str) -> None:
    lab = central()
    routes = [transit_route(cidr, "tgw-attach-e"), transit_route("10.1.0.0/16", "tgw-attach-a")]
    transit_table(lab, "tgw-rtb-1", "tgw-1", routes, ("tgw-attach-a", "tgw-attach-e"))
    world = lab.build(tmp_path)
    (found,) = interface_to_internet(world, world.interfaces[A])
    assert (found.target, str(found.verdict)) == (target, "yes")
