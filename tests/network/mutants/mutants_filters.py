"""Mutants of what filters at the interface (N6 to N8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graph.network import filter_shapes, filters, path, ports
from graph.network.facts import Acl, AclEntry, Facts, Rule, SecurityGroup
from graph.network.pieces import Piece
from graph.network.prefixes import EVERYTHING, PUBLIC
from graph.network.world import NetworkWorld
from tests.network.mutants.changes import (
    Thunk,
    always_is,
    answer,
    constant,
    fact,
    facts,
    instead_of,
    known,
)
from tests.network.mutants.mutation import StepMutant, off

INSTANCE = "test_internet_to_instance.py::"
ACLS = "test_acl_rules.py::"
GROUPS = "test_group_rules.py::"
WHOLE = "0.0.0.0/0"


def _entries(change: Callable[[AclEntry], tuple[AclEntry, ...]]) -> Thunk:
    """Each entry of each network ACL taken for others, or for none."""

    def changed(acl: Acl) -> Acl:
        return replace(acl, entries=tuple(new for one in acl.entries for new in change(one)))

    return known("acls", changed)


def _rules(change: Callable[[Rule], tuple[Rule, ...]]) -> Thunk:
    """Each inbound rule of each group taken for others, or for none."""

    def changed(group: SecurityGroup) -> SecurityGroup:
        return replace(group, rules=tuple(new for one in group.rules for new in change(one)))

    return known("security_groups", changed)


def _item_without(member: str) -> Thunk:
    """A member of an entry's JSON is not looked at."""
    return instead_of(
        filter_shapes,
        "_acl_ports",
        lambda read: lambda item: read({k: v for k, v in item.items() if k != member}),
    )


def _everyone(view: Any, atom: Any) -> Any:
    return (Piece(EVERYTHING[view.family]),)


def _default_first(self: NetworkWorld, subnet: Any) -> Any:
    explicit, default = self._acls
    return default.get(subnet.vpc) or explicit.get(subnet.id)


def _same_reply(original: Callable[..., Any]) -> Callable[..., Any]:
    def mutated(view: Any, protocol: int, atom: Any) -> Any:
        if protocol in (ports.ICMP, ports.ICMPV6):
            request = ports.icmp(protocol, 8 if protocol == ports.ICMP else 128, 0).pairs[0]
            return filters._or_one_way(view.going.passing(request).pieces, view.family)
        return original(view, protocol, atom)

    return mutated


