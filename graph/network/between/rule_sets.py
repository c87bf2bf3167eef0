"""Security group rules of one direction, and what they let through, once for like ones."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from graph.network import ports
from graph.network.between.admission import has_no_groups
from graph.network.between.classes import edges_of
from graph.network.between.parts import Lets, Peer, admit
from graph.network.facts import UNNAMED_GROUP, Interface, Rule, is_unread_group
from graph.network.filters import group_rules
from graph.network.prefixes import Family
from graph.network.world import NetworkWorld

_ALL = Lets(ports.ALL)
_NOBODY: frozenset[str] = frozenset()
_SOME_GROUP = "some group"
_UNREAD_GROUP = "unread group"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of some groups, added up.

    Attributes:
        text: the same for the same rules.
        addresses: the same for the same rules about addresses.
        refs: groups that rules name.
        rules: the rules.
        missing: what was not read.
        open: no security group is in the way.
        edges: by family, where the addresses of rules begin and end.
    """

    text: str
    addresses: str
    refs: frozenset[str]
    rules: tuple[Rule, ...]
    missing: tuple[str, ...]
    open: bool
    edges: dict[Family, list[int]] = field(hash=False, compare=False)


class RuleSets:
    """The rule sets of a world."""

    def __init__(self, world: NetworkWorld) -> None:
        """Args: the facts."""
        self._world = world
        self._by_groups: dict[tuple[object, ...], RuleSet] = {}
        self._lets: dict[tuple[object, ...], Lets] = {}
        self._same: dict[Lets, Lets] = {}
        referenced = _referenced(world)
        self._unread = frozenset(
            group
            for one in world.facts.interfaces
            for group in one.groups or ()
            if is_unread_group(group)
        )
        self._telling_groups = referenced | self._unread
        self._some_telling = frozenset({_SOME_GROUP} if UNNAMED_GROUP in referenced else ())

    def known_groups(self, one: Interface) -> frozenset[str]:
        """The groups of an interface that may matter to rules that name groups.

        Where a rule names a group that cannot be read, that there is any group matters too.
        """
        groups = frozenset(one.groups or ())
        return groups & self._telling_groups | self._some_telling if groups else groups

    def into(self, one: Interface) -> RuleSet:
        """What an interface's groups let in."""
        key = ("in", one.groups, one.account_id, one.region, has_no_groups(one))
        if key not in self._by_groups:
            found = group_rules(self._world, one.groups, one.account_id, one.region)
            self._by_groups[key] = self._made(found.rules, found.missing, has_no_groups(one))
        return self._by_groups[key]

    def out_of(self, one: Interface) -> RuleSet:
        """What an interface's groups let out."""
        key = ("out", one.groups, one.account_id, one.region, has_no_groups(one))
        if key not in self._by_groups:
            rules: list[Rule] = []
            missing: list[str] = []
            call = "ec2.describe_security_groups"
            for group in one.groups or ():
                known = self._world.security_groups.get(group)
                if known is None or known.egress is None:
                    gap = self._world.gap(call, one.account_id, one.region)
                    missing.append(gap or f"{call}({group})")
                else:
                    rules += known.egress
            gone = tuple(dict.fromkeys(missing))
            self._by_groups[key] = self._made(rules, gone, has_no_groups(one))
        return self._by_groups[key]

    def _made(self, rules: Iterable[Rule], missing: tuple[str, ...], open_: bool) -> RuleSet:
        told = {f"{r.ports} {r.cidr} {r.prefix_list} {r.group}": r for r in rules}
        kept = tuple(told[text] for text in sorted(told))
        plain = [text for text in sorted(told) if not told[text].group]
        cidrs = [cidr for rule in kept for cidr in (rule.cidr, *self._listed(rule))]
        return RuleSet(
            _digest(repr((sorted(told), missing, open_))),
            _digest(repr((plain, missing, open_))),
            frozenset(rule.group for rule in kept if rule.group),
            kept,
            missing,
            open_,
            {family: edges_of(cidrs, family) for family in Family},
        )

    def _listed(self, rule: Rule) -> tuple[str, ...]:
        known = self._world.prefix_lists.get(rule.prefix_list) if rule.prefix_list else None
        return (known.cidrs if known else None) or ()

    def lets(
        self, rules: RuleSet, number: int, family: Family, groups: frozenset[str] = _NOBODY
    ) -> Lets:
        """What rules let through for an address, or for one that has some of these groups.

        Equal answers are the same object.
        """
        if rules.open:
            return _ALL
        known = self._telling(groups, rules.refs)
        at = bisect_right(rules.edges[family], number)
        key = (rules.text if known else rules.addresses, family, at, known)
        if key not in self._lets:
            lets, _ = admit(self._world, rules.rules, rules.missing, Peer(number, family, known))
            self._lets[key] = self._same.setdefault(lets, lets)
        return self._lets[key]

    def _telling(self, groups: frozenset[str], refs: frozenset[str]) -> frozenset[str]:
        """Those of a peer's groups that rules which name these groups tell from others."""
        if not groups or not refs:
            return _NOBODY
        return groups if UNNAMED_GROUP in refs else groups & (refs | self._unread)


def peer_keys(groups: frozenset[str]) -> frozenset[str]:
    """Under what a peer with these groups is looked up; shares a :func:`rule_keys` with rules.

    That is: with those that may be about one of its groups.
    """
    found = groups | {UNNAMED_GROUP} if groups else groups
    return found | {_UNREAD_GROUP} if any(map(is_unread_group, groups)) else found


def rule_keys(refs: frozenset[str]) -> frozenset[str]:
    """Under what rules that name these groups are looked up; see :func:`peer_keys`."""
    return refs | {_UNREAD_GROUP} if refs else refs


def _referenced(world: NetworkWorld) -> frozenset[str]:
    """Groups that some rule names."""
    found: Iterable[Rule] = (
        rule
        for group in world.facts.security_groups
        for rule in (*group.rules, *(group.egress or ()))
    )
    return frozenset(rule.group for rule in found if rule.group)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
