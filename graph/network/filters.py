"""Steps N6 to N8: network ACL both ways, security groups, as partitions of the sources.

Rules: "Network ACL rules" and "Security group rules" of the VPC user guide. A network ACL is
stateless and its first matching entry decides; security groups add up and are stateful.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from graph.network import ports, prefixes
from graph.network.facts import Acl, AclEntry, PrefixList, Refs, Rule, Subnet
from graph.network.lone_sources import clipped, exact_cidrs, lone_sources
from graph.network.pieces import Piece, Pieces, unknown
from graph.network.prefixes import EVERYTHING, PUBLIC, Family
from graph.network.shared_senders import sendable, shared_sender
from graph.network.spans import Pair, Spans, atoms, by_atom, union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

# A client's own port (VPC user guide, "Ephemeral ports"): anything from 1024 up.
EPHEMERAL = (1024, 65535)

# Protocols whose reply does not go back to the port (or type) that was sent to.
_OWN_REPLY = frozenset({ports.TCP, ports.UDP, ports.ICMP, ports.ICMPV6})


@dataclass(frozen=True, slots=True)
class Crossing:
    """Addresses that an ACL admits to all of some ports, to a part of them, perhaps to some."""

    every: Spans
    some: Spans
    doubtful: Spans


@dataclass(frozen=True, slots=True)
class Admitted:
    """Addresses that an ACL admits to one atom of ports; both as ``pieces`` too."""

    surely: Spans
    perhaps: Spans
    pieces: Pieces


@dataclass(frozen=True, slots=True)
class AclSide:
    """One direction of a network ACL: its entries in order, and which of them see which ports.

    ``starts`` are the first ports of the atoms that the entries cut; ``seeing`` the entries of
    each. ``known`` and ``crossings`` keep what was worked out, by atom and by set of ports.
    """

    entries: tuple[AclEntry, ...]
    family: Family
    starts: list[int]
    seeing: list[list[int]]
    known: dict[int, Admitted] = field(default_factory=dict, repr=False, compare=False)
    crossings: dict[Spans, Crossing] = field(default_factory=dict, repr=False, compare=False)

    def at(self, port: int) -> int:
        """The number of the atom in which a port lies."""
        return bisect_right(self.starts, port) - 1

    def passing(self, atom: Pair) -> Admitted:
        """Addresses that are admitted for one atom of ports."""
        at = self.at(atom[0])
        if at not in self.known:
            self.known[at] = _admitted([self.entries[n] for n in self.seeing[at]], self.family)
        return self.known[at]

    def over(self, opened: Spans) -> Crossing:
        """What is let through of a set of ports."""
        if opened not in self.crossings:
            cuts = [entry.ports for entry in self.entries if entry.ports is not None]
            parts = [self.passing(atom) for atom in atoms(opened, cuts)]
            every = EVERYTHING[self.family]
            for part in parts:
                every = every & part.surely
            some, perhaps = union(one.surely for one in parts), union(one.perhaps for one in parts)
            self.crossings[opened] = Crossing(every, some, perhaps)
        return self.crossings[opened]


@dataclass(frozen=True, slots=True)
class AclView:
    """A network ACL as one family sees it. ``replies`` keep what was worked out."""

    coming: AclSide
    going: AclSide
    family: Family
    replies: dict[tuple[bool, int], Pieces] = field(default_factory=dict, repr=False, compare=False)

    @property
    def inbound(self) -> tuple[AclEntry, ...]:
        """The inbound entries in order."""
        return self.coming.entries

    @property
    def outbound(self) -> tuple[AclEntry, ...]:
        """The outbound entries in order."""
        return self.going.entries


def view_of(world: NetworkWorld, acl: Acl, family: Family) -> AclView:
    """The entries of a family, made once for each network ACL of a world."""
    key = ("acl view", acl.id, family)
    if key not in world.memo:
        world.memo[key] = acl_view(acl, family)
    found: AclView = world.memo[key]
    return found


def acl_view(acl: Acl, family: Family) -> AclView:
    """The entries of a family; one whose source cannot be read counts for both."""
    kept = sorted(
        (e for e in acl.entries if e.cidr is None or prefixes.parse(e.cidr)[0] is family),
        key=lambda entry: entry.number,
    )
    coming = tuple(entry for entry in kept if not entry.egress)
    return AclView(
        _side(coming, family), _side(tuple(entry for entry in kept if entry.egress), family), family
    )


def _side(entries: tuple[AclEntry, ...], family: Family) -> AclSide:
    cuts = [entry.ports for entry in entries if entry.ports is not None]
    parts = atoms(ports.ALL, cuts)
    seeing = by_atom(parts, (entry.ports for entry in entries))
    return AclSide(entries, family, [first for first, _ in parts], seeing)


def acl_gap(world: NetworkWorld, subnet: Subnet) -> str:
    """The name of what is missing if the ACL of a subnet is not known."""
    call = "ec2.describe_network_acls"
    return world.gap(call, subnet.account_id, subnet.region) or f"{call}({subnet.id})"


def _admitted(entries: list[AclEntry], family: Family) -> Admitted:
    """Addresses that entries admit, the first that matches an address deciding."""
    rest = EVERYTHING[family]
    surely: list[Spans] = []
    perhaps: list[Spans] = []
    for entry in entries:
        reach = prefixes.parse(entry.cidr)[1] if entry.cidr else EVERYTHING[family]
        if entry.known:
            if entry.allow:
                surely.append(reach & rest)
            rest = rest - reach
        else:
            # An entry that cannot be read may decide for anything it could match: leave the
            # addresses in play and doubt them all.
            perhaps.append(reach & rest)
        if not rest:
            break
    doubtful = union(perhaps)
    sure = union(surely) - doubtful
    pieces: list[Piece] = [Piece(sure)] if sure else []
    if doubtful:
        pieces += unknown(doubtful, ["ec2.describe_network_acls(entry)"])
    return Admitted(sure, doubtful, tuple(pieces))


def acl_in(view: AclView, atom: Pair) -> Pieces:
    """N6: sources that may send to these ports."""
    return view.coming.passing(atom).pieces


def acl_reply(view: AclView, atom: Pair) -> Pieces:
    """N7: clients whose replies get out.

    TCP needs the reply: the whole ephemeral range passes, a part is conditional, none blocks.
    Other protocols get in without one, so a blocked reply is conditional (one way).
    """
    protocol = ports.protocol_at(atom)
    # Where the reply's ports are the client's, it is the same for all ports of the protocol.
    own = protocol in _OWN_REPLY
    key = (own, protocol if own else view.going.at(atom[0]))
    if key not in view.replies:
        view.replies[key] = _reply(view, protocol, atom)
    return view.replies[key]


def _reply(view: AclView, protocol: int, atom: Pair) -> Pieces:
    if protocol in (ports.TCP, ports.UDP):
        found = _client_ports(view, protocol)
        return found if protocol == ports.TCP else _or_one_way(found, view.family)
    if protocol in (ports.ICMP, ports.ICMPV6):
        # Echo reply: type 0 (RFC 792), type 129 (RFC 4443).
        reply = ports.icmp(protocol, 0 if protocol == ports.ICMP else 129, 0).pairs[0]
    else:
        reply = atom
    return _or_one_way(view.going.passing(reply).pieces, view.family)


def _or_one_way(found: Pieces, family: Family) -> Pieces:
    rest = EVERYTHING[family] - union(piece.sources for piece in found)
    if not rest:
        return found
    return (*found, Piece(rest, Verdict.CONDITIONAL, frozenset({condition("ports", "one-way")})))


def _client_ports(view: AclView, protocol: int) -> Pieces:
    """Clients by which of their own ports can get a reply."""
    ephemeral = ports.span(protocol, *EPHEMERAL)
    entries = [e for e in view.outbound if e.ports is None or e.ports & ephemeral]
    blocks = [prefixes.parse(e.cidr)[1] if e.cidr else None for e in entries]
    clients = atoms(EVERYTHING[view.family], [block for block in blocks if block is not None])
    alike: dict[tuple[Spans, bool], list[Pair]] = {}
    for client, numbers in zip(clients, by_atom(clients, blocks), strict=True):
        key = _reply_ports([entries[number] for number in numbers], ephemeral)
        alike.setdefault(key, []).append(client)
    found: list[Piece] = []
    for (allowed, doubted), pairs in alike.items():
        if not allowed:
            continue
        if doubted:
            found += unknown(Spans.of(pairs), ["ec2.describe_network_acls(entry)"])
        elif allowed == ephemeral:
            found.append(Piece(Spans.of(pairs)))
        else:
            ranges = ",".join(name.split("/")[1] for name in ports.names(allowed))
            terms = frozenset({condition("ports", "client-port", ranges)})
            found.append(Piece(Spans.of(pairs), Verdict.CONDITIONAL, terms))
    return tuple(found)


def _reply_ports(entries: list[AclEntry], whole: Spans) -> tuple[Spans, bool]:
    """Ports that entries let out to a client, and whether some of them are in doubt."""
    rest = whole
    allowed: list[Spans] = []
    doubted = False
    for entry in entries:
        matched = rest if entry.ports is None else rest & entry.ports
        if not entry.known:
            doubted = doubted or bool(matched)
        if entry.allow or not entry.known:
            allowed.append(matched)
        if entry.known:
            rest = rest - matched
        if not rest:
            break
    return union(allowed), doubted


@dataclass(frozen=True, slots=True)
class GroupRules:
    """The inbound rules of an interface's security groups, added up.

    ``missing`` names groups or calls that were not read; ``open`` is for what has no groups;
    ``refs`` say where the groups stand.
    """

    rules: tuple[Rule, ...]
    missing: tuple[str, ...] = ()
    open: bool = False
    groups: tuple[str, ...] = ()
    refs: Refs = field(default=(), compare=False)


def group_rules(
    world: NetworkWorld, groups: tuple[str, ...] | None, account_id: str, region: str
) -> GroupRules:
    """The union of the groups; ``None`` means that no security group is in the way."""
    if groups is None:
        return GroupRules((), (), open=True)
    rules: list[Rule] = []
    missing: list[str] = []
    for group in groups:
        known = world.security_groups.get(group)
        if known is None:
            gap = world.gap("ec2.describe_security_groups", account_id, region)
            missing.append(gap or f"ec2.describe_security_groups({group})")
        else:
            lists = world.prefix_lists
            rules += (sendable(rule, lists.get(rule.prefix_list)) for rule in known.rules)
    known_groups = (world.security_groups.get(group) for group in groups)
    refs = tuple(ref for one in known_groups if one for ref in one.refs)
    return GroupRules(tuple(rules), tuple(dict.fromkeys(missing)), groups=groups, refs=refs)


def permitted(world: NetworkWorld, groups: GroupRules, atom: Pair, family: Family) -> Pieces:
    """N8: public sources that some rule admits to these ports."""
    rules = [rule for rule in groups.rules if rule.ports is None or atom[0] in rule.ports]
    return _permitted(world, groups, rules, family)


def permitted_to(
    world: NetworkWorld, groups: GroupRules, parts: tuple[Pair, ...], family: Family
) -> list[tuple[Pair, Pieces]]:
    """N8 for many atoms, cut at the rules; atoms with the same sources share their pieces.

    An atom may stand there several times, with sources that have nothing in common.
    """
    lists = world.prefix_lists
    exact = [(exact_cidrs(r, lists.get(r.prefix_list)), r.ports) for r in groups.rules]
    lone = lone_sources(exact, family)
    rules = [rule for number, rule in enumerate(groups.rules) if number not in lone.rules]
    cuts = [*(rule.ports for rule in rules if rule.ports), *(Spans((part,)) for part in parts)]
    found = _together(world, groups, rules, atoms(Spans.of(parts), cuts), family)
    for sources, opened in lone.opened:
        if admitted := sources & PUBLIC[family]:
            pieces = (Piece(admitted),)
            found += [(atom, pieces) for atom in clipped(parts, opened)]
    return found


def _together(
    world: NetworkWorld,
    groups: GroupRules,
    rules: list[Rule],
    parts: tuple[Pair, ...],
    family: Family,
) -> list[tuple[Pair, Pieces]]:
    sources = [(r.cidr, r.prefix_list, r.group, r.ports is None) for r in rules]
    known: dict[tuple[tuple[str, str, str, bool], ...], Pieces] = {}
    found: list[tuple[Pair, Pieces]] = []
    for atom, numbers in zip(parts, by_atom(parts, (rule.ports for rule in rules)), strict=True):
        key = tuple(sources[number] for number in numbers)
        if key not in known:
            some = [rules[number] for number in numbers]
            known[key] = _permitted(world, groups, some, family)
        if known[key]:
            found.append((atom, known[key]))
    return found


def _permitted(
    world: NetworkWorld, groups: GroupRules, rules: list[Rule], family: Family
) -> Pieces:
    if groups.open:
        return (Piece(PUBLIC[family]),)
    surely: list[Spans] = []
    others: list[Piece] = []
    gaps: set[str] = set(groups.missing)
    for rule in rules:
        found, gap = _sources(world, rule, family)
        if rule.ports is None and (found or gap or not rule.group):
            gaps.add("ec2.describe_security_groups(rule)")
        elif gap:
            gaps.add(gap)
        else:
            for piece in found:
                if piece.label == "internet" and piece.exact:
                    surely.append(piece.sources)
                else:
                    others.append(piece)
    admitted = union(surely) & PUBLIC[family]
    pieces = [Piece(admitted)] if admitted else []
    pieces += others
    if gaps:
        pieces += unknown(PUBLIC[family], sorted(gaps))
    return tuple(pieces)


def _sources(world: NetworkWorld, rule: Rule, family: Family) -> tuple[Pieces, str]:
    """The sources of one rule and the name of what is missing to know them."""
    if rule.group:
        return (), ""
    if rule.cidr:
        kind, spans = prefixes.parse(rule.cidr)
        return ((Piece(spans),) if kind is family else ()), ""
    if rule.prefix_list:
        return _listed(world, world.prefix_lists.get(rule.prefix_list), rule.prefix_list, family)
    return (), "ec2.describe_security_groups(rule)"


def _listed(
    world: NetworkWorld, known: PrefixList | None, list_id: str, family: Family
) -> tuple[Pieces, str]:
    sender = shared_sender(known)
    customers = sender.service if sender else ""
    if known is None or known.cidrs is None:
        if not customers:
            return (), f"ec2.get_managed_prefix_list_entries({list_id})"
        if (family is Family.IPV6) != (known is not None and ".ipv6." in known.name):
            return (), ""
        return (Piece(PUBLIC[family], label=f"any-customer-of:{customers}", exact=False),), ""
    try:
        spans = prefixes.of(known.cidrs, family)
    except ValueError:
        return (), f"ec2.get_managed_prefix_list_entries({list_id})"
    if not spans:
        return (), ""
    if customers:
        return (Piece(spans, label=f"any-customer-of:{customers}"),), ""
    return (Piece(spans),), ""


def candidate_cidrs(world: NetworkWorld, groups: GroupRules, acl: Acl | None) -> tuple[str, ...]:
    """CIDRs that a reader knows from the rules: what narrow sources are named by."""
    found: list[str] = []
    for rule in groups.rules:
        if rule.cidr:
            found.append(rule.cidr)
        elif rule.prefix_list and rule.prefix_list in world.prefix_lists:
            found += world.prefix_lists[rule.prefix_list].cidrs or ()
    if acl is not None:
        found += [entry.cidr for entry in acl.entries if entry.cidr]
    return tuple(dict.fromkeys(found))
