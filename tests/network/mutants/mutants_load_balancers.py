"""Mutants of load balancers as front doors, and of what they forward (LB, LB rules)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graph.network import doors, listeners, ports, service_shapes
from graph.network.facts import LoadBalancer
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

BALANCERS = "test_load_balancers.py::"
RULES = "test_balancer_rules.py::"


def _each(change: Callable[[LoadBalancer], Any]) -> Thunk:
    """Load balancers with other values, worked out for each."""
    return known("load_balancers", lambda one: replace(one, **change(one)))


def _listeners(change: Callable[[Any], Any]) -> Thunk:
    return _each(
        lambda one: {
            "listeners": None
            if one.listeners is None
            else tuple(change(listener) for listener in one.listeners)
        }
    )


def _gateway_too(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda balancer, *more: original(replace(balancer, kind="network"), *more)


def _anywhere(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda balancer, subnet: original(balancer, None)


def _last_first(original: Callable[..., Any]) -> Callable[..., Any]:
    def mutated(listener: Any, *clients: Any) -> Any:
        rules = tuple(replace(rule, priority=-rule.priority) for rule in listener.rules)
        return original(replace(listener, rules=rules), *clients)

    return mutated


def _matched(**values: Any) -> Thunk:
    """Each rule matched with other values."""
    return answer(listeners, "_match", lambda found: replace(found, **values))


def _any_weight(read: Callable[..., Any]) -> Callable[..., Any]:
    def mutated(item: Any, ids: Any) -> Any:
        groups = item.get("ForwardConfig", {}).get("TargetGroups", ())
        return read(
            item | {"ForwardConfig": {"TargetGroups": [g | {"Weight": 1} for g in groups]}}, ids
        )

    return mutated


def _only_what_forwards(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda one, family: tuple(way.piece for way in listeners.forwards(one, family))


MUTANTS: dict[str, StepMutant] = {
    "LB": off(
        "internal load balancers have public addresses",
        BALANCERS + "test_internal_balancer_is_no_front_door",
        fact("load_balancers", internet_facing=True),
    ),
    "LB/gateway": off(
        "a gateway load balancer takes what clients send",
        BALANCERS + "test_gateway_balancer_is_never_a_front_door",
        instead_of(doors, "_address_step", _gateway_too),
    ),
    "LB/state": off(
        "every load balancer is active",
        BALANCERS + "test_balancer_that_is_not_active_is_dormant",
        fact("load_balancers", state="active"),
    ),
    "LB/groups": off(
        "a load balancer's own groups are in nobody's way",
        BALANCERS + "test_balancers_group_must_admit_the_listener_port",
        always_is(doors, "groups_of", None),
    ),
    "LB/no-groups": off(
        "an application load balancer without groups is open",
        RULES + "test_an_application_balancer_that_lists_no_group_is_unknown",
        constant(doors, "groups_of", lambda balancer: balancer.groups or None),
    ),
    "LB/network-without-groups": off(
        "a network load balancer without groups is closed",
        BALANCERS + "test_nlb_without_groups_passes_the_client_on_to_the_instances_group",
        constant(doors, "groups_of", lambda balancer: balancer.groups or ()),
    ),
    "LB/subnets": off(
        "one subnet speaks for all",
        BALANCERS + "test_one_passing_subnet_is_enough_and_none_is_not",
        _each(lambda one: {"subnets": one.subnets[:1]}),
    ),
    "LB/families": off(
        "every load balancer has addresses of both families",
        BALANCERS + "test_dualstack_without_public_ipv4_is_ipv6_only",
        constant(doors, "_FAMILIES", {}),
    ),
    "LB/ipv6-scheme": off(
        "internal load balancers never have public IPv6 addresses",
        RULES + "test_ipv6_is_refused_by_an_attribute_not_by_the_scheme",
        _each(lambda one: {"deny_igw_v6": one.deny_igw_v6 or not one.internet_facing}),
    ),
    "LB/ipv6-refused": off(
        "no load balancer refuses IPv6",
        RULES + "test_ipv6_is_refused_by_an_attribute_not_by_the_scheme",
        fact("load_balancers", deny_igw_v6=False),
    ),
    "LB/ipv6-unread": off(
        "an attribute that was not read has its default",
        RULES + "test_ipv6_is_refused_by_an_attribute_not_by_the_scheme",
        _each(
            lambda one: {
                "deny_igw_v6": not one.internet_facing
                if one.deny_igw_v6 is None
                else one.deny_igw_v6
            }
        ),
    ),
    "LB/ipv6-subnet": off(
        "a node has an IPv6 address in any subnet",
        RULES + "test_a_node_in_a_subnet_without_ipv6_has_no_such_address",
        instead_of(doors, "_address_v6", _anywhere),
    ),
    "LB/listener-port": off(
        "a load balancer listens on every port",
        BALANCERS + "test_balancers_group_must_admit_the_listener_port",
        _listeners(lambda one: replace(one, ports=ports.ALL)),
    ),
    "LB/no-listener": off(
        "a load balancer without a listener listens",
        BALANCERS + "test_classic_balancer",
        passing(doors, "_listener_step", "listener"),
    ),
    "LB/listeners-unread": off(
        "listeners that were not read are none",
        BALANCERS + "test_what_was_denied_is_unknown",
        _each(lambda one: {"listeners": one.listeners or ()}),
    ),
    "LB rules": off(
        "every rule forwards everybody",
        BALANCERS + "test_source_ip_rule_narrows_to_the_range",
        constant(
            listeners,
            "_match",
            lambda one, family, everyone: listeners._Match(everyone, frozenset(), (), True),
        ),
    ),
    "LB rules/priority": off(
        "the last rule is tried first",
        RULES + "test_rules_are_tried_by_priority",
        instead_of(listeners, "forwards", _last_first),
    ),
    "LB rules/source-ip": off(
        "a source-ip condition holds for everybody",
        BALANCERS + "test_source_ip_rule_narrows_to_the_range",
        constant(listeners, "_addresses", lambda one, family, everyone: everyone),
    ),
    "LB rules/shadow": off(
        "a rule leaves everything to those after it",
        BALANCERS + "test_rule_for_everything_shadows_what_comes_after",
        _matched(decided_by_address=False),
    ),
    "LB rules/shadow-range": off(
        "a range that a rule answered is left to those after it",
        RULES + "test_a_range_that_an_earlier_rule_answers_is_left_out_of_later_ones",
        _matched(decided_by_address=False),
    ),
    "LB rules/shadow-all": off(
        "a rule for one path takes everything from those after it",
        BALANCERS + "test_rule_for_everything_shadows_what_comes_after",
        _matched(decided_by_address=True),
    ),
    "LB rules/anything": off(
        "no condition holds for every request",
        BALANCERS + "test_rule_for_everything_shadows_what_comes_after",
        always_is(listeners, "_anything", False),
    ),
    "LB rules/weight": off(
        "a target group of weight 0 gets traffic",
        BALANCERS + "test_mutual_tls_and_weight_zero",
        instead_of(service_shapes, "action", _any_weight),
    ),
    "LB rules/sign-in": off(
        "the load balancer asks nobody to sign in",
        BALANCERS + "test_sign_in_at_the_balancer",
        answer(listeners, "_actions", lambda found: (frozenset(), found[1])),
    ),
    "LB rules/sign-in-optional": off(
        "who may go on without signing in has to sign in",
        BALANCERS + "test_sign_in_at_the_balancer",
        answer(service_shapes, "action", lambda found: replace(found, on_unauthenticated="")),
    ),
    "LB rules/action-order": off(
        "actions are taken as they are listed",
        BALANCERS + "test_sign_in_at_the_balancer",
        constant(service_shapes, "_ordered", lambda actions: actions or []),
    ),
    "LB rules/mutual-tls": off(
        "no listener asks for a client's certificate",
        BALANCERS + "test_mutual_tls_and_weight_zero",
        _listeners(lambda one: replace(one, mutual_tls=False)),
    ),
    "LB rules/secret": off(
        "every client knows a secret header",
        BALANCERS + "test_secret_header_is_a_condition_and_a_clients_header_is_not",
        _matched(secrets=frozenset()),
    ),
    "LB rules/client-header": off(
        "a header that every client sets is a secret",
        BALANCERS + "test_secret_header_is_a_condition_and_a_clients_header_is_not",
        always_is(listeners, "is_client_header", False),
    ),
    "LB rules/redirect": off(
        "a listener that only redirects is reached by nobody",
        BALANCERS + "test_redirect_only_leads_nowhere_but_answers",
        instead_of(listeners, "listener_pieces", _only_what_forwards),
    ),
    "LB rules/unread": off(
        "rules that were not read are none",
        BALANCERS + "test_what_was_denied_is_unknown",
        _listeners(lambda one: replace(one, rules_missing="")),
    ),
}
