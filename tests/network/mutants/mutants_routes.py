"""Mutants of routes from and to the internet gateway (N4, N5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graph.evidence import Step
from graph.network import ingress, path, prefixes, route_claims, routes
from graph.network.facts import RouteTable
from graph.network.pieces import Piece
from graph.network.prefixes import EVERYTHING, PUBLIC, Family
from graph.network.routes import ReturnRoutes
from tests.network.mutants.changes import (
    Thunk,
    always_is,
    answer,
    constant,
    fact,
    instead_of,
    known,
    passing,
)
from tests.network.mutants.mutation import StepMutant, off

INSTANCE = "test_internet_to_instance.py::"
ADDRESSES = "test_addresses.py::"
BPA = "test_block_public_access.py::"
ROUTES = "test_internet_routes.py::"


def everyone(world: Any, subnet: Any, family: Family) -> ReturnRoutes:
    """N4 that passes for every client."""
    return ReturnRoutes((Piece(PUBLIC[family]),), Step("return route", "", "pass", "Off."))


def _leads(kind: str) -> Thunk:
    """A route to something else is taken for one to the internet gateway."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def mutated(world: Any, route: Any, subnet: Any, family: Any, won: Any, **more: Any) -> Any:
            if route.active and route.kind == kind:
                return (Piece(won),)
            return original(world, route, subnet, family, won, **more)

        return mutated

    return instead_of(routes, "_led", make)


def _claims(change: Callable[[list[Any]], list[Any]]) -> Thunk:
    return answer(route_claims, "claims_of", lambda found: (change(found[0]), found[1]))


def _of_tables(keep: Callable[[Any], bool]) -> Thunk:
    """Route tables without some of their routes."""

    def changed(table: RouteTable) -> RouteTable:
        return replace(table, routes=tuple(filter(keep, table.routes)))

    return known("route_tables", changed)


def _all_active(table: RouteTable) -> RouteTable:
    return replace(table, routes=tuple(replace(one, active=True) for one in table.routes))


def _all_v4(original: Callable[..., Any]) -> Callable[..., Any]:
    def mutated(world: Any, table: Any, subnet: Any, family: Family) -> Any:
        found, unread = original(world, table, subnet, Family.IPV4)
        if family is Family.IPV6:
            whole = EVERYTHING[family]
            found = [replace(c, length=0, spans=whole) for c in found if c.length == 0]
        return found, unread

    return mutated


def _unread_is_none(original: Callable[..., Any]) -> Callable[..., Any]:
    def mutated(world: Any, subnet: Any, family: Any) -> Any:
        found = original(world, subnet, family)
        if isinstance(routes.effective_table(world, subnet), str):
            return ReturnRoutes((), replace(found.step, result="fail"))
        return found

    return mutated


def _edge_targets(kept: Callable[[Any, Any], bool]) -> Thunk:
    """Routes of the gateway's table that count, whatever their length."""

    def mutated(world: Any, table: Any, subnet: Any, family: Any) -> Any:
        own = prefixes.of([subnet.cidr] if family is Family.IPV4 else subnet.ipv6_cidrs, family)
        claims, _ = route_claims.claims_of(world, table, subnet, family)
        return [claim.route for claim in claims if kept(claim, own)]

    return constant(ingress, "edge_targets", mutated)


