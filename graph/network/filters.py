"""Steps N6 to N8: network ACL both ways, security groups, as partitions of the sources.

Rules: "Network ACL rules" and "Security group rules" of the VPC user guide. A network ACL is
stateless and its first matching entry decides; security groups add up and are stateful.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from graph.network import ports, prefixes
from graph.network.facts import Acl, AclEntry, PrefixList, Rule, Subnet
from graph.network.pieces import Piece, Pieces, unknown
from graph.network.prefixes import EVERYTHING, PUBLIC, Family
from graph.network.spans import NOTHING, Pair, Spans, atoms, union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

# A client's own port (VPC user guide, "Ephemeral ports"): anything from 1024 up.
EPHEMERAL = (1024, 65535)

# Protocols whose reply does not go back to the port (or type) that was sent to.
_OWN_REPLY = frozenset({ports.TCP, ports.UDP, ports.ICMP, ports.ICMPV6})

# AWS-managed lists through which any customer's traffic can come, by what follows the region in
# the list's name (CloudFront developer guide; Route 53 developer guide).
_ANY_CUSTOMER = {
    "cloudfront.origin-facing": "cloudfront",
    "route53-healthchecks": "route53-healthchecks",
}


@dataclass(frozen=True, slots=True)
class Crossing:
    """Addresses that an ACL admits to all of some ports, to a part of them, perhaps to some."""

    every: Spans
    some: Spans
    doubtful: Spans


@dataclass(frozen=True, slots=True)
class AclView:
    """A network ACL as one family sees it: entries in order, per direction.

    ``replies``, ``passed`` and ``crossings`` keep what was worked out.
    """

    inbound: tuple[AclEntry, ...]
    outbound: tuple[AclEntry, ...]
    family: Family
    replies: dict[int, Pieces] = field(default_factory=dict, repr=False, compare=False)
    passed: dict[tuple[bool, int], tuple[Spans, Spans]] = field(
        default_factory=dict, repr=False, compare=False
    )
    crossings: dict[tuple[bool, Spans], Crossing] = field(
        default_factory=dict, repr=False, compare=False
    )

    def entries(self, *, egress: bool) -> tuple[AclEntry, ...]:
        """The entries of a direction, in order."""
        return self.outbound if egress else self.inbound

    def over(self, opened: Spans, *, egress: bool) -> Crossing:
        """What the direction's entries let through of a set of ports."""
        key = (egress, opened)
        if key not in self.crossings:
            cuts = [e.ports for e in self.entries(egress=egress) if e.ports is not None]
            parts = [self.passing(atom, egress=egress) for atom in atoms(opened, cuts)]
            every = EVERYTHING[self.family]
            for sure, _ in parts:
                every = every & sure
            some, doubtful = union(sure for sure, _ in parts), union(doubt for _, doubt in parts)
            self.crossings[key] = Crossing(every, some, doubtful)
        return self.crossings[key]

    def passing(self, atom: Pair, *, egress: bool) -> tuple[Spans, Spans]:
        """Addresses that are admitted for one atom of ports: (surely, perhaps)."""
        key = (egress, atom[0])
        if key not in self.passed:
            self.passed[key] = passing(self.entries(egress=egress), atom, self.family)
        return self.passed[key]


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
    return AclView(
        tuple(e for e in kept if not e.egress), tuple(e for e in kept if e.egress), family
    )


def acl_gap(world: NetworkWorld, subnet: Subnet) -> str:
    """The name of what is missing if the ACL of a subnet is not known."""
    call = "ec2.describe_network_acls"
    return world.gap(call, subnet.account_id, subnet.region) or f"{call}({subnet.id})"


def passing(entries: tuple[AclEntry, ...], atom: Pair, family: Family) -> tuple[Spans, Spans]:
    """Addresses that the entries admit for one atom of ports: (surely, perhaps)."""
    rest = EVERYTHING[family]
    admitted, doubtful = NOTHING, NOTHING
    for entry in entries:
        if entry.ports is not None and atom[0] not in entry.ports:
            continue
        known = entry.cidr is not None and entry.ports is not None
        reach = prefixes.parse(entry.cidr)[1] if entry.cidr else EVERYTHING[family]
        if known:
            if entry.allow:
                admitted = admitted | (reach & rest)
            rest = rest - reach
        else:
            # An entry that cannot be read may decide for anything it could match: leave the
            # addresses in play and doubt them all.
            doubtful = doubtful | (reach & rest)
        if not rest:
            break
    return admitted - doubtful, doubtful