def _tcp_one_way(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda view, protocol, atom: filters._or_one_way(
        original(view, protocol, atom), view.family
    )


def _others_pass(original: Callable[..., Any]) -> Callable[..., Any]:
    def mutated(view: Any, protocol: int, atom: Any) -> Any:
        known = (ports.TCP, ports.UDP, ports.ICMP, ports.ICMPV6)
        return original(view, protocol, atom) if protocol in known else _everyone(view, atom)

    return mutated


def _groups_where(keep: Callable[[Any, SecurityGroup], bool]) -> Thunk:
    """Interfaces with only some of their groups."""

    def changed(found: Facts) -> Facts:
        groups = {one.id: one for one in found.security_groups}
        return replace(
            found,
            interfaces=tuple(
                replace(
                    one,
                    groups=tuple(
                        g for g in one.groups or () if g not in groups or keep(one, groups[g])
                    ),
                )
                for one in found.interfaces
            ),
        )

    return facts(changed)


def _of_rule(change: Callable[[Any, Any, Any, Any], Any]) -> Thunk:
    return instead_of(
        ports, "of_rule", lambda read: lambda p, first, last: change(read, p, first, last)
    )


def _has_source(rule: Rule) -> bool:
    return bool(rule.cidr or rule.prefix_list or rule.group)


MUTANTS: dict[str, StepMutant] = {
    "N6": off(
        "network ACLs let everything in",
        INSTANCE + "test_acl_deny_above_an_allow_closes_the_port_and_below_it_does_not",
        constant(filters, "acl_in", _everyone),
    ),
    "N6/numbers": off(
        "entries are tried as they are listed",
        INSTANCE + "test_acl_deny_above_an_allow_closes_the_port_and_below_it_does_not",
        _entries(lambda one: (replace(one, number=0),)),
    ),
    "N6/first-match": off(
        "the last entry that matches decides",
        INSTANCE + "test_acl_deny_above_an_allow_closes_the_port_and_below_it_does_not",
        instead_of(filters, "_admitted", lambda f: lambda found, family: f(found[::-1], family)),
    ),
    "N6/direction": off(
        "outbound entries let in",
        INSTANCE + "test_two_locks_are_both_told",
        _entries(lambda one: (one, replace(one, egress=False))),
    ),
    "N6/protocol": off(
        "entries are for every protocol",
        INSTANCE + "test_acl_for_tcp_says_nothing_of_icmp",
        answer(filter_shapes, "_acl_ports", lambda found: (ports.ALL, found[1])),
    ),
    "N6/ports": off(
        "entries are for every port",
        INSTANCE + "test_acl_deny_above_an_allow_closes_the_port_and_below_it_does_not",
        _item_without("PortRange"),
    ),
    "N6/icmp-type": off(
        "an entry for one type of ICMP is for all",
        ACLS + "test_an_icmp_entry_is_for_its_type",
        _item_without("IcmpTypeCode"),
    ),
    "N6/sources": off(
        "entries are for every source",
        ACLS + "test_an_entry_is_for_its_sources",
        _entries(lambda one: (one if one.egress else replace(one, cidr=WHOLE),)),
    ),
    "N6/families": off(
        "entries for IPv4 are for IPv6 too",
        ACLS + "test_entries_of_one_family_are_not_the_others",
        _entries(lambda one: (one, replace(one, cidr="::/0")) if one.cidr == WHOLE else (one,)),
    ),
    "N6/default": off(
        "a VPC has no default network ACL",
        ACLS + "test_a_subnets_own_acl_comes_before_the_vpcs_default",
        fact("acls", default=False),
    ),
    "N6/default-first": off(
        "the VPC's default network ACL filters every subnet",
        ACLS + "test_a_subnets_own_acl_comes_before_the_vpcs_default",
        constant(NetworkWorld, "acl_of", _default_first),
    ),
    "N6/unread": off(
        "a network ACL that was not read lets everything in and out",
        INSTANCE + "test_what_was_denied_is_unknown_and_named[ec2.describe_network_acls]",
        constant(path, "unknown", lambda sources, gaps: (Piece(sources),)),
    ),
    "N6/unreadable": off(
        "an entry that cannot be read is not there",
        INSTANCE + "test_unreadable_rules_are_unknown_never_a_crash",
        _entries(lambda one: () if one.cidr is None or one.ports is None else (one,)),
    ),
    "N7": off(
        "every reply gets out",
        INSTANCE + "test_replies_need_the_clients_ports",
        constant(filters, "acl_reply", _everyone),
    ),
    "N7/part": off(
        "a part of the clients' ports is enough",
        INSTANCE + "test_replies_need_the_clients_ports",
        answer(
            filters, "_client_ports", lambda found: tuple(Piece(piece.sources) for piece in found)
        ),
    ),
    "N7/all-ports": off(
        "clients use every port",
        INSTANCE + "test_replies_need_the_clients_ports",
        constant(filters, "EPHEMERAL", (0, 65535)),
    ),
    "N7/linux-ports": off(
        "clients use the ports of one system only",
        INSTANCE + "test_replies_need_the_clients_ports",
        constant(filters, "EPHEMERAL", (32768, 65535)),
    ),
    "N7/tcp": off(
        "TCP gets along without replies",
        INSTANCE + "test_replies_need_the_clients_ports",
        instead_of(filters, "_reply", _tcp_one_way),
    ),
    "N7/one-way": off(
        "UDP needs its replies",
        INSTANCE + "test_udp_without_a_reply_is_one_way",
        constant(filters, "_or_one_way", lambda found, family: found),
    ),
    "N7/direction": off(
        "inbound entries let replies out",
        INSTANCE + "test_udp_without_a_reply_is_one_way",
        _entries(lambda one: (one, replace(one, egress=True))),
    ),
    "N7/clients": off(
        "an entry for replies is for every client",
        ACLS + "test_replies_go_to_clients_that_an_entry_lets_out_to",
        _entries(lambda one: (replace(one, cidr=WHOLE) if one.egress else one,)),
    ),
    "N7/first-match": off(
        "the last entry that matches a reply decides",
        ACLS + "test_the_first_entry_decides_over_replies_too",
        instead_of(filters, "_reply_ports", lambda f: lambda found, whole: f(found[::-1], whole)),
    ),
    "N7/ping": off(
        "a ping is answered by a ping",
        ACLS + "test_a_ping_is_answered_by_an_echo_reply",
        instead_of(filters, "_reply", _same_reply),
    ),
    "N7/ping-ipv6": off(
        "a ping over IPv6 is answered by a ping",
        ACLS + "test_a_ping_over_ipv6_is_answered_by_its_own_echo_reply",
        instead_of(filters, "_reply", _same_reply),
    ),
    "N7/other-protocols": off(
        "replies of other protocols always get out",
        ACLS + "test_another_protocol_is_answered_by_itself",
        instead_of(filters, "_reply", _others_pass),
    ),
    "N7/unreadable": off(
        "an entry for replies that cannot be read is not there",
        ACLS + "test_an_entry_for_replies_that_cannot_be_read_leaves_them_unknown",
        _entries(lambda one: () if one.egress and one.cidr is None else (one,)),
    ),
    "N8": off(
        "security groups admit everybody",
        INSTANCE + "test_two_groups_add_up",
        constant(
            filters,
            "permitted_to",
            lambda world, rules, parts, family: [
                (atom, (Piece(PUBLIC[family]),)) for atom in parts
            ],
        ),
    ),
    "N8/ports": off(
        "rules are for every port",
        INSTANCE + "test_open_instance_is_reached_with_the_whole_proof",
        _rules(lambda one: (replace(one, ports=ports.ALL),)),
    ),
    "N8/sources": off(
        "rules are for every source",
        INSTANCE + "test_private_sources_are_not_the_internet",
        _rules(lambda one: (replace(one, cidr=WHOLE),)),
    ),
    "N8/private-sources": off(
        "private addresses are of the internet",
        INSTANCE + "test_private_sources_are_not_the_internet",
        constant(filters, "PUBLIC", EVERYTHING),
    ),
    "N8/several-groups": off(
        "one of several groups counts",
        INSTANCE + "test_two_groups_add_up",
        instead_of(
            filters,
            "group_rules",
            lambda f: lambda world, groups, *more: f(world, groups and groups[-1:], *more),
        ),
    ),
    "N8/references": off(
        "a rule for a group is for everybody",
        GROUPS + "test_a_rule_for_a_group_admits_nobody_of_the_internet",
        _rules(lambda one: (replace(one, group="", cidr=WHOLE) if one.group else one,)),
    ),
    "N8/prefix-list": off(
        "rules for prefix lists admit nobody",
        INSTANCE + "test_customer_prefix_list_opens_what_it_holds",
        _rules(lambda one: () if one.prefix_list else (one,)),
    ),
    "N8/prefix-list-unread": off(
        "a prefix list that was not read admits nobody",
        INSTANCE + "test_customer_prefix_list_opens_what_it_holds",
        known("prefix_lists", lambda one: replace(one, cidrs=one.cidrs or ())),
    ),
    "N8/any-customer": off(
        "CloudFront's addresses are CloudFront's alone",
        INSTANCE + "test_cloudfront_list_is_any_customer_of_cloudfront",
        always_is(filters, "shared_sender", None),
    ),
    "N8/list-owner": off(
        "a list is CloudFront's if it is called so",
        INSTANCE + "test_cloudfront_list_is_any_customer_of_cloudfront",
        fact("prefix_lists", owner="AWS"),
    ),
    "N8/list-family": off(
        "CloudFront's IPv6 list is for IPv4",
        GROUPS + "test_a_list_of_aws_admits_one_family",
        known("prefix_lists", lambda one: replace(one, name=one.name.replace(".ipv6", ""))),
    ),
    "N8/families": off(
        "rules for IPv6 are for IPv4 too",
        INSTANCE + "test_ipv6_is_judged_on_its_own",
        _rules(lambda one: (one, replace(one, cidr=WHOLE)) if one.cidr == "::/0" else (one,)),
    ),
    "N8/missing-group": off(
        "a group that was not read admits nobody",
        INSTANCE + "test_group_that_is_not_in_the_snapshot_is_unknown_beside_what_is_known",
        answer(filters, "group_rules", lambda found: replace(found, missing=())),
    ),
    "N8/other-vpc": off(
        "a group counts in its own VPC only",
        GROUPS + "test_a_group_of_another_vpc_or_account_counts_where_it_is_attached",
        _groups_where(lambda one, group: one.vpc == group.vpc),
    ),
    "N8/other-account": off(
        "a group counts in its own account only",
        GROUPS + "test_a_group_of_another_vpc_or_account_counts_where_it_is_attached",
        _groups_where(lambda one, group: one.account_id == group.account_id),
    ),
    "N8/port-0": off(
        "port 0 is every port",
        INSTANCE + "test_protocols_without_ports_are_not_tcp",
        _of_rule(lambda read, p, first, last: read(p, first or None, last)),
    ),
    "N8/protocol-number": off(
        "a protocol without ports is every protocol",
        INSTANCE + "test_protocols_without_ports_are_not_tcp",
        _of_rule(lambda read, p, first, last: ports.ALL if p == "50" else read(p, first, last)),
    ),
    "N8/icmp-type": off(
        "one type of ICMP is all of it",
        INSTANCE + "test_protocols_without_ports_are_not_tcp",
        _of_rule(lambda read, p, first, last: read(p, None if p == "icmp" else first, last)),
    ),
    "N8/all-protocols": off(
        "every protocol is TCP",
        INSTANCE + "test_protocols_without_ports_are_not_tcp",
        _of_rule(lambda read, p, first, last: read("tcp" if p == "-1" else p, first, last)),
    ),
    "N8/unreadable": off(
        "a rule that cannot be read is not there",
        INSTANCE + "test_unreadable_rules_are_unknown_never_a_crash",
        _rules(lambda one: () if one.ports is None or not _has_source(one) else (one,)),
    ),
    "N8/unreadable-reference": off(
        "a group's rule that cannot be read may be for the internet",
        GROUPS + "test_a_rule_without_ports_that_make_sense_is_for_its_sources_only",
        _rules(lambda one: (replace(one, group="") if one.ports is None else one,)),
    ),
}
