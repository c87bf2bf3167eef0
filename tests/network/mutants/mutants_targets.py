"""Mutants of what stands behind load balancers, and of databases (LB targets, LB health, DB)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graph.evidence import Step
from graph.network import (
    balancers,
    databases,
    filters,
    health,
    hops,
    links,
    path,
    private_ways,
    target_places,
)
from graph.network.facts import DbInstance, Facts, SecurityGroup
from graph.network.health import Health, Tally
from graph.network.hops import Joined
from graph.network.prefixes import Family
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
from tests.network.mutants.mutants_routes import everyone
from tests.network.mutants.mutation import StepMutant, off

BALANCERS = "test_load_balancers.py::"
RULES = "test_balancer_rules.py::"
DATABASES = "test_databases.py::"
PLACES = "test_database_places.py::"


def _without_rules(gone: Callable[[Any], bool]) -> Thunk:
    def changed(group: SecurityGroup) -> SecurityGroup:
        return replace(group, rules=tuple(one for one in group.rules if not gone(one)))

    return known("security_groups", changed)


def _within_subnet(always: bool) -> Thunk:
    """Network ACLs met inside one subnet always, or never."""
    return instead_of(
        private_ways,
        "passages",
        lambda f: lambda *a, within_subnet=False: f(*a, within_subnet=always),
    )


def _ways(**values: Any) -> Thunk:
    """Ways to another subnet with other values."""
    return answer(private_ways, "_made", lambda found: replace(found, **values))


def _preserves(change: Callable[[Any, Any, Family, Any], Any]) -> Thunk:
    """Whether the target sees the client's address, from what the engine says of it."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        return lambda balancer, group, family: change(
            balancer, group, family, original(balancer, group, family)
        )

    return instead_of(links, "preserves_client", make)


def _unresolved(world: Any, balancer: Any, target: Any) -> Step:
    return Step("target", target.id, "unknown", "Not collected: ip targets.")