def acl_in(view: AclView, atom: Pair) -> Pieces:
    """N6: sources that may send to these ports."""
    return _as_pieces(*view.passing(atom, egress=False))


def _as_pieces(sure: Spans, doubtful: Spans) -> Pieces:
    found: list[Piece] = [Piece(sure)] if sure else []
    if doubtful:
        found += unknown(doubtful, ["ec2.describe_network_acls(entry)"])
    return tuple(found)


def acl_reply(view: AclView, atom: Pair) -> Pieces:
    """N7: clients whose replies get out.

    TCP needs the reply: the whole ephemeral range passes, a part is conditional, none blocks.
    Other protocols get in without one, so a blocked reply is conditional (one way).
    """
    protocol = ports.protocol_at(atom)
    # Where the reply's ports are the client's, it is the same for all ports of the protocol.
    key = ports.of_protocol(protocol).pairs[0][0] if protocol in _OWN_REPLY else atom[0]
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
    return _or_one_way(_as_pieces(*view.passing(reply, egress=True)), view.family)


def _or_one_way(found: Pieces, family: Family) -> Pieces:
    rest = EVERYTHING[family] - union(piece.sources for piece in found)
    if not rest:
        return found
    return (*found, Piece(rest, Verdict.CONDITIONAL, frozenset({condition("ports", "one-way")})))


def _client_ports(view: AclView, protocol: int) -> Pieces:
    """Clients by which of their own ports can get a reply."""
    ephemeral = ports.span(protocol, *EPHEMERAL)
    cuts = [entry.ports for entry in view.outbound if entry.ports is not None]
    parts: list[tuple[Spans, Spans, bool]] = [(EVERYTHING[view.family], NOTHING, False)]
    for atom in atoms(ephemeral, cuts):
        sure, doubtful = view.passing(atom, egress=True)
        open_ports = Spans((atom,))
        split: list[tuple[Spans, Spans, bool]] = []
        for clients, allowed, doubted in parts:
            for some, more, doubt in (
                (clients & sure, open_ports, False),
                (clients & doubtful, open_ports, True),
                (clients - sure - doubtful, NOTHING, False),
            ):
                if some:
                    split.append((some, allowed | more, doubted or doubt))
        parts = split
    found: list[Piece] = []
    for clients, allowed, doubted in parts:
        if not allowed:
            continue
        if doubted:
            found += unknown(clients, ["ec2.describe_network_acls(entry)"])
        elif allowed == ephemeral:
            found.append(Piece(clients))
        else:
            ranges = ",".join(name.split("/")[1] for name in ports.names(allowed))
            terms = frozenset({condition("ports", "client-port", ranges)})
            found.append(Piece(clients, Verdict.CONDITIONAL, terms))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class GroupRules:
    """The inbound rules of an interface's security groups, added up.

    ``missing`` names groups or calls that were not read; ``open`` is for what has no groups.
    """

    rules: tuple[Rule, ...]
    missing: tuple[str, ...] = ()
    open: bool = False
    groups: tuple[str, ...] = ()


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
            rules += known.rules
    return GroupRules(tuple(rules), tuple(dict.fromkeys(missing)), groups=groups)


def permitted(world: NetworkWorld, groups: GroupRules, atom: Pair, family: Family) -> Pieces:
    """N8: public sources that some rule admits to these ports."""
    if groups.open:
        return (Piece(PUBLIC[family]),)
    surely: list[Spans] = []
    others: list[Piece] = []
    gaps: set[str] = set(groups.missing)
    for rule in groups.rules:
        if rule.ports is not None and atom[0] not in rule.ports:
            continue
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
    customers = _customers_of(known) if known else ""
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


def _customers_of(known: PrefixList) -> str:
    if known.owner != "AWS":
        return ""
    for ending, service in _ANY_CUSTOMER.items():
        if known.name.endswith(ending):
            return service
    return ""


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
