"""Who reaches whom privately, for the whole world at once: by classes, never pair by pair.

Interfaces that no control tells apart form a class; what one of them reaches, or is reached by,
holds for all. For each class that is reached, only senders that one of its rules could admit are
looked at, and senders with the same outcome form one group.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.network import ports, prefixes
from graph.network.between.classes import class_of
from graph.network.between.connected import components
from graph.network.between.on_prem import leads_on_premises, on_prem_to_interface
from graph.network.between.owners import is_sender, owner_in, takes_nothing
from graph.network.between.pair import Hop, sender_state
from graph.network.between.parts import Part, Parts, Peer, joined, rules_let, through
from graph.network.between.places import judge_places
from graph.network.between.trail import addresses_of
from graph.network.facts import Interface, Rule
from graph.network.filters import group_rules
from graph.network.internet import state_of
from graph.network.pieces import weaker
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.spans import Spans
from graph.network.world import NetworkWorld
from graph.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Alike:
    """Interfaces that send, or receive, alike.

    Attributes:
        id: ``network-range:<subnet>:<hash>`` or ``private-target:<vpc>:<hash>``.
        first: one of them, which stands for all.
        bound: what their state allows.
        members: (owner, interface id), the interface itself as owner where that is unknown.
        addresses: one address of each class of theirs, IPv4 then IPv6.
    """

    id: str
    first: Interface
    bound: Verdict
    members: tuple[tuple[str, str], ...]
    addresses: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """Several classes of senders that reach one class in the same way."""

    senders: tuple[str, ...]
    target: str
    family: Family
    mechanism: str
    parts: Parts

    @property
    def group(self) -> str:
        """Id of the group that the senders form, shared by every passage with the same ones."""
        return f"network-group:{_digest(repr(self.senders))}"


@dataclass(frozen=True, slots=True)
class Lateral:
    """The whole: classes that send, classes that are reached, and passages between them.

    ``outside`` is what networks on premises reach: (id of the class, the result).
    """

    ranges: dict[str, Alike] = field(default_factory=dict)
    targets: dict[str, Alike] = field(default_factory=dict)
    passages: tuple[Passage, ...] = ()
    outside: tuple[tuple[str, Reach], ...] = ()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def lateral(world: NetworkWorld) -> Lateral:
    """Judge every class against every class that a rule could let in."""
    return _Groups(world).all()


class _Groups:
    def __init__(self, world: NetworkWorld) -> None:
        self.world = world
        self.named = _referenced(world)
        self.addresses: dict[tuple[Family, int], str] = {}
        self.egress: dict[tuple[str, ...] | None, str] = {}
        self.component = components(world)
        self.memo: dict[object, Parts] = {}
        self.ranges = self._classes(sends=True)
        self.targets = self._classes(sends=False)
        self.by_id = {one.id: one for one in self.ranges}
        self.by_group: dict[str, list[Alike]] = defaultdict(list)
        self.by_component: dict[str, list[Alike]] = defaultdict(list)
        for one in self.ranges:
            self.by_component[self.component.get(one.first.vpc, one.first.vpc)].append(one)
            for group in one.first.groups or ():
                self.by_group[group].append(one)
        self.sets: dict[tuple[str, tuple[str, ...] | None], list[Alike]] = {}

    def _classes(self, *, sends: bool) -> list[Alike]:
        found: dict[tuple[object, ...], list[Interface]] = defaultdict(list)
        for one in self.world.facts.interfaces:
            if is_sender(self.world, one) if sends else not takes_nothing(self.world, one):
                found[self._key(one, sends=sends)].append(one)
        made = [self._alike(key, members, sends=sends) for key, members in found.items()]
        return sorted((one for one in made if one.bound is not Verdict.NO), key=lambda one: one.id)

    def _key(self, one: Interface, *, sends: bool) -> tuple[object, ...]:
        state = (sender_state if sends else state_of)(self.world, one)
        known = frozenset(one.groups or ()) & self.named
        rules = self._outward(one) if sends else one.groups
        numbers = tuple(
            tuple(sorted({class_of(self.world, a, family) for a in addresses_of(one, family)}))
            for family in Family
        )
        return (
            one.vpc,
            one.subnet,
            one.account_id,
            one.region,
            one.groups is None,
            tuple(sorted(known)),
            rules,
            numbers,
            state.verdict.value,
        )

    def _outward(self, one: Interface) -> str:
        """What the sender's groups let out, as a text that is equal where the rules are."""
        if one.groups not in self.egress:
            rules: list[str] = []
            for group in one.groups or ():
                known = self.world.security_groups.get(group)
                if known is None or known.egress is None:
                    rules.append(f"? {group}")
                    continue
                rules += [
                    f"{rule.ports} {rule.cidr} {rule.prefix_list} {rule.group}"
                    for rule in known.egress
                ]
            text = "none" if one.groups is None else repr(sorted(set(rules)))
            self.egress[one.groups] = _digest(text)
        return self.egress[one.groups]

    def _alike(self, key: tuple[object, ...], members: list[Interface], *, sends: bool) -> Alike:
        first = min(members, key=lambda one: one.id)
        place = first.subnet if sends else first.vpc
        kind = "network-range" if sends else "private-target"
        owned = {(owner_in(self.world, one), one.id) for one in members}
        return Alike(
            id=f"{kind}:{place.rpartition('/')[2]}:{_digest(repr(('private', key)))}",
            first=first,
            bound=(sender_state if sends else state_of)(self.world, first).verdict,
            members=tuple(sorted(owned)),
            addresses=tuple(self._standing(first, family) for family in Family),
        )

    def _standing(self, one: Interface, family: Family) -> tuple[str, ...]:
        """For each class of an interface's addresses the one that always stands for it."""
        found = []
        for address in addresses_of(one, family):
            number = class_of(self.world, address, family)
            found.append(self.addresses.setdefault((family, number), address))
        return tuple(dict.fromkeys(found))

    def all(self) -> Lateral:
        """Every passage; only what takes part in one is kept."""
        passages = tuple(one for target in self.targets for one in self._into(target))
        senders = {name for one in passages for name in one.senders}
        outside = tuple(self._outside())
        reached = {one.target for one in passages} | {target for target, _ in outside}
        return Lateral(
            {one.id: one for one in self.ranges if one.id in senders},
            {one.id: one for one in self.targets if one.id in reached},
            passages,
            outside,
        )

    def _outside(self) -> Iterator[tuple[str, Reach]]:
        if leads_on_premises(self.world):
            for target in self.targets:
                for reach in on_prem_to_interface(self.world, target.first):
                    yield target.id, reach

    def _into(self, target: Alike) -> Iterator[Passage]:
        outcomes: dict[tuple[Family, str, Parts], list[str]] = defaultdict(list)
        for sender in self._candidates(target):
            for family, mine, theirs in zip(
                Family, sender.addresses, target.addresses, strict=True
            ):
                if not mine or not theirs:
                    continue
                for mechanism, parts in self._outcomes(sender, target, family, mine, theirs):
                    outcomes[family, mechanism, parts].append(sender.id)
        for (family, mechanism, parts), senders in outcomes.items():
            if len(target.members) == 1 and self._only(senders) == target.members[0][1]:
                continue
            yield Passage(tuple(sorted(set(senders))), target.id, family, mechanism, parts)

    def _only(self, senders: list[str]) -> str:
        """The one interface that senders are, or nothing if they are several."""
        first = self.by_id[senders[0]]
        alone = len(senders) == len(first.members) == 1
        return first.members[0][1] if alone else ""

    def _candidates(self, target: Alike) -> list[Alike]:
        """Senders that some rule of the target could admit, within reach of its VPC."""
        first = target.first
        home = self.component.get(first.vpc, first.vpc)
        key = (home, first.groups)
        if key not in self.sets:
            self.sets[key] = self._admitted(first, home)
        return self.sets[key]

    def _admitted(self, first: Interface, home: str) -> list[Alike]:
        here = self.by_component[home]
        rules = group_rules(self.world, first.groups, first.account_id, first.region)
        if rules.open or rules.missing:
            return here
        found: dict[str, Alike] = {}
        wide: list[Spans] = []
        for rule in rules.rules:
            if rule.group:
                found |= {one.id: one for one in self.by_group.get(rule.group, ())}
            elif rule.cidr:
                wide.append(prefixes.parse(rule.cidr)[1])
                continue
            listed = self.world.prefix_lists.get(rule.prefix_list) if rule.prefix_list else None
            if not rule.group and (listed is None or listed.cidrs is None):
                return here
            wide += [prefixes.parse(cidr)[1] for cidr in (listed.cidrs if listed else None) or ()]
        for one in here:
            numbers = [
                prefixes.parse(address)[1].pairs[0][0]
                for listed_here in one.addresses
                for address in listed_here
            ]
            if any(number in spans for spans in wide for number in numbers):
                found[one.id] = one
        found |= {one.id: one for one in self._translated(here, wide)}
        return [found[key] for key in sorted(found)]

    def _translated(self, here: list[Alike], wide: list[Spans]) -> Iterator[Alike]:
        """Senders whose routes name a NAT gateway under whose address a rule may know them."""
        seen: set[str] = set()
        for gateway in self.world.facts.nat_gateways:
            own = (self.world.interfaces.get(one) for one in gateway.interfaces)
            listed = [a for one in own if one for a in addresses_of(one, Family.IPV4)]
            numbers = [prefixes.parse(address)[1].pairs[0][0] for address in listed]
            if any(number in spans for spans in wide for number in numbers):
                seen.add(gateway.id)
        for one in here:
            subnet = self.world.subnets.get(one.first.subnet)
            tables = self.world.route_tables_of(subnet) if subnet else ()
            if any(route.target in seen for table in tables for route in table.routes):
                yield one

    def _outcomes(
        self,
        sender: Alike,
        target: Alike,
        family: Family,
        mine: tuple[str, ...],
        theirs: tuple[str, ...],
    ) -> Iterator[tuple[str, Parts]]:
        bound = weaker(sender.bound, target.bound)
        for one in mine:
            for other in theirs:
                hop = Hop(sender.first, target.first, one, other, family)
                mechanism, parts = self._parts(hop)
                if parts:
                    yield mechanism, tuple(_bounded(part, bound) for part in parts)

    def _parts(self, hop: Hop) -> tuple[str, Parts]:
        source, target = hop.source, hop.target
        place = judge_places(self.world, hop)
        if not place.parts:
            return "", ()
        known = self.named.intersection(source.groups or ()) if place.references else frozenset()
        sees = self.named.intersection(target.groups or ()) if place.references == "both" else ()
        key = (
            place.key,
            self._outward(source),
            target.groups,
            known,
            target.account_id,
            target.region,
        )
        if key not in self.memo:
            admits = self._inbound(target, Peer(place.seen_as, hop.family, frozenset(known)))
            number = prefixes.parse(hop.sends_to)[1].pairs[0][0]
            leaves = self._outbound(source, Peer(number, hop.family, frozenset(sees)))
            self.memo[key] = joined(through(through(leaves, place.parts), admits))
        return place.mechanism, self.memo[key]

    def _inbound(self, target: Interface, peer: Peer) -> Parts:
        found = group_rules(self.world, target.groups, target.account_id, target.region)
        if found.open:
            return (Part(ports.ALL),)
        key = ("in", target.groups, target.account_id, target.region)
        return rules_let(self.world, key, found.rules, found.missing, peer)[0].parts

    def _outbound(self, source: Interface, peer: Peer) -> Parts:
        if source.groups is None:
            return (Part(ports.ALL),)
        rules: list[Rule] = []
        missing: list[str] = []
        for group in source.groups:
            known = self.world.security_groups.get(group)
            if known is None or known.egress is None:
                missing.append(f"ec2.describe_security_groups({group})")
            else:
                rules += known.egress
        key = ("out", source.groups, source.account_id, source.region)
        return rules_let(self.world, key, tuple(rules), tuple(missing), peer)[0].parts


def _bounded(part: Part, bound: Verdict) -> Part:
    return Part(part.ports, weaker(part.verdict, bound), part.conditions)


def _referenced(world: NetworkWorld) -> frozenset[str]:
    """Groups that some rule names."""
    return frozenset(
        rule.group
        for group in world.facts.security_groups
        for rule in (*group.rules, *(group.egress or ()))
        if rule.group
    )
