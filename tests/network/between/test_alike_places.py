"""Judging alike places and senders once changes no answer: every pair by itself says the same."""

from __future__ import annotations

import random
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.network.between.alike import Alikes
from graph.network.between.connected import components
from graph.network.between.senders import unread_as_one
from graph.network.between.walker import trail_to
from graph.network.prefixes import Family, parse
from graph.network.world import NetworkWorld
from network.between.random_worlds import drawn_world, similar_world
from network.between.test_groups_between import Said, by_graph, by_pairs


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_classes_say_what_pairs_say(chance: Any) -> None:
    world = drawn_world(chance)
    assert by_graph(world) == by_pairs(unread_as_one(NetworkWorld(world.facts)))


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False))
def test_what_holds_for_one_vpc_of_a_hub_holds_for_those_alike(chance: Any) -> None:
    """VPCs of two regions, some with the same addresses, some with locks or ways of their own."""
    world = unread_as_one(similar_world(chance))
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
