"""Mutants of what filters between two interfaces, and of the ends (groups, ACLs, ends)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graph.evidence import Step
from graph.network import filters, internet, ports
from graph.network.between import admission, lookup, pair, parts, trail
from graph.network.between import legs as stretches
from graph.network.between.admission import Admission
from graph.network.between.legs import Leg
from graph.network.between.parts import Lets
from graph.network.between.trail import Trail
from graph.network.facts import Facts, Rule, SecurityGroup
from graph.network.internet import State
from graph.verdict import Verdict
from tests.network.mutants.changes import (
    Thunk,
    always_is,
    answer,
    constant,
    fact,
    facts,
    instead_of,
    joint,
    known,
)
from tests.network.mutants.mutation import StepMutant, off

INSIDE = "between/test_peering_and_local.py::"
TRANSIT = "between/test_transit_gateway.py::"
PRIVATE = "between/test_private_rules.py::"
SHARED = INSIDE + "test_a_shared_subnet_is_filtered_by_its_owners_acl"
WHOLE = "0.0.0.0/0"


def inside(case: str) -> str:
    """A case of what keeps two interfaces of one VPC apart."""
    return f"{INSIDE}test_inside_a_vpc[{case}]"


def everything(name: str) -> Thunk:
    """Groups that let everything in, or out."""
    return constant(
        admission,
        name,
        lambda world, mine, address, other, references: Admission(
            name, mine.id, address, Lets(ports.ALL), (), True
        ),
    )


def _rules(change: Callable[[Rule], tuple[Rule, ...]], *, egress: bool = False) -> Thunk:
    """Each rule of each group taken for others, or for none."""

    def changed(group: SecurityGroup) -> SecurityGroup:
        member = "egress" if egress else "rules"
        given = getattr(group, member)
        if given is None:
            return group
        return replace(group, **{member: tuple(new for one in given for new in change(one))})

    return known("security_groups", changed)


def _referring(name: str, references: Callable[[str], str]) -> Thunk:
    """Groups that know, or do not know, who is behind an address."""
    return instead_of(
        admission,
        name,
        lambda f: (
            lambda world, mine, address, other, told: f(
                world, mine, address, other, references(told)
            )
        ),
    )


def _acls(change: Callable[[str, Lets], Lets]) -> Thunk:
    """What network ACLs let in and out, by direction."""
    return instead_of(
        pair,
        "acl_at",
        lambda f: lambda world, subnet, way, *more: change(way, f(world, subnet, way, *more)),
    )


def replies_by(change: Callable[[list[Any], list[Any]], tuple[list[Any], list[Any]]]) -> Thunk:
    """Replies that meet only some of their routes and network ACLs."""
    return instead_of(pair, "reply_parts", lambda f: lambda trails, lets: f(*change(trails, lets)))


def _edges(original: Callable[..., Any]) -> Callable[..., Any]:
    def mutated(world: Any, hop: Any, *more: Any) -> Any:
        if hop.source.subnet != hop.target.subnet:
            return original(world, hop, *more)
        way = Trail(end=trail.VPC, place=hop.target.vpc)
        return [Leg(way, hop.sends_as, hop.sends_to, hop.target.subnet)], []

    return mutated


def _first_and_last(original: Callable[..., Any]) -> Callable[..., Any]:
    def mutated(self: Leg) -> list[Any]:
        met = list(original(self))
        return [met[0], met[-1]] if len(met) > 2 else met

    return mutated


def _no_one_way(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda protocol, lets: [
        part for part in original(protocol, lets) if "ports:one-way" not in part.conditions
    ]


def _of_one_account(found: Facts) -> Facts:
    """Network ACLs of the account that owns the interfaces."""
    own = {one.account_id for one in found.interfaces if "eni-mine" in one.id}
    kept = tuple(one for one in found.acls if not own or one.id.split(":")[4] in own)
    return replace(found, acls=kept)


def _off(name: str) -> State:
    return State(Step(name, "", "pass", "Off."), Verdict.YES)


MUTANTS: dict[str, StepMutant] = {
    "groups": off("groups let everything in", inside("no rule at all"), everything("inbound")),
    "groups/egress": off(
        "groups let everything out",
        inside("the sender's group lets nothing out"),
        everything("outbound"),
    ),
    "groups/egress-ports": off(
        "outbound rules are for every port",
        inside("out to another port"),
        _rules(lambda one: (replace(one, ports=ports.ALL),), egress=True),
    ),
    "groups/ports": off(
        "inbound rules are for every port",
        INSIDE + "test_each_port_has_its_own_verdict",
        _rules(lambda one: (replace(one, ports=ports.ALL),)),
    ),
    "groups/sources": off(
        "inbound rules are for every source",
        INSIDE + "test_one_of_several_addresses_is_enough",
        _rules(lambda one: (replace(one, cidr=WHOLE),)),
    ),
    "groups/references": off(
        "rules that name a group know nobody",
        inside("as it is"),
        _rules(lambda one: () if one.group else (one,)),
    ),
    "groups/references-out": off(
        "outbound rules that name a group know nobody",
        inside("out to the group"),
        _rules(lambda one: () if one.group else (one,), egress=True),
    ),
    "groups/other-group": off(
        "a rule that names a group is for everybody",
        inside("no rule for the group"),
        _rules(lambda one: (replace(one, group="", cidr=WHOLE) if one.group else one,)),
    ),
    "groups/stale": off(
        "a rule that names a group which is gone is for everybody",
        INSIDE + "test_a_rule_for_a_group_that_is_gone_admits_nobody",
        _rules(
            lambda one: (replace(one, group="", cidr=WHOLE) if "deleted" in one.group else one,)
        ),
    ),
    "groups/unread": off(
        "groups that were not read let nothing in",
        inside("groups not read"),
        answer(filters, "group_rules", lambda found: replace(found, missing=())),
    ),
    "groups/prefix-list": off(
        "a prefix list that was not read holds nobody",
        INSIDE + "test_each_port_has_its_own_verdict",
        _rules(lambda one: () if one.prefix_list else (one,)),
    ),
    "groups/families": off(
        "rules for IPv4 are for IPv6 too",
        INSIDE + "test_families_are_judged_apart",
        _rules(lambda one: (one, replace(one, cidr="::/0"))),
    ),
    "groups/none-attached": off(
        "no kind of interface is without groups",
        INSIDE + "test_only_some_types_have_no_security_group",
        always_is(admission, "has_no_groups", False),
    ),
    "groups/none-needed": off(
        "what has no groups is open",
        INSIDE + "test_only_some_types_have_no_security_group",
        constant(admission, "has_no_groups", lambda interface: not interface.groups),
    ),
    "groups/over-peering": off(
        "rules that name a group do not know it over peering",
        INSIDE + "test_a_group_is_known_over_peering_in_the_same_region",
        answer(Trail, "through", lambda found: replace(found, references="")),
    ),
    "groups/other-region": off(
        "rules that name a group know it from another region",
        PRIVATE + "test_a_group_is_not_known_over_peering_in_another_region",
        fact("interfaces", region="eu-west-1"),
    ),
    "groups/appliance": off(
        "rules that name a group know it behind an appliance",
        INSIDE + "test_a_rule_that_names_the_group_does_not_know_it_behind_an_appliance",
        _referring("inbound", lambda told: "both"),
    ),
    "groups/over-transit": off(
        "rules that name a group know it over any transit gateway",
        TRANSIT + "test_a_group_is_known_across_a_gateway_that_supports_it",
        joint("gateways", lambda one: replace(one, references=True)),
    ),
    "groups/over-no-transit": off(
        "rules that name a group know it over no transit gateway",
        TRANSIT + "test_a_group_is_known_across_a_gateway_that_supports_it",
        joint("gateways", lambda one: replace(one, references=False)),
    ),
    "groups/over-attachment": off(
        "every attachment supports references to groups",
        TRANSIT + "test_a_group_is_known_across_a_gateway_that_supports_it",
        joint("attachments", lambda one: replace(one, references=True)),
    ),
    "groups/transit-egress": off(
        "outbound rules know groups over a transit gateway",
        TRANSIT + "test_outbound_rules_do_not_know_groups_across_a_gateway",
        _referring("outbound", lambda told: told and "both"),
    ),
    "ACLs": off(
        "network ACLs let everything in",
        inside("ACL in denies"),
        _acls(lambda way, lets: Lets(ports.ALL) if way == "in" else lets),
    ),
    "ACLs/out": off(
        "network ACLs let everything out",
        inside("ACL out denies"),
        _acls(lambda way, lets: Lets(ports.ALL) if way == "out" else lets),
    ),
    "ACLs/first-match": off(
        "the last entry that matches decides",
        inside("ACL in denies"),
        instead_of(parts, "_decide", lambda f: lambda entries, number: f(entries[::-1], number)),
    ),
    "ACLs/replies": off(
        "replies meet no network ACL",
        inside("no reply leaves"),
        replies_by(lambda trails, lets: (trails, [])),
    ),
    "ACLs/replies-in": off(
        "replies meet the first network ACL only",
        inside("no reply comes in"),
        replies_by(lambda trails, lets: (trails, lets[:1])),
    ),
    "ACLs/part": off(
        "a part of the clients' ports is enough",
        inside("some replies leave"),
        answer(
            parts,
            "_by_client_port",
            lambda found: [replace(p, verdict=Verdict.YES, conditions=frozenset()) for p in found],
        ),
    ),
    "ACLs/part-named": off(
        "which of the clients' ports get replies is not told",
        INSIDE + "test_a_part_of_the_client_ports_is_named",
        answer(
            parts,
            "_by_client_port",
            lambda found: [replace(p, conditions=frozenset()) for p in found],
        ),
    ),
    "ACLs/one-way": off(
        "UDP needs its replies",
        INSIDE + "test_udp_without_a_reply_is_one_way",
        instead_of(parts, "_by_client_port", _no_one_way),
    ),
    "ACLs/edge": off(
        "network ACLs are met inside a subnet",
        INSIDE + "test_acls_stand_at_the_subnets_edge_only",
        instead_of(stretches, "_legs", _edges),
    ),
    "ACLs/unread": off(
        "a network ACL that was not read lets everything through",
        inside("ACLs not read"),
        _acls(lambda way, lets: Lets(ports.ALL) if lets.missing else lets),
    ),
    "ACLs/owner": off(
        "a shared subnet has no network ACL of its owner's",
        SHARED,
        facts(_of_one_account),
    ),
    "ACLs/appliance": off(
        "an appliance's subnet has no network ACL",
        INSIDE + "test_the_appliances_own_acl_is_met",
        instead_of(Leg, "crossings", _first_and_last),
    ),
    "ACLs/attachment": off(
        "attachment subnets have no network ACL",
        TRANSIT + "test_acls_of_attachment_subnets",
        constant(Trail, "into", lambda self, subnet: replace(self, last=subnet)),
    ),
    "ends": off(
        "what is addressed runs",
        INSIDE + "test_state_of_both_ends",
        always_is(internet, "state_of", _off("state")),
    ),
    "ends/sender": off(
        "what sends runs",
        INSIDE + "test_state_of_both_ends",
        always_is(pair, "sender_state", _off("sender's state")),
    ),
    "ends/takes-nothing": off(
        "every kind of interface takes connections",
        INSIDE + "test_interfaces_that_take_nothing",
        constant(pair, "TAKES_NOTHING", ()),
    ),
    "ends/endpoint": off(
        "an endpoint takes no connections",
        INSIDE + "test_interfaces_that_take_nothing",
        constant(pair, "TAKES_NOTHING", (*pair.TAKES_NOTHING, "vpc_endpoint")),
    ),
    "ends/addresses": off(
        "only an interface's first address counts",
        INSIDE + "test_one_of_several_addresses_is_enough",
        answer(trail, "addresses_of", lambda found: found[:1]),
    ),
    "ends/together": off(
        "each control is asked by itself",
        INSIDE + "test_no_port_is_left_between_two_open_locks",
        constant(parts, "through", lambda first, then: first if then else ()),
    ),
    "ends/owner-unread": off(
        "what the owner of a subnet did not tell is not there",
        INSIDE + "test_a_shared_subnets_owner_who_was_not_collected_leaves_it_unknown",
        _acls(lambda way, lets: Lets(ports.ALL) if lets.missing else lets),
        constant(Trail, "unknown", lambda self, subject, calls: self),
    ),
    "local": off(
        "route tables that were not read lead everywhere",
        inside("tables not read"),
        constant(Trail, "unknown", lambda self, subject, calls: self.at(trail.VPC, self.origin)),
    ),
    "local/subnet-unread": off(
        "a subnet that was not read is not there",
        inside("subnet not read"),
        constant(Trail, "unknown", lambda self, subject, calls: self.dropped(subject, "Off.")),
    ),
    "local/longest-prefix": off(
        "a VPC's own routes come before more specific ones",
        INSIDE + "test_an_appliance_on_the_way_inspects",
        instead_of(
            lookup,
            "_read",
            lambda f: (
                lambda world, table: f(
                    world,
                    replace(
                        table,
                        routes=tuple(r for r in table.routes if r.kind == "local") or table.routes,
                    ),
                )
            ),
        ),
    ),
    "local/inspection": off(
        "an appliance lets everything through",
        INSIDE + "test_an_appliance_on_the_way_inspects",
        instead_of(
            trail,
            "arriving",
            lambda f: (
                lambda found, target: replace(
                    f(found, target), verdict=Verdict.YES, conditions=frozenset()
                )
            ),
        ),
    ),
    "local/forwards": off(
        "every interface forwards",
        INSIDE + "test_an_appliance_on_the_way_inspects",
        fact("interfaces", forwards=True),
    ),
}
