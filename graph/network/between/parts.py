"""Ports by verdict: what a control lets through for one sender and one receiver."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from graph.network import ports
from graph.network.facts import AclEntry, Rule, group_match
from graph.network.filters import EPHEMERAL, acl_view
from graph.network.pieces import weaker
from graph.network.prefixes import Family, parse
from graph.network.spans import NOTHING, Spans, union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

_ENTRY = "ec2.describe_network_acls(entry)"
_RULE = "ec2.describe_security_groups(rule)"
_ONE_WAY = condition("ports", "one-way")
# Replies to an echo request: type 0 (RFC 792), type 129 (RFC 4443).
_ECHO_REPLY = {ports.ICMP: 0, ports.ICMPV6: 129}


@dataclass(frozen=True, slots=True)
class Part:
    """Ports that get through, and how."""

    ports: Spans
    verdict: Verdict = Verdict.YES
    conditions: frozenset[str] = frozenset()


Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Lets:
    """Ports that a control surely lets through, those it might, and what is missing to know."""

    surely: Spans
    perhaps: Spans = NOTHING
    missing: tuple[str, ...] = ()

    @property
    def parts(self) -> Parts:
        """The same as parts."""
        found = [Part(self.surely)] if self.surely else []
        doubt = self.perhaps - self.surely
        if doubt:
            terms = frozenset(condition("not_collected", name) for name in self.missing)
            found.append(Part(doubt, Verdict.UNKNOWN, terms))
        return tuple(found)


def through(first: Parts, then: Parts) -> Parts:
    """What gets through both."""
    found: list[Part] = []
    for one in first:
        for other in then:
            both = one.ports & other.ports
            if both:
                verdict = weaker(one.verdict, other.verdict)
                found.append(Part(both, verdict, one.conditions | other.conditions))
    return tuple(found)


def joined(parts: Parts) -> Parts:
    """Parts with the same verdict and conditions as one, in a fixed order."""
    by: dict[tuple[Verdict, frozenset[str]], Spans] = {}
    for part in parts:
        key = (part.verdict, part.conditions)
        by[key] = by.get(key, Spans()) | part.ports
    ordered = sorted(by.items(), key=lambda one: (-one[0][0].rank, sorted(one[0][1])))
    return tuple(Part(spans, verdict, terms) for (verdict, terms), spans in ordered)


def acl_lets(
    world: NetworkWorld,
    acl_id: str,
    entries: tuple[AclEntry, ...],
    way: str,
    number: int,
    family: Family,
) -> Lets:
    """What a network ACL lets through for one address, the first matching entry deciding."""
    key = ("acl lets", acl_id, way, number, family)
    if key not in world.memo:
        world.memo[key] = _decide(entries, number)
    found: Lets = world.memo[key]
    return found


def _decide(entries: tuple[AclEntry, ...], number: int) -> Lets:
    rest, surely, doubt = ports.ALL, NOTHING, NOTHING
    for entry in entries:
        if entry.cidr is not None and number not in parse(entry.cidr)[1]:
            continue
        if entry.ports is None or not entry.known:
            # It may decide for all it could match: leave that in play and doubt it.
            doubt = doubt | (rest if entry.ports is None else entry.ports & rest)
            continue
        if entry.allow:
            surely = surely | (entry.ports & rest)
        rest = rest - entry.ports
        if not rest:
            break
    return Lets(surely - doubt, doubt, (_ENTRY,) if doubt else ())


def entries_of(
    world: NetworkWorld, subnet_id: str, family: Family
) -> tuple[str, tuple[AclEntry, ...], tuple[AclEntry, ...]] | None:
    """The network ACL of a subnet: its id, inbound and outbound entries; ``None``: not known."""
    key = ("acl entries", subnet_id, family)
    if key not in world.memo:
        subnet = world.subnets.get(subnet_id)
        acl = world.acl_of(subnet) if subnet else None
        view = acl_view(acl, family) if acl else None
        world.memo[key] = (acl.id, view.inbound, view.outbound) if acl and view else None
    found: tuple[str, tuple[AclEntry, ...], tuple[AclEntry, ...]] | None = world.memo[key]
    return found


def replies(parts: Iterable[Lets]) -> Parts:
    """Ports whose replies get back through every control on the way, by the client's own ports.

    TCP needs the reply; other protocols get in without one, which is a condition.
    """
    return _replies(tuple(dict.fromkeys(parts)))


@lru_cache(maxsize=8192)
def _replies(lets: tuple[Lets, ...]) -> Parts:
    found: list[Part] = []
    for protocol in (ports.TCP, ports.UDP):
        found += _by_client_port(protocol, lets)
    for protocol in (ports.ICMP, ports.ICMPV6):
        echo = ports.icmp(protocol, _ECHO_REPLY[protocol], 0)
        back = _verdict_of(echo, lets)
        found += _or_one_way(ports.of_protocol(protocol), back)
    rest = ports.ALL
    for protocol in (ports.TCP, ports.UDP, ports.ICMP, ports.ICMPV6):
        rest = rest - ports.of_protocol(protocol)
    sure = rest
    for one in lets:
        sure = sure & one.surely
    if sure:
        found.append(Part(sure))
    if rest - sure:
        found.append(Part(rest - sure, Verdict.CONDITIONAL, frozenset({_ONE_WAY})))
    return joined(tuple(found))


def _verdict_of(wanted: Spans, lets: tuple[Lets, ...]) -> Part:
    """Whether all of ``wanted`` gets through everything, as a part of those ports."""
    verdict, terms = Verdict.YES, set[str]()
    for one in lets:
        if one.surely.covers(wanted):
            continue
        if (one.surely | one.perhaps) & wanted and one.perhaps:
            verdict = weaker(verdict, Verdict.UNKNOWN)
            terms.update(condition("not_collected", name) for name in one.missing)
        else:
            return Part(wanted, Verdict.NO)
    return Part(wanted, verdict, frozenset(terms))


def _or_one_way(whole: Spans, back: Part) -> list[Part]:
    if back.verdict is Verdict.NO:
        return [Part(whole, Verdict.CONDITIONAL, frozenset({_ONE_WAY}))]
    return [Part(whole, back.verdict, back.conditions)]


def _by_client_port(protocol: int, lets: tuple[Lets, ...]) -> list[Part]:
    whole = ports.of_protocol(protocol)
    wanted = ports.span(protocol, *EPHEMERAL)
    sure, maybe = wanted, wanted
    missing: set[str] = set()
    for one in lets:
        sure = sure & one.surely
        maybe = maybe & (one.surely | one.perhaps)
        missing.update(condition("not_collected", name) for name in one.missing)
    if sure == wanted:
        return [Part(whole)]
    if sure:
        shown = ",".join(name.split("/")[1] for name in ports.names(sure))
        term = condition("ports", "client-port", shown)
        return [Part(whole, Verdict.CONDITIONAL, frozenset({term}))]
    if maybe:
        return [Part(whole, Verdict.UNKNOWN, frozenset(missing))]
    if protocol == ports.TCP:
        return []
    return [Part(whole, Verdict.CONDITIONAL, frozenset({_ONE_WAY}))]


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end, as a rule sees it: an address, and the groups by which it may be named."""

    number: int
    family: Family
    groups: frozenset[str] = frozenset()


