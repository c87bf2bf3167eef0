"""Mutants of what groups keep apart that pairs never put together: ways and ends judged once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graph.network.between import alike, groups, places, rows, senders
from graph.network.prefixes import Family
from tests.network.mutants.changes import Thunk, always_is, answer, instead_of
from tests.network.mutants.mutation import StepMutant, off

ROWS = "between/test_rows.py::"
GROWTH = "between/test_rows_growth.py::"
NAT = ROWS + "test_replies_to_a_nat_gateway_are_routed_by_each_vpc_itself"
APPLIANCE = ROWS + "test_replies_to_an_appliance_that_may_translate_are_routed_by_each_vpc_itself"
INTERNET = ROWS + "test_replies_by_the_internet_come_in_by_each_vpcs_own_gateway"
EXITS = ROWS + "test_what_an_appliance_may_send_elsewhere_is_not_lost"
DENIED = ROWS + "test_a_machine_that_drops_what_gateways_bring_stands_apart"


def _unless(**values: Any) -> Thunk:
    """Ways whose answer is taken not to depend on something of theirs."""
    return instead_of(
        rows,
        "_depends",
        lambda f: lambda trail, family: f(replace(trail, **values), family),
    )


def _forgetting(member: str) -> Thunk:
    """What is known of a transit gateway's table, but for one list."""

    def made(learn: Any) -> Any:
        def learning(table: Any, *given: Any) -> None:
            learn(table, *given)
            getattr(table, member).clear()

        return learning

    return instead_of(rows._Table, "learn", made)


def _without_own(fill: Any) -> Any:
    def filling(draft: Any, *given: Any) -> None:
        own, draft.own = draft.own, frozenset()
        fill(draft, *given)
        draft.own = own

    return filling


def _of_one_family(told: Any) -> Any:
    return lambda made, trail, home, _: told(made, trail, home, Family.IPV4)


def _keeping_last(met: Any) -> Any:
    def meeting(made: Any, one: Any, home: Any, family: Family) -> Any:
        stays = one.last == home.id and not one.crossings
        return met(made, one, replace(home, id="") if stays else home, family)

    return meeting


MUTANTS: dict[str, StepMutant] = {
    "alike": off("replies to a NAT gateway go where the sender's go", NAT, _unless(nat="")),
    "alike/appliance": off(
        "replies to an appliance go where the sender's go", APPLIANCE, _unless(kinds=())
    ),
    "alike/internet": off(
        "replies by the internet come in to every VPC that is sent to alike",
        INTERNET,
        instead_of(rows, "_depends", lambda f: lambda trail, _: f(trail, Family.IPV4)),
    ),
    "alike/family": off(
        "an internet gateway does the same to both families",
        ROWS + "test_what_an_internet_gateway_does_to_ipv4_says_nothing_of_ipv6",
        instead_of(rows.Rows, "_told", _of_one_family),
    ),
    "alike/exits": off(
        "what an appliance sends elsewhere by one interface is lost",
        EXITS,
        instead_of(rows, "_lost", lambda f: lambda trail: f(replace(trail, kinds=()))),
    ),
    "alike/exits back": off(
        "a reply goes by the first interface of an appliance",
        EXITS,
        instead_of(
            places, "_may_part", lambda f: lambda back, family: f(replace(back, kinds=()), family)
        ),
    ),
    "alike/lost": off(
        "what leads nowhere private is judged",
        GROWTH + "test_what_leads_nowhere_private_is_not_judged",
        always_is(rows, "_lost", False),
    ),
    "alike/before": off(
        "all VPCs enter a hub by the same subnet",
        ROWS + "test_what_is_met_on_the_way_to_a_hub_is_met_by_one_vpc_only",
        instead_of(rows._Table, "after", lambda f: lambda table, before, count: f(table, 0, count)),
    ),
    "alike/meets": off(
        "what leads back through a VPC goes the same for it as for others",
        ROWS + "test_what_leads_back_through_a_vpc_is_walked_for_it_alone",
        _forgetting("meets"),
    ),
    "alike/odd": off(
        "subnets are alike whose packets pass the same appliances in another order",
        ROWS + "test_subnets_are_apart_whose_ways_pass_an_appliance_behind_the_hub",
        _forgetting("odd"),
    ),
    "alike/own": off(
        "subnets are alike that send their own VPC to the hub",
        ROWS + "test_subnets_that_send_their_own_vpc_to_the_hub_are_apart",
        instead_of(rows._Draft, "_over_hub", _without_own),
    ),
    "alike/turning": off(
        "nothing is translated behind a hub",
        ROWS + "test_who_is_translated_behind_the_hub_is_admitted_by_the_other_address",
        _forgetting("turning"),
    ),
    "alike/last": off(
        "a way inside a VPC is another for each network ACL it leaves by",
        GROWTH + "test_what_network_acls_say_is_judged_once_for_all_vpcs",
        instead_of(rows.Rows, "_met", _keeping_last),
    ),
    "alike/class": off(
        "machines are one class though one drops what gateways bring",
        DENIED,
        answer(senders.Classes, "_key", lambda key: key[:-1]),
    ),
    "alike/spot": off(
        "machines stand alike though one drops what gateways bring",
        DENIED,
        instead_of(
            alike.Alikes,
            "_spot",
            lambda f: lambda made, one, *rest: f(made, replace(one, deny_igw=False), *rest),
        ),
    ),
    "alike/admits": off(
        "rules admit the same from every sender of a place",
        ROWS + "test_senders_of_one_place_get_what_rules_say_of_each",
        instead_of(groups, "_deciding", lambda f: lambda places, leaves, _: f(places, leaves, "")),
    ),
}
