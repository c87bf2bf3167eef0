"""Mutants of what joins networks (peering to on-prem), and of data services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graph.network import ports
from graph.network.between import lookup, trail
from graph.network.between.facts import TransitRoute, TransitTable
from graph.network.between.lookup import PrefixTable
from graph.network.between.over_transit import TransitWalk
from graph.network.between.trail import Trail
from graph.network.between.transit import TransitIndex
from graph.network.between.walker import Walker
from graph.network.facts import Facts, RouteTable
from graph.verdict import Verdict
from tests.network.mutants.changes import (
    Thunk,
    always_is,
    constant,
    fact,
    facts,
    instead_of,
    joint,
    known,
)
from tests.network.mutants.mutants_between import everything, replies_by
from tests.network.mutants.mutation import StepMutant, off

PEERING = "between/test_peering_and_local.py::"
TRANSIT = "between/test_transit_gateway.py::"
PRIVATE = "between/test_private_rules.py::"
LINKS = "between/test_private_link_and_on_prem.py::"
SERVICES = "between/test_open_services.py::"


def over(case: str) -> str:
    """A case of what keeps two peered VPCs apart."""
    return f"{PEERING}test_over_peering[{case}]"


def across(case: str) -> str:
    """A case of what keeps two VPCs of one transit gateway apart."""
    return f"{TRANSIT}test_over_a_transit_gateway[{case}]"


def _all_active(table: RouteTable) -> RouteTable:
    return replace(table, routes=tuple(replace(one, active=True) for one in table.routes))


def _anywhere(found: Trail, target: Any) -> Trail:
    return found if found.verdict is Verdict.NO else found.at(trail.VPC, target.vpc)


def _shortest(self: PrefixTable[Any], address: int, family: Any) -> Any:
    for shift in reversed(self._lengths[family]):
        found = self._by_length[family, shift].get(address >> shift)
        if found is not None:
            return found[2]
    return None


def _on_through(original: Callable[..., Trail]) -> Callable[..., Trail]:
    """A peer's own routes lead on."""

    def mutated(self: Walker, route: Any, subnet: Any, before: Trail) -> Trail:
        found = original(self, route, subnet, before)
        peering = self.goal.world.peerings.get(route.target)
        if found.verdict is not Verdict.NO or peering is None:
            return found
        sides = (peering.requester, peering.accepter)
        other = sides[1] if sides[0] == subnet.vpc else sides[0]
        home = next(one for one in self.goal.world.subnets.values() if one.vpc == other)
        return self.from_subnet(home, replace(before, last=home.id, origin=other), frozenset())

    return mutated


def _tables(change: Callable[[TransitTable], TransitTable]) -> Thunk:
    return joint("tables", change)


def _transit_routes(change: Callable[[TransitRoute], tuple[TransitRoute, ...]]) -> Thunk:
    """Each route of each transit gateway's table taken for others, or for none."""

    def changed(table: TransitTable) -> TransitTable:
        if table.routes is None:
            return table
        return replace(table, routes=tuple(new for one in table.routes for new in change(one)))

    return _tables(changed)


def _all_propagate(found: Facts) -> Facts:
    cidrs = {one.id: one.cidrs for one in found.vpcs}
    made = tuple(
        TransitRoute(cidr=cidr, attachments=(one.id,), propagated=True)
        for one in found.joints.attachments
        for cidr in cidrs.get(one.resource, ())
    )
    tables = tuple(replace(one, routes=(*(one.routes or ()), *made)) for one in found.joints.tables)
    return replace(found, joints=replace(found.joints, tables=tables))


def _first_table(self: TransitIndex, gateway: str, attachment: str) -> Any:
    return next(iter(self.tables.get(gateway, ())), None)


def _first_subnet(self: TransitWalk, attachment: Any, subnet: Any) -> Any:
    return self.goal.world.subnets.get((attachment.subnets or ("",))[0])


def _arrived(self: TransitWalk, attachment: Any, found: Trail, *more: Any) -> Trail:
    return found.at(trail.VPC, attachment.resource)


def _surely(original: Callable[..., Trail]) -> Callable[..., Trail]:
    def mutated(self: Any, attachment: Any, found: Trail, *more: Any) -> Trail:
        made = original(self, attachment, found, *more)
        left = made.conditions - {"context:availability-zone"}
        verdict = Verdict.YES if made.conditions and not left else made.verdict
        return replace(made, verdict=verdict, conditions=left)

    return mutated


def _no_doubt(self: Trail, subject: str, calls: Any) -> Trail:
    return self.dropped(subject, "Off.")


