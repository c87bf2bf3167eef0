"""Judging alike places and senders once changes no answer: every pair by itself says the same."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.network.between.alike import Alikes
from graph.network.between.connected import components
from graph.network.between.senders import unread_as_one
from graph.network.between.walker import trail_to
from graph.network.prefixes import Family, parse
from graph.network.world import NetworkWorld
from network.aws_shapes import arn
from network.between.lab import (
    A,
    B,
    attachment,
    peered,
    peering,
    route,
    side,
    transit,
    transit_route,
    transit_table,
)
from network.between.random_hubs import random_hub
from network.between.random_worlds import drawn_world
from network.between.similar_worlds import similar_world
from network.between.test_groups_between import Said, by_graph, by_pairs
from network.between.test_peering_and_local import from_group


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_classes_say_what_pairs_say(chance: Any) -> None:
    world = drawn_world(chance)
    assert by_graph(world) == by_pairs(unread_as_one(NetworkWorld(world.facts)))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_what_holds_for_one_vpc_of_a_hub_holds_for_those_alike(seed: int) -> None:
    """VPCs of two regions, some with the same addresses, some with locks or ways of their own."""
    world = unread_as_one(similar_world(random.Random(seed)))
    assert by_graph(world) == by_pairs(NetworkWorld(world.facts))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32))
def test_what_differs_by_one_thing_is_kept_apart(seed: int) -> None:
    """VPCs behind NAT, appliances and internet gateways, or with one lock more."""
    world = random_hub(random.Random(seed))
    assert by_graph(world) == by_pairs(NetworkWorld(world.facts))


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_unread_groups_of_several_differ_from_each_by_name_only(chance: Any) -> None:
    world = drawn_world(chance)
    together, each = by_pairs(unread_as_one(NetworkWorld(world.facts))), by_pairs(world)
    assert {key: unnamed(one) for key, one in together.items()} == {
        key: unnamed(one) for key, one in each.items()
    }


def unnamed(told: Said) -> tuple[object, ...]:
    """An answer without whose security groups were not read."""
    *rest, conditions = told
    return *rest, {re.sub(r"security groups of [^)]*", "groups", term) for term in conditions}


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_two_halves_of_a_way_are_the_way(chance: Any) -> None:
    """What is put together at a transit gateway is what walking all of it gives."""
    world = drawn_world(chance)
    stretches = Alikes(world, components(world)).stretches
    for home in world.facts.subnets:
        for one in world.facts.interfaces:
            for address in (*(a.private for a in one.addresses), *one.ipv6):
                family, spans = parse(address)
                found = stretches.to(home, address, spans.pairs[0][0], family)
                whole = trail_to(world, home, address)
                assert (found.end, found.place, found.verdict) == (
                    whole.end,
                    whole.place,
                    whole.verdict,
                )
                assert found.conditions == whole.conditions
                if whole.verdict.rank:
                    assert found.crossings == whole.crossings
                    assert (found.last, found.kinds) == (whole.last, whole.kinds)
                    assert (found.references, found.source) == (whole.references, whole.source)


def test_a_reply_that_goes_to_another_vpc_of_the_same_addresses_is_told_apart(
    tmp_path: Path,
) -> None:
    """Two VPCs of one hub have the same addresses; replies go to the first of them."""
    lab = transit()
    side(lab, "c", 1, [route("10.0.0.0/8", "tgw-1")])
    attachment(lab, "tgw-attach-c", "tgw-1", "vpc-c", ("subnet-c",))
    routes = [
        transit_route("10.1.0.0/16", "tgw-attach-a", kind="propagated"),
        transit_route("10.2.0.0/16", "tgw-attach-b", kind="propagated"),
    ]
    everyone = ("tgw-attach-a", "tgw-attach-b", "tgw-attach-c")
    transit_table(lab, "tgw-rtb-1", "tgw-1", routes, everyone)
    world = lab.build(tmp_path)
    found = by_graph(world)
    assert found == by_pairs(world)
    reached = {pair[:2] for pair in found}
    assert (A, B) in reached
    assert (arn("network-interface", "eni-c"), B) not in reached


def test_a_peer_in_another_region_is_not_known_by_its_group(tmp_path: Path) -> None:
    """Of two peers that are alike but for their region."""
    lab = peered()
    side(lab, "c", 3, [route("10.1.0.0/16", "pcx-3")])
    peering(lab, "pcx-3", "vpc-a", "vpc-c")
    lab.item("rtb-a")["Routes"].append(route("10.3.0.0/16", "pcx-3"))
    lab.item("sg-a")["IpPermissions"] = [from_group("sg-b", 80), from_group("sg-c", 80)]
    facts = lab.build(tmp_path).facts
    far = arn("network-interface", "eni-c")
    moved = tuple(
        replace(one, region="eu-central-1") if one.id == far else one for one in facts.interfaces
    )
    world = NetworkWorld(replace(facts, interfaces=moved))
    found = by_graph(world)
    assert found == by_pairs(world)
    assert (B, A, "peering/ipv4") in found
    assert (far, A, "peering/ipv4") not in found


def test_random_worlds_have_what_they_are_for() -> None:
    """Ways by transit gateways, peering and inside, certain and not, over both families."""
    mechanisms: set[str] = set()
    verdicts: set[str] = set()
    for seed in range(120):
        for (_, _, mechanism), (verdict, *_) in by_graph(drawn_world(random.Random(seed))).items():
            mechanisms.add(mechanism)
            verdicts.add(verdict)
    assert {"local/ipv4", "local/ipv6", "transit-gateway/ipv4", "peering/ipv4"} <= mechanisms
    assert any("nat" in one for one in mechanisms)
    assert any("appliance" in one for one in mechanisms)
    assert {"yes", "conditional", "unknown", "dormant"} <= verdicts


def test_random_hubs_have_what_they_are_for() -> None:
    """NAT, appliances, ways on premises and IPv6, answered by the internet or not read."""
    mechanisms: set[str] = set()
    told: set[str] = set()
    for seed in range(25):
        for (_, _, mechanism), one in by_graph(similar_world(random.Random(seed))).items():
            mechanisms.add(mechanism)
            told.update(term.partition("(")[0] for term in one[3])
    assert {"nat+transit-gateway/ipv4", "appliance+transit-gateway/ipv4"} <= mechanisms
    assert {"transit-gateway+appliance/ipv4", "transit-gateway+on-prem/ipv4"} <= mechanisms
    assert "transit-gateway/ipv6" in mechanisms
    assert {"context:asymmetric-ipv6", "not_collected:ec2.describe_route_tables"} <= told


def test_alike_subnets_are_one_place() -> None:
    """In some random world several subnets of one VPC are alike, in none all are."""
    shared = apart = 0
    for seed in range(30):
        world = drawn_world(random.Random(seed))
        alikes = Alikes(world, components(world))
        places: dict[str, set[str]] = {}
        homes: dict[str, set[str]] = {}
        for one in world.facts.interfaces:
            for spot in alikes.spots(one, Family.IPV4).values():
                places.setdefault(one.vpc, set()).add(spot.place[0])
                homes.setdefault(one.vpc, set()).add(one.subnet)
        shared += any(len(places[vpc]) < len(homes[vpc]) for vpc in homes)
        apart += any(len(places[vpc]) > 1 for vpc in homes)
    assert shared
    assert apart