def _edge_of_v4(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda world, table, subnet, family: original(world, table, subnet, Family.IPV4)


def _less(result: str, then: str) -> Thunk:
    """A result of N5 taken for another."""
    return answer(
        ingress,
        "ingress_step",
        lambda step: replace(step, result=then) if step.result == result else step,
    )


MUTANTS: dict[str, StepMutant] = {
    "N4": off(
        "every reply finds its way",
        INSTANCE + "test_no_route_to_the_gateway_is_no",
        constant(path, "return_routes", everyone),
    ),
    "N4/main-table": off(
        "the main table governs no subnet",
        INSTANCE + "test_subnet_without_association_uses_the_main_table_and_an_explicit_one_wins",
        fact("route_tables", main=False),
    ),
    "N4/explicit-table": off(
        "the main table governs every subnet",
        INSTANCE + "test_subnet_without_association_uses_the_main_table_and_an_explicit_one_wins",
        fact("route_tables", subnets=()),
    ),
    "N4/two-mains": off(
        "of two main tables the first counts",
        INSTANCE + "test_unreadable_rules_are_unknown_never_a_crash",
        constant(routes, "effective_table", lambda world, one: world.route_tables_of(one)[0]),
    ),
    "N4/unread": off(
        "tables that were not read have no routes",
        INSTANCE + "test_what_was_denied_is_unknown_and_named[ec2.describe_route_tables]",
        instead_of(path, "return_routes", _unread_is_none),
    ),
    "N4/longest-prefix": off(
        "the shortest prefix wins",
        INSTANCE + "test_narrow_route_beside_a_nat_gateway_leaves_that_range_only",
        _claims(lambda found: found[::-1]),
    ),
    "N4/default-only": off(
        "only a default route leads to the internet",
        INSTANCE + "test_two_halves_are_the_whole_and_one_half_is_broad",
        _claims(lambda found: [claim for claim in found if claim.length == 0]),
    ),
    "N4/blackhole": off(
        "a blackhole route leads somewhere",
        INSTANCE + "test_blackhole_route_drops",
        known("route_tables", _all_active),
    ),
    "N4/blackhole-hole": off(
        "a blackhole leaves its range to the next route",
        ROUTES + "test_a_blackhole_wins_its_range_and_drops_it",
        _of_tables(lambda route: route.active),
    ),
    "N4/attached": off(
        "any internet gateway will do",
        ROUTES + "test_only_the_vpcs_internet_gateway_brings_replies_back",
        _leads("internet_gateway"),
    ),
    "N4/egress-only": off(
        "an egress-only gateway lets in",
        INSTANCE + "test_egress_only_gateway_takes_nothing_in",
        _leads("egress_only_gateway"),
    ),
    **{
        f"N4/{kind}": off(
            f"replies by a {kind} reach the client",
            ROUTES + "test_only_the_vpcs_internet_gateway_brings_replies_back",
            _leads(kind),
        )
        for kind in (
            "nat_gateway",
            "transit_gateway",
            "peering",
            "virtual_private_gateway",
            "carrier_gateway",
            "local_gateway",
            "core_network",
        )
    },
    "N4/static-first": off(
        "at equal length any route wins",
        ROUTES + "test_at_equal_length_a_static_route_wins",
        always_is(route_claims, "priority", 0),
    ),
    "N4/list-after-static": off(
        "at equal length a prefix list's route wins",
        ROUTES + "test_at_equal_length_a_static_route_wins",
        constant(
            route_claims, "priority", lambda one: 2 if one.propagated else not one.prefix_list
        ),
    ),
    "N4/prefix-list": off(
        "routes of prefix lists lead nowhere",
        ROUTES + "test_a_prefix_lists_route_holds_for_its_entries",
        _of_tables(lambda route: not route.prefix_list),
    ),
    "N4/prefix-list-unread": off(
        "a prefix list that was not read is empty",
        ROUTES + "test_a_prefix_list_that_was_not_read_leaves_the_route_unknown",
        known("prefix_lists", lambda one: replace(one, cidrs=one.cidrs or ())),
    ),
    "N4/gateway-endpoint": off(
        "a gateway endpoint's unread list may hide clients",
        ROUTES + "test_a_gateway_endpoints_list_hides_no_client",
        answer(
            route_claims, "claims_of", lambda found: (found[0], [(g, True) for g, _ in found[1]])
        ),
    ),
    "N4/families": off(
        "an IPv4 default route serves IPv6 too",
        INSTANCE + "test_egress_only_gateway_takes_nothing_in",
        instead_of(route_claims, "claims_of", _all_v4),
    ),
    "N4/appliance": off(
        "no reply passes an appliance",
        INSTANCE + "test_replies_through_a_firewall_subnet_are_inspection_not_no",
        instead_of(routes, "_walk", lambda walk: lambda *a, appliances: walk(*a, appliances=False)),
    ),
    "N4/appliance-routes": off(
        "what passes an appliance always gets on",
        INSTANCE + "test_replies_through_a_firewall_subnet_are_inspection_not_no",
        constant(
            routes, "_through_appliance", lambda world, one, subnet, family, won: (Piece(won),)
        ),
    ),
    "N5": off(
        "gateways have no route tables",
        INSTANCE + "test_gateway_table_to_a_firewall_is_inspection",
        passing(path, "ingress_step", "ingress routing"),
    ),
    "N5/inspection": off(
        "what a gateway sends to an appliance is as good as delivered",
        INSTANCE + "test_gateway_table_to_a_firewall_is_inspection",
        _less("conditional", "pass"),
    ),
    "N5/blackhole": off(
        "what a gateway drops is delivered",
        INSTANCE + "test_gateway_table_to_a_firewall_is_inspection",
        _less("fail", "pass"),
    ),
    "N5/longest-prefix": off(
        "every route of the gateway's that holds the subnet counts",
        ROUTES + "test_the_gateways_longest_route_decides",
        _edge_targets(lambda claim, own: bool(claim.spans & own)),
    ),
    "N5/other-subnets": off(
        "the gateway's routes to other subnets count",
        ROUTES + "test_the_gateways_routes_to_other_subnets_do_not_count",
        _edge_targets(lambda claim, own: True),
    ),
    "N5/families": off(
        "the gateway's IPv4 routes are its IPv6 routes",
        ROUTES + "test_the_gateways_routes_of_one_family_are_not_the_others",
        instead_of(ingress, "edge_targets", _edge_of_v4),
    ),
}