def _every_port(group: Any) -> Any:
    return replace(group, rules=tuple(replace(one, ports=ports.ALL) for one in group.rules))


def _every_address(group: Any) -> Any:
    return replace(group, rules=tuple(replace(one, cidr="0.0.0.0/0") for one in group.rules))


MUTANTS: dict[str, StepMutant] = {
    "peering": off(
        "every peering connection is active", over("pending"), fact("peerings", active=True)
    ),
    "peering/route": off(
        "a peering connection is its own route",
        over("no way"),
        constant(trail, "arriving", _anywhere),
        constant(Trail, "dropped", lambda self, *more: self),
    ),
    "peering/back": off(
        "replies need no route", over("no way back"), replies_by(lambda trails, lets: ([], lets))
    ),
    "peering/blackhole": off(
        "a blackhole route leads somewhere", over("blackhole"), known("route_tables", _all_active)
    ),
    "peering/unread": off(
        "a peering connection that was not read is not there",
        over("peering not read"),
        constant(Trail, "unknown", _no_doubt),
    ),
    "peering/prefix-list": off(
        "a prefix list that was not read is empty",
        over("an unread prefix list could lead elsewhere"),
        always_is(lookup, "_listed", ()),
    ),
    "peering/longest-prefix": off(
        "the shortest prefix wins",
        PEERING + "test_a_longer_prefix_wins",
        constant(PrefixTable, "find", _shortest),
    ),
    "peering/transitive": off(
        "a peer's routes lead on",
        PEERING + "test_peering_is_not_transitive",
        instead_of(Walker, "_peering", _on_through),
        always_is(Walker, "_own", True),
    ),
    "peering/edge-to-edge": off(
        "a peering connection carries what comes from elsewhere",
        PRIVATE + "test_a_peering_carries_nothing_that_comes_from_elsewhere",
        always_is(Walker, "_own", True),
    ),
    "peering/overlap": off(
        "whoever has the address is reached",
        PEERING + "test_overlapping_ranges_go_where_the_route_says",
        constant(trail, "arriving", _anywhere),
    ),
    "transit": off(
        "what an attachment brings goes by any table",
        across("the sender's attachment has no table"),
        constant(TransitIndex, "table_of", _first_table),
    ),
    "transit/association-back": off(
        "replies need no table",
        across("the way back has no table"),
        replies_by(lambda trails, lets: ([], lets)),
    ),
    "transit/propagation": off(
        "every attachment propagates to every table",
        across("no propagation (case 41)"),
        facts(_all_propagate),
    ),
    "transit/propagation-back": off(
        "every attachment propagates to the table of replies",
        across("no propagation back"),
        facts(_all_propagate),
    ),
    "transit/blackhole": off(
        "a blackhole leaves its range to the next route",
        across("a blackhole is longer"),
        _transit_routes(lambda one: () if one.blackhole else (one,)),
    ),
    "transit/static-first": off(
        "at equal length any route wins",
        across("a static route beats a propagated one"),
        _transit_routes(lambda one: (replace(one, propagated=False),)),
    ),
    "transit/live": off(
        "every attachment is in service",
        across("attachment not accepted"),
        joint("attachments", lambda one: replace(one, live=True)),
    ),
    "transit/back": off(
        "replies need no route",
        across("no route back"),
        replies_by(lambda trails, lets: ([], lets)),
    ),
    "transit/tables-unread": off(
        "tables that were not read are none",
        across("tables unseen"),
        always_is(TransitIndex, "unless_known", None),
    ),
    "transit/routes-unread": off(
        "routes that were not read are none",
        across("routes unseen"),
        _tables(lambda one: replace(one, routes=one.routes or ())),
    ),
    "transit/associations-unread": off(
        "associations that were not read are none",
        across("associations unseen"),
        _tables(lambda one: replace(one, associations=one.associations or ())),
    ),
    "transit/attachments-unread": off(
        "attachments that were not read are none",
        across("attachments unseen"),
        always_is(TransitIndex, "attachment_gap", None),
    ),
    "transit/owner": off(
        "what another account's gateway does is known",
        TRANSIT + "test_tables_of_an_owner_who_was_not_collected_are_named",
        always_is(TransitIndex, "unless_known", None),
    ),
    "transit/zone": off(
        "an attachment serves every zone",
        TRANSIT + "test_the_attachment_needs_a_subnet_in_the_senders_zone",
        constant(TransitWalk, "_zone_subnet", _first_subnet),
    ),
    "transit/zone-unread": off(
        "a zone's name means the same in every account",
        TRANSIT + "test_a_zone_that_is_not_told_is_unknown",
        known("subnets", lambda one: replace(one, zone_id=one.zone_id or one.zone)),
    ),
    "transit/some-zones": off(
        "one zone speaks for all",
        PRIVATE + "test_a_way_that_only_one_zone_has_is_a_condition",
        instead_of(TransitWalk, "_arrive", _surely),
    ),
    "transit/arriving-table": off(
        "what arrives is delivered",
        TRANSIT + "test_the_arriving_attachments_table_applies",
        constant(TransitWalk, "_arrive", _arrived),
    ),
    "transit/inspection": off(
        "an inspection VPC lets everything through",
        TRANSIT + "test_an_inspection_vpc_is_a_condition",
        constant(TransitWalk, "_arrive", _arrived),
        constant(trail, "arriving", _anywhere),
    ),
    "transit/peering": off(
        "every peering of gateways is in service",
        TRANSIT + "test_peered_gateways",
        joint("attachments", lambda one: replace(one, live=True)),
    ),
    "transit/peering-association": off(
        "what a peering of gateways brings goes by any table",
        TRANSIT + "test_peered_gateways",
        constant(TransitIndex, "table_of", _first_table),
    ),
    "transit/prefix-list": off(
        "a prefix list that was not read is empty",
        TRANSIT + "test_what_a_list_of_prefixes_hides_is_unknown",
        known("prefix_lists", lambda one: replace(one, cidrs=one.cidrs or ())),
    ),
    "transit/ipv6": off(
        "every attachment carries IPv6",
        PRIVATE + "test_an_attachment_without_ipv6_support_carries_none",
        joint("attachments", lambda one: replace(one, ipv6=True)),
    ),
    "private link": off(
        "an endpoint's groups let everything in",
        LINKS + "test_private_link",
        everything("inbound"),
    ),
    "private link/state": off(
        "every endpoint is connected",
        LINKS + "test_private_link",
        joint("links", lambda one: replace(one, state="available")),
    ),
    "private link/accepted": off(
        "the service accepted every endpoint",
        LINKS + "test_private_link",
        joint("services", lambda one: replace(one, accepted=None)),
    ),
    "private link/acceptance": off(
        "nobody has to accept",
        LINKS + "test_private_link",
        joint("services", lambda one: replace(one, acceptance=False)),
    ),
    "private link/balancer": off(
        "a service has no load balancer",
        LINKS + "test_private_link",
        joint("services", lambda one: replace(one, balancers=())),
    ),
    "on-prem": off(
        "a virtual private gateway serves every VPC",
        LINKS + "test_on_premises",
        facts(lambda found: replace(found, joints=replace(found.joints, private_gateways=()))),
    ),
    "on-prem/groups": off(
        "groups let everything in from on premises",
        LINKS + "test_on_premises",
        everything("inbound"),
    ),
    "on-prem/edge-to-edge": off(
        "a virtual private gateway carries what comes from elsewhere",
        PRIVATE + "test_a_virtual_private_gateway_serves_its_own_vpc_only",
        always_is(Walker, "_own", True),
    ),
    "on-prem/transit": off(
        "a transit gateway does not lead on premises",
        PRIVATE + "test_a_transit_gateway_leads_on_premises",
        joint("attachments", lambda one: replace(one, live=one.kind == "vpc")),
    ),
    "on-prem/transit-live": off(
        "every attachment leads somewhere",
        PRIVATE + "test_a_transit_gateway_leads_on_premises",
        joint("attachments", lambda one: replace(one, live=True)),
    ),
    "on-prem/beyond-both": off(
        "networks on premises do not route between VPCs",
        TRANSIT + "test_on_premises_beyond_both_is_not_known",
        constant(Trail, "unknown", _no_doubt),
    ),
    "open services": off(
        "no service asks for a login",
        SERVICES + "test_each_lock",
        joint("data_services", lambda one: replace(one, login=False)),
    ),
    "open services/unread": off(
        "a service of which it is not known asks for a login",
        SERVICES + "test_each_lock",
        joint("data_services", lambda one: replace(one, login=one.login is not False)),
    ),
    "open services/whole-vpc": off(
        "a part of the VPC is the whole",
        SERVICES + "test_each_lock",
        known("security_groups", _every_address),
    ),
    "open services/together": off(
        "one rule has to admit the whole VPC",
        SERVICES + "test_services_without_a_login_are_open_to_the_vpc",
        known("security_groups", lambda one: replace(one, rules=one.rules[:1])),
    ),
    "open services/port": off(
        "rules are for every port",
        PRIVATE + "test_a_service_is_open_on_its_own_port_to_the_whole_vpc",
        known("security_groups", _every_port),
    ),
}
