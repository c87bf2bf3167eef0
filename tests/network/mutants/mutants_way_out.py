"""Mutants of the way out to the internet (out, NAT)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graph.network import ports
from graph.network.between import pair, trail, way_out
from graph.network.between.middleboxes import Middleboxes
from graph.network.between.trail import Trail
from graph.network.block_public_access import block_public_access_step
from graph.network.facts import Facts
from graph.verdict import Verdict
from tests.network.mutants.changes import (
    Thunk,
    always_is,
    answer,
    constant,
    fact,
    facts,
    instead_of,
    known,
    passing,
)
from tests.network.mutants.mutants_between import everything, replies_by
from tests.network.mutants.mutation import StepMutant, off

EGRESS = "between/test_egress.py::"


def out(case: str) -> str:
    """A case of what keeps an interface from the internet."""
    return f"{EGRESS}test_out[{case}]"


def _attached(found: Facts) -> Facts:
    everywhere = tuple(vpc.id for vpc in found.vpcs)
    return replace(
        found,
        internet_gateways=tuple(replace(one, vpcs=everywhere) for one in found.internet_gateways),
    )


def _exclusions(change: Callable[[str], str]) -> Thunk:
    return known(
        "block_public_access",
        lambda one: replace(
            one, exclusions=tuple((name, change(mode)) for name, mode in one.exclusions or ())
        ),
    )


def _without(kind: str) -> Thunk:
    return known(
        "route_tables",
        lambda one: replace(one, routes=tuple(r for r in one.routes if r.kind != kind)),
    )


def _gate(original: Callable[..., Any]) -> Callable[..., Any]:
    def mutated(world: Any, out: Any, found: Trail) -> Any:
        step = original(world, out, found)
        return replace(step, result="pass") if found.nat and step.result == "fail" else step

    return mutated


def _at_home(world: Any, out: Any, found: Trail) -> Any:
    return out.home


def _delivered(world: Any, found: Trail, target: Any, place: Any, address: str) -> Trail:
    return Trail(origin=place.vpc).at(trail.VPC, place.vpc)


def _nat64(self: Middleboxes, gateway: str, route: Any, found: Trail) -> Trail:
    return found.unknown(gateway, ["NAT64"])


def _past_the_gateway(original: Callable[..., Trail]) -> Callable[..., Trail]:
    def mutated(self: Middleboxes, *more: Any) -> Trail:
        gateway = next(iter(self.goal.world.internet_gateways.values()))
        found = original(self, *more)
        return replace(found, verdict=Verdict.YES).at(trail.INTERNET, gateway.id)

    return mutated


def _any_rule(group: Any) -> Any:
    return replace(
        group, egress=tuple(replace(one, cidr="0.0.0.0/0") for one in group.egress or ())
    )


MUTANTS: dict[str, StepMutant] = {
    "out": off("no address is needed", out("no address"), always_is(way_out, "_public", True)),
    "out/gateway": off("every internet gateway is attached", out("detached"), facts(_attached)),
    "out/groups": off("groups let everything out", out("no egress"), everything("outbound")),
    "out/replies": off(
        "replies meet no network ACL",
        out("no reply"),
        replies_by(lambda trails, lets: (trails, [])),
    ),
    "out/BPA": off(
        "VPC Block Public Access blocks nothing that goes out",
        out("ingress blocked"),
        passing(way_out, "gate_step", "VPC block public access"),
    ),
    "out/BPA-ingress": off(
        "block-ingress stops NAT gateways",
        out("nat, ingress blocked"),
        constant(
            way_out,
            "gate_step",
            lambda world, out, found: block_public_access_step(
                world, way_out._leaves_from(world, out, found)
            ),
        ),
    ),
    "out/BPA-bidirectional": off(
        "block-bidirectional leaves NAT gateways working",
        out("nat, all blocked"),
        instead_of(way_out, "gate_step", _gate),
    ),
    "out/BPA-allow-egress": off(
        "an allow-egress exclusion lets nothing out",
        out("nat, all blocked but egress"),
        _exclusions(lambda mode: "" if mode == "allow-egress" else mode),
    ),
    "out/BPA-allow-egress-direct": off(
        "an allow-egress exclusion is for what has a public address, too",
        EGRESS + "test_an_egress_exclusion_is_for_nat_gateways",
        _exclusions(lambda mode: "allow-bidirectional"),
    ),
    "out/BPA-subnet": off(
        "the sender's subnet counts for VPC Block Public Access",
        EGRESS + "test_the_appliances_subnet_counts_for_block_public_access",
        constant(way_out, "_leaves_from", _at_home),
    ),
    "out/deny-igw": off(
        "DenyAllIgwTraffic means nothing to replies",
        EGRESS + "test_deny_all_igw_traffic_leaves_one_way_but_for_tcp",
        fact("interfaces", deny_igw=False),
    ),
    "out/deny-igw-egress-only": off(
        "DenyAllIgwTraffic means nothing to an egress-only gateway",
        EGRESS + "test_whether_deny_all_igw_traffic_stops_an_egress_only_gateway_is_not_said",
        fact("interfaces", deny_igw=False),
    ),
    "out/private-ipv6": off(
        "private IPv6 blocks get out",
        EGRESS + "test_private_ipv6_blocks_do_not_get_out",
        fact("subnets", private_ipv6=()),
    ),
    "out/egress-only": off(
        "an egress-only gateway lets nothing out",
        EGRESS + "test_egress_only_gateway_is_for_ipv6",
        _without("egress_only_gateway"),
    ),
    "out/range": off(
        "outbound rules are for every destination",
        EGRESS + "test_a_range_is_named",
        known("security_groups", _any_rule),
    ),
    "out/appliance-forwards": off(
        "every interface forwards",
        EGRESS + "test_an_appliance_on_the_way_is_not_evaluated",
        fact("interfaces", forwards=True),
    ),
    "out/appliance-address": off(
        "every appliance has a public address to send under",
        EGRESS + "test_an_appliance_on_the_way_is_not_evaluated",
        always_is(way_out, "_may_translate", True),
    ),
    "out/appliance-replies": off(
        "replies are delivered whatever the gateway's table says",
        EGRESS + "test_replies_that_an_appliance_drops_leave_tcp_out",
        constant(way_out, "entering", _delivered),
    ),
    "NAT": off(
        "a private NAT gateway has a public address",
        out("private nat"),
        always_is(way_out, "_public", True),
    ),
    "NAT/route": off(
        "a NAT gateway needs no route of its own",
        out("nat without a way out"),
        instead_of(Middleboxes, "nat_gateway", _past_the_gateway),
    ),
    "NAT/state": off(
        "every NAT gateway is available",
        EGRESS + "test_a_nat_gateway_carries_only_while_it_is_available",
        fact("nat_gateways", state="available"),
    ),
    "NAT/unread": off(
        "a NAT gateway that was not read is not there",
        out("nat unread"),
        constant(Trail, "unknown", lambda self, subject, calls: self.dropped(subject, "Off.")),
    ),
    "NAT/protocols": off(
        "a NAT gateway carries every protocol",
        EGRESS + "test_a_nat_gateway_carries_tcp_udp_and_icmp",
        constant(pair, "_BY_NAT", ports.ALL),
    ),
    "NAT/ipv6": off(
        "a NAT gateway may translate every IPv6 address",
        EGRESS + "test_a_nat_gateway_knows_ipv6_by_nat64_only",
        constant(Middleboxes, "_by_nat64", _nat64),
    ),
    "NAT/back": off(
        "replies need no route from the NAT gateway",
        out("central, no way back"),
        replies_by(lambda trails, lets: ([], lets)),
    ),
    "NAT/own-groups": off(
        "a NAT gateway does not send as itself",
        out("nat"),
        answer(Middleboxes, "nat_gateway", lambda found: replace(found, nat="", source="")),
    ),
}