def rules_let(
    world: NetworkWorld,
    key: tuple[object, ...],
    rules: tuple[Rule, ...],
    missing: tuple[str, ...],
    peer: Peer,
) -> tuple[Lets, tuple[Rule, ...]]:
    """What security group rules admit from, or to, one peer; and the rules that do.

    ``key`` names the rules, so that the same question is answered once.
    """
    whole = ("rules", key, peer)
    if whole not in world.memo:
        world.memo[whole] = admit(world, rules, missing, peer)
    found: tuple[Lets, tuple[Rule, ...]] = world.memo[whole]
    return found


def admit(
    world: NetworkWorld, rules: tuple[Rule, ...], missing: tuple[str, ...], peer: Peer
) -> tuple[Lets, tuple[Rule, ...]]:
    """The same, worked out anew."""
    surely: list[Spans] = []
    doubts: list[Spans] = [ports.ALL] if missing else []
    gaps = list(missing)
    used: list[Rule] = []
    for rule in rules:
        matches, gap = _matches(world, rule, peer)
        if gap or (matches and rule.ports is None):
            doubts.append(ports.ALL if rule.ports is None else rule.ports)
            gaps.append(gap or _RULE)
        elif matches and rule.ports is not None:
            surely.append(rule.ports)
            used.append(rule)
    lets = Lets(union(surely), union(doubts), tuple(dict.fromkeys(gaps)))
    return lets, tuple(used)


def _matches(world: NetworkWorld, rule: Rule, peer: Peer) -> tuple[bool, str]:
    """Whether a rule is about the peer, or the name of what is missing to say so."""
    if rule.group:
        return group_match(rule.group, peer.groups)
    if rule.cidr:
        return peer.number in _addresses(rule.cidr, peer), ""
    if rule.prefix_list:
        listed = world.prefix_lists.get(rule.prefix_list)
        if listed is None or listed.cidrs is None:
            return False, f"ec2.get_managed_prefix_list_entries({rule.prefix_list})"
        return any(peer.number in _addresses(cidr, peer) for cidr in listed.cidrs), ""
    return False, _RULE


def _addresses(cidr: str, peer: Peer) -> Spans:
    family, spans = parse(cidr)
    return spans if family is peer.family else NOTHING