def _of_application(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda world, balancer, *more: original(
        world, replace(balancer, kind="application"), *more
    )


def _where_it_stands(found: Facts) -> Facts:
    zones = {one.id: one.zone for one in found.subnets}

    def changed(one: DbInstance) -> DbInstance:
        here = tuple(s for s in one.subnets or () if zones.get(s) == one.zone)
        return replace(one, subnets=here or one.subnets)

    return replace(found, databases=tuple(map(changed, found.databases)))


def _no_groups(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda world, subnet, groups, *more: original(world, subnet, None, *more)


MUTANTS: dict[str, StepMutant] = {
    "LB targets": off(
        "a target's groups are in no load balancer's way",
        BALANCERS + "test_targets_group_must_admit_the_balancer",
        passing(hops, "group_step", "security group in"),
    ),
    "LB targets/egress": off(
        "a load balancer's groups let everything out",
        BALANCERS + "test_balancers_own_egress_and_the_acls_between_are_locks",
        passing(hops, "egress_step", "security group out"),
    ),
    "LB targets/ACLs": off(
        "no network ACL is between a load balancer and its targets",
        BALANCERS + "test_balancers_own_egress_and_the_acls_between_are_locks",
        _ways(filters=(), reply_filters=()),
    ),
    "LB targets/replies": off(
        "a target's replies always come back",
        RULES + "test_a_targets_replies_must_come_back",
        _ways(reply_filters=()),
    ),
    "LB targets/ACLs-of-classic": off(
        "no network ACL is met inside one subnet",
        BALANCERS + "test_classic_balancers_outbound_meets_the_acl_even_inside_its_subnet",
        _within_subnet(False),
    ),
    "LB targets/ACLs-inside": off(
        "network ACLs are met inside one subnet",
        BALANCERS + "test_classic_balancers_outbound_meets_the_acl_even_inside_its_subnet",
        _within_subnet(True),
    ),
    "LB targets/references": off(
        "rules that name the load balancer's group do not know it",
        BALANCERS + "test_alb_and_the_instance_behind_it",
        _without_rules(lambda one: bool(one.group)),
    ),
    "LB targets/addresses": off(
        "rules know a load balancer by its group only",
        BALANCERS + "test_targets_group_must_admit_the_balancer",
        _without_rules(lambda one: one.cidr.startswith("10.")),
    ),
    "LB targets/client-ip": off(
        "targets always see the load balancer",
        BALANCERS + "test_nlb_without_groups_passes_the_client_on_to_the_instances_group",
        always_is(links, "preserves_client", False),
    ),
    "LB targets/client-ip-attribute": off(
        "client IP preservation cannot be turned off",
        BALANCERS + "test_nlb_without_groups_passes_the_client_on_to_the_instances_group",
        fact("target_groups", preserve_client_ip=None),
    ),
    "LB targets/client-ip-of-ip": off(
        "ip targets see the client by default",
        BALANCERS + "test_ip_targets_see_the_balancer_by_default",
        _preserves(lambda balancer, group, family, found: found or balancer.kind == "network"),
    ),
    "LB targets/client-ip-of-alb": off(
        "targets of an application load balancer see the client",
        BALANCERS + "test_targets_group_must_admit_the_balancer",
        always_is(links, "preserves_client", True),
    ),
    "LB targets/client-ip-udp": off(
        "client IP preservation can be turned off over UDP",
        RULES + "test_over_udp_the_target_always_sees_the_client",
        _preserves(
            lambda balancer, group, family, found: (
                found if group.preserve_client_ip is None else group.preserve_client_ip
            )
        ),
    ),
    "LB targets/client-ip-ipv6": off(
        "an IPv4 target sees an IPv6 client",
        RULES + "test_over_ipv6_an_ipv4_target_sees_the_balancer",
        _preserves(lambda balancer, group, family, found: found or family is Family.IPV6),
    ),
    "LB targets/client-group": off(
        "a rule for the network load balancer's group does not admit its clients",
        RULES + "test_a_rule_for_the_network_balancers_group_admits_its_clients",
        always_is(links, "_refers_to", False),
    ),
    "LB targets/client-ACL": off(
        "the target's network ACL does not look at clients",
        BALANCERS + "test_clients_address_meets_the_targets_acl",
        constant(links, "_through_acl", lambda world, sender, place, atom, pieces, family: pieces),
    ),
    "LB targets/cross-zone": off(
        "load balancing is always across zones",
        BALANCERS + "test_zone_without_cross_zone_is_reached_from_its_own_node_only",
        fact("load_balancers", cross_zone=True),
    ),
    "LB targets/zone": off(
        "targets in a zone that is not enabled are used",
        BALANCERS + "test_zone_without_cross_zone_is_reached_from_its_own_node_only",
        always_is(balancers, "_in_zone", True),
    ),
    "LB targets/ip": off(
        "ip targets are not resolved",
        BALANCERS + "test_ip_targets_see_the_balancer_by_default",
        constant(target_places, "_address_places", _unresolved),
    ),
    "LB targets/peering": off(
        "the way to another VPC is always there",
        BALANCERS + "test_ip_target_in_a_peered_vpc",
        _ways(there=Joined(Verdict.YES, frozenset()), route_steps=()),
    ),
    "LB targets/peering-back": off(
        "the way back from another VPC is always there",
        BALANCERS + "test_ip_target_in_a_peered_vpc",
        _ways(back=Joined(Verdict.YES, frozenset()), reply_steps=()),
    ),
    "LB targets/peering-active": off(
        "every peering connection is active",
        BALANCERS + "test_ip_target_in_a_peered_vpc",
        fact("peerings", active=True),
    ),
    "LB targets/lambda": off(
        "a function is an instance",
        BALANCERS + "test_function_target",
        fact("target_groups", kind="instance"),
    ),
    "LB targets/chain": off(
        "nothing stands behind a load balancer that is a target",
        BALANCERS + "test_chain_of_nlb_and_internal_alb",
        constant(balancers, "_DEEPEST", 1),
    ),
    "LB targets/chain-group": off(
        "the groups of a load balancer that is a target are in nobody's way",
        BALANCERS + "test_chain_of_nlb_and_internal_alb",
        always_is(links, "groups_of", None),
    ),
    "LB targets/listener-port": off(
        "a target is reached on the listener's port",
        RULES + "test_a_target_is_reached_on_its_own_port",
        constant(balancers, "_target_ports", lambda listener, group, target: listener.ports),
    ),
    "LB targets/group-port": off(
        "a target is reached on its group's port",
        RULES + "test_a_target_is_reached_on_its_own_port",
        known(
            "target_groups",
            lambda one: replace(
                one, targets=tuple(replace(target, port=None) for target in one.targets or ())
            ),
        ),
    ),
    "LB targets/both-protocols": off(
        "a listener brings whatever the group takes",
        RULES + "test_a_group_for_both_protocols_gets_what_the_listener_brings",
        constant(
            balancers,
            "_target_ports",
            lambda listener, group, target: balancers.listener_ports(group.protocol, target.port),
        ),
    ),
    "LB targets/unread": off(
        "targets that were not read are none",
        BALANCERS + "test_what_was_denied_is_unknown",
        known("target_groups", lambda one: replace(one, targets=one.targets or ())),
    ),
    "LB health": off(
        "every target gets traffic",
        BALANCERS + "test_health",
        always_is(health, "health_of", Health(Step("health", "", "pass", "Off."), Verdict.YES)),
    ),
    "LB health/fail-open": off(
        "no load balancer sends to unhealthy targets",
        BALANCERS + "test_health",
        answer(
            health,
            "health_of",
            lambda found: replace(found, verdict=Verdict.DORMANT) if found.conditions else found,
        ),
    ),
    "LB health/fail-open-always": off(
        "unhealthy targets get traffic beside healthy ones",
        BALANCERS + "test_health",
        always_is(health, "tally_of", Tally()),
    ),
    "LB health/classic": off(
        "a classic load balancer sends to unhealthy instances",
        RULES + "test_a_classic_balancer_does_not_fail_open",
        instead_of(health, "health_of", _of_application),
    ),
    "LB health/stopped": off(
        "a stopped instance gets traffic",
        BALANCERS + "test_health",
        constant(health, "_STOPPED", ()),
    ),
    "LB health/draining": off(
        "a target that is drained gets new connections",
        RULES + "test_each_health_of_the_only_target",
        constant(health, "_SERVING", ("healthy", "unavailable", "", "initial", "draining")),
    ),
    "LB health/initial": off(
        "a target that is being checked gets nothing",
        RULES + "test_each_health_of_the_only_target",
        constant(health, "_SERVING", ("healthy", "unavailable", "")),
    ),
    "LB health/unchecked": off(
        "a target without health checks gets nothing",
        RULES + "test_each_health_of_the_only_target",
        constant(health, "_SERVING", ("healthy", "initial", "")),
    ),
    "DB": off(
        "every database has a public address",
        DATABASES + "test_open_group_without_the_public_flag_is_blocked_by_the_address",
        passing(databases, "_address_step", "address"),
    ),
    "DB/public-unread": off(
        "what is not told to be public is not",
        PLACES + "test_whether_it_is_public_may_not_be_told",
        known("databases", lambda one: replace(one, public=bool(one.public))),
    ),
    "DB/docdb": off(
        "DocumentDB is as public as other databases",
        DATABASES + "test_stopped_database_is_dormant_and_documentdb_is_never_public",
        fact("databases", engine="postgres"),
    ),
    "DB/port": off(
        "a database listens on every port",
        DATABASES + "test_public_database_is_reached_on_its_port_only",
        fact("databases", port=None),
    ),
    "DB/state": off(
        "every database is available",
        PLACES + "test_each_status",
        fact("databases", status="available"),
    ),
    "DB/backing-up": off(
        "only an available database answers",
        PLACES + "test_each_status",
        known(
            "databases",
            lambda one: one if one.status == "available" else replace(one, status="stopped"),
        ),
    ),
    "DB/groups": off(
        "a database's groups are in nobody's way",
        PLACES + "test_its_own_groups_count_and_no_others",
        instead_of(path, "internet_path", _no_groups),
    ),
    "DB/groups-unread": off(
        "groups that were not read admit nobody",
        DATABASES + "test_database_whose_group_was_not_read_is_unknown",
        answer(filters, "group_rules", lambda found: replace(found, missing=())),
    ),
    "DB/route": off(
        "replies of a database find their way",
        DATABASES + "test_public_flag_in_private_subnets_is_blocked_by_the_route",
        constant(path, "return_routes", everyone),
    ),
    "DB/zone": off(
        "a database stands in any subnet of its group",
        DATABASES + "test_subnet_in_use_decides_and_another_is_a_condition",
        always_is(databases, "_may_stand_in", True),
    ),
    "DB/failover": off(
        "a database never moves",
        DATABASES + "test_subnet_in_use_decides_and_another_is_a_condition",
        facts(_where_it_stands),
    ),
    "DB/one-of-zone": off(
        "of a zone's subnets the open one is in use",
        PLACES + "test_a_zone_with_an_open_and_a_closed_subnet_is_a_condition",
        always_is(databases, "_nothing", False),
    ),
    "DB/zone-unread": off(
        "a zone that is not told is that of the first subnet",
        PLACES + "test_a_zone_that_is_not_told_may_be_any",
        known("databases", lambda one: replace(one, subnets=(one.subnets or ())[:1] or None)),
    ),
    "DB/subnets-unread": off(
        "subnets that are not told are none",
        PLACES + "test_without_its_subnets_it_is_unknown",
        known("databases", lambda one: replace(one, subnets=one.subnets or ())),
    ),
    "DB/ipv6": off(
        "no database has IPv6 addresses",
        PLACES + "test_a_dual_stack_database_is_reached_by_ipv6",
        fact("databases", dual_stack=False),
    ),
    "DB/ipv6-everywhere": off(
        "every database has IPv6 addresses",
        PLACES + "test_a_dual_stack_database_is_reached_by_ipv6",
        fact("databases", dual_stack=True),
    ),
    "DB/ipv6-surely": off(
        "a public dual-stack database surely has public IPv6 addresses",
        PLACES + "test_a_dual_stack_database_is_reached_by_ipv6",
        fact("databases", engine="neptune"),
    ),
}
