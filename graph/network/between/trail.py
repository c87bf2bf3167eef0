"""The way of packets to one address: from subnet to subnet, through what routes name.

Rules: "Route tables" and "Middlebox routing" of the VPC user guide, "How transit gateways work"
and "Network ACLs for transit gateways" of the transit gateway guide, "VPC peering limitations" of
the peering guide. A walk ends in a VPC, on premises, at the internet, or nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from graph.evidence import Ref, Step
from graph.network import prefixes
from graph.network.between.facts import TransitAttachment, TransitRoute
from graph.network.between.lookup import route_to, transit_route_to
from graph.network.between.transit import short, transit_of
from graph.network.facts import Interface, Route, Subnet
from graph.network.pieces import weaker
from graph.network.prefixes import Family
from graph.network.routes import effective_table
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

NAME = "route"
_NAT64 = "64:ff9b::/96"
VPC, ON_PREM, INTERNET, EGRESS_ONLY, NOWHERE = (
    "vpc",
    "on-prem",
    "internet",
    "egress-only",
    "",
)


@dataclass(frozen=True, slots=True)
class Crossing:
    """A network ACL that packets meet on the way: a subnet's, ``in`` or ``out``.

    ``source`` is the sender's address there if a NAT gateway changed it, else empty.
    """

    subnet: str
    way: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Trail:
    """How packets go, and where they end.

    Attributes:
        end: ``vpc``, ``on-prem``, ``internet``, ``egress-only`` or empty: dropped, or not known.
        place: id of where that is: the VPC, ``on-prem:<gateway>``, the gateway.
        steps: one for each route and joint that was passed.
        verdict: ``yes``, ``conditional``, ``unknown`` or ``no``.
        conditions: of the verdict.
        crossings: network ACLs met, but for those of the last stretch.
        last: subnet from which the last stretch begins; empty: it comes from a peering or gateway.
        via: ids of what was passed.
        kinds: how, e.g. ``("peering",)``; empty: inside the VPC.
        references: whether rules that name the sender's groups know it after this way; ``inbound``
            where only inbound rules do, else ``both`` or empty.
        source: the sender's address after a NAT gateway, else empty.
        nat: the NAT gateway's interface, if one was passed.
    """

    end: str = NOWHERE
    place: str = ""
    steps: tuple[Step, ...] = ()
    verdict: Verdict = Verdict.YES
    conditions: frozenset[str] = frozenset()
    crossings: tuple[Crossing, ...] = ()
    last: str = ""
    via: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    references: str = "both"
    source: str = ""
    nat: str = ""
    origin: str = ""

    def passed(self, subject: str, text: str, refs: tuple[Ref, ...] = ()) -> Trail:
        """With a step that passes."""
        return replace(self, steps=(*self.steps, Step(NAME, subject, "pass", text, refs)))

    def dropped(
        self, subject: str, text: str, refs: tuple[Ref, ...] = (), code: str = "CANNOT_ROUTE"
    ) -> Trail:
        """Ended by a step that fails."""
        step = Step(NAME, subject, "fail", text, refs, code)
        return replace(self, steps=(*self.steps, step), verdict=Verdict.NO, conditions=frozenset())

    def unknown(self, subject: str, calls: Iterable[str]) -> Trail:
        """Ended by what was not collected."""
        names = tuple(dict.fromkeys(calls))
        step = Step(NAME, subject, "unknown", f"Not collected: {', '.join(names)}.")
        terms = self.conditions | {condition("not_collected", name) for name in names}
        return replace(self, steps=(*self.steps, step), verdict=Verdict.UNKNOWN, conditions=terms)

    def at(self, end: str, place: str) -> Trail:
        """Ended somewhere."""
        return replace(self, end=end, place=place)

    def leaving(self) -> Trail:
        """Out of the last subnet, into no other."""
        out = (Crossing(self.last, "out", self.source),) if self.last else ()
        return replace(self, crossings=(*self.crossings, *out), last="")

    def into(self, subnet: str) -> Trail:
        """On to something that stands in a subnet of the same VPC."""
        if subnet == self.last:
            return self
        made = self.leaving()
        entry = Crossing(subnet, "in", made.source)
        return replace(made, crossings=(*made.crossings, entry), last=subnet)

    def through(self, kind: str, subject: str) -> Trail:
        """Having passed a joint."""
        return replace(self, kinds=(*self.kinds, kind), via=(*self.via, subject))


def trail_to(world: NetworkWorld, subnet: Subnet, address: str) -> Trail:
    """The way from a place in a subnet to an address; worked out once.

    Raises:
        ValueError: ``address`` is none.
    """
    key = ("trail", subnet.id, address)
    if key not in world.memo:
        start = Trail(last=subnet.id, origin=subnet.vpc)
        world.memo[key] = Walker(world, address).from_subnet(subnet, start, frozenset())
    found: Trail = world.memo[key]
    return found


class Walker:
    """Walks to one address."""

    def __init__(self, world: NetworkWorld, address: str) -> None:
        """Args: the facts, and where packets are addressed to."""
        self.world, self.address = world, address
        self.family, spans = prefixes.parse(address)
        self.number = spans.pairs[0][0]
        self.transit = transit_of(world)

    def from_subnet(self, subnet: Subnet, trail: Trail, seen: frozenset[str]) -> Trail:
        """Go on by the route table that governs a subnet."""
        table = effective_table(self.world, subnet)
        if isinstance(table, str):
            return trail.unknown(subnet.id, [table])
        found = route_to(self.world, table, self.number, self.family)
        if found.doubts:
            return trail.unknown(table.id, found.doubts)
        route = found.route
        if route is None:
            if self.world.holds(subnet.vpc, self.address):
                return self._local(subnet, trail)
            text = f"Route table {table.id} of {subnet.id} has no route to {self.address}."
            return trail.dropped(table.id, text, table.refs)
        if not route.active:
            text = f"The route of {subnet.id} to {self.address} ({route.target}) is a blackhole."
            return trail.dropped(table.id, text, route.refs, "BAD_STATE_ROUTE")
        return self._by_kind(route, subnet, trail, seen)

    def by_route(self, route: Route, subnet: Subnet, trail: Trail) -> Trail:
        """Go on by a route that was found elsewhere, as in a gateway's route table."""
        return self._by_kind(route, subnet, trail, frozenset())

    def _by_kind(self, route: Route, subnet: Subnet, trail: Trail, seen: frozenset[str]) -> Trail:
        kind = route.kind
        if kind == "local":
            return self._local(subnet, trail, route.refs)
        if kind == "peering":
            return self._peering(route, subnet, trail)
        if kind == "transit_gateway":
            return self._to_transit(route, subnet, trail, seen)
        if kind == "interface":
            return self._appliance(route, subnet, trail, seen)
        if kind == "endpoint":
            return self._endpoint(route, subnet, trail, seen)
        if kind == "nat_gateway":
            return self._nat(route, subnet, trail, seen)
        if kind in ("internet_gateway", "egress_only_gateway"):
            end = INTERNET if kind == "internet_gateway" else EGRESS_ONLY
            text = f"{subnet.id} sends {self.address} to {route.target}."
            return trail.passed(route.target, text, route.refs).leaving().at(end, route.target)
        if kind == "virtual_private_gateway":
            return self._private_gateway(route, subnet, trail)
        return trail.unknown(route.target, [f"routing through {route.target}"])

    def _local(self, subnet: Subnet, trail: Trail, refs: tuple[Ref, ...] = ()) -> Trail:
        text = f"{self.address} is local to {subnet.vpc}."
        return trail.passed(subnet.vpc, text, refs).at(VPC, subnet.vpc)

    def _own(self, trail: Trail, subnet: Subnet) -> bool:
        """Whether the packet's sender stands in the VPC that it leaves.

        Peering and virtual private gateways carry nothing on for others (VPC peering guide, "Edge
        to edge routing through a gateway or private connection").
        """
        return bool(trail.source) or trail.origin == subnet.vpc

    def _peering(self, route: Route, subnet: Subnet, trail: Trail) -> Trail:
        peering = self.world.peerings.get(route.target)
        if peering is None:
            call = "ec2.describe_vpc_peering_connections"
            gap = self.world.gap(call, subnet.account_id, subnet.region)
            return trail.unknown(route.target, [gap or f"{call}({route.target})"])
        if not peering.active:
            text = f"{peering.id} is not active."
            return trail.dropped(peering.id, text, peering.refs, "BAD_STATE_ATTACHMENT")
        sides = (peering.requester, peering.accepter)
        if subnet.vpc not in sides:
            text = f"{peering.id} does not join {subnet.vpc}."
            return trail.dropped(peering.id, text, route.refs)
        if not self._own(trail, subnet):
            text = f"{peering.id} carries nothing that comes from outside {subnet.vpc}."
            return trail.dropped(peering.id, text, route.refs)
        other = sides[1] if sides[0] == subnet.vpc else sides[0]
        if other in self.world.vpcs and not self.world.holds(other, self.address):
            text = f"{peering.id} leads to {other} only, of which {self.address} is no part."
            return trail.dropped(peering.id, text, route.refs)
        text = f"{subnet.id} sends {self.address} through {peering.id} to {other}."
        made = trail.passed(peering.id, text, route.refs).leaving().through("peering", peering.id)
        return made.at(VPC, other)

    def _private_gateway(self, route: Route, subnet: Subnet, trail: Trail) -> Trail:
        name = short(route.target)
        for gateway in self.transit.joints.private_gateways:
            if gateway.id == name and gateway.vpc != subnet.vpc:
                text = f"{name} is not attached to {subnet.vpc}."
                return trail.dropped(name, text, gateway.refs, "BAD_STATE_ATTACHMENT")
        if not self._own(trail, subnet):
            text = f"{name} carries nothing that comes from outside {subnet.vpc}."
            return trail.dropped(name, text, route.refs)
        text = f"{subnet.id} sends {self.address} to {name}, which leads on premises."
        made = trail.passed(name, text, route.refs).leaving().through("on-prem", name)
        return replace(made.at(ON_PREM, f"on-prem:{name}"), references="")

    def _appliance(self, route: Route, subnet: Subnet, trail: Trail, seen: frozenset[str]) -> Trail:
        found = self._forwarder(route.target)
        if found is None:
            call = "ec2.describe_network_interfaces"
            gap = self.world.gap(call, subnet.account_id, subnet.region)
            return trail.unknown(route.target, [gap or f"{call}({route.target})"])
        if any(self.address == one for one in _addresses(found)):
            return self._local(subnet, trail, route.refs)
        if found.forwards is False:
            text = f"{found.id} forwards nothing: its source/destination check is on."
            return trail.dropped(found.id, text, found.refs, "BAD_STATE_ROUTE")
        home = self.world.subnets.get(found.subnet)
        if home is None:
            return trail.unknown(found.id, [f"ec2.describe_subnets({found.subnet})"])
        return self._inspected(found.id, home, route, trail, seen)

    def _forwarder(self, target: str) -> Interface | None:
        if target in self.world.interfaces:
            return self.world.interfaces[target]
        instance = self.world.instances.get(target)
        first = instance.interfaces[0] if instance and instance.interfaces else ""
        return self.world.interfaces.get(first)

    def _endpoint(self, route: Route, subnet: Subnet, trail: Trail, seen: frozenset[str]) -> Trail:
        endpoint = self.world.endpoints.get(route.target)
        if endpoint is not None and endpoint.kind == "Gateway":
            text = f"{endpoint.id} leads to an AWS service only."
            return trail.dropped(endpoint.id, text, route.refs)
        places = endpoint.subnets if endpoint else ()
        home = self.world.subnets.get(places[0]) if places else None
        if endpoint is None or home is None:
            call = "ec2.describe_vpc_endpoints"
            gap = self.world.gap(call, subnet.account_id, subnet.region)
            return trail.unknown(route.target, [gap or f"{call}({route.target})"])
        return self._inspected(endpoint.id, home, route, trail, seen)

    def _inspected(
        self, subject: str, home: Subnet, route: Route, trail: Trail, seen: frozenset[str]
    ) -> Trail:
        """Through an appliance, which is not evaluated, and on from the subnet it stands in."""
        if subject in seen:
            return trail.dropped(subject, f"The routes lead to {subject} again.", route.refs)
        term = condition("inspection", subject)
        text = f"Packets to {self.address} pass {subject}, which is not evaluated."
        step = Step(NAME, subject, "conditional", text, route.refs)
        made = replace(
            trail.into(home.id).through("appliance", subject),
            verdict=weaker(trail.verdict, Verdict.CONDITIONAL),
            conditions=trail.conditions | {term},
            references="",
        )
        made = replace(made, steps=(*made.steps, step))
        return self.from_subnet(home, made, seen | {subject})

    def _nat(self, route: Route, subnet: Subnet, trail: Trail, seen: frozenset[str]) -> Trail:
        """A NAT gateway sends on under its own address; what began elsewhere it drops."""
        gateway = next((n for n in self.world.facts.nat_gateways if n.id == route.target), None)
        interfaces = gateway.interfaces if gateway else ()
        own = self.world.interfaces.get(interfaces[0]) if interfaces else None
        home = self.world.subnets.get(own.subnet) if own else None
        address = own.addresses[0].private if own and own.addresses else ""
        if gateway is None or own is None or home is None or not address:
            call = "ec2.describe_nat_gateways"
            gap = self.world.gap(call, subnet.account_id, subnet.region)
            return trail.unknown(route.target, [gap or f"{call}({route.target})"])
        if own.id in seen:
            return trail.dropped(own.id, f"The routes lead to {gateway.id} again.", route.refs)
        if gateway.state != "available":
            text = f"{gateway.id} is {gateway.state}: it carries nothing."
            return trail.dropped(gateway.id, text, gateway.refs, "BAD_STATE_GATEWAY")
        if self.family is Family.IPV6:
            return self._by_nat64(gateway.id, route, trail)
        text = f"{subnet.id} sends {self.address} to {gateway.id}, which sends as {address}."
        made = trail.passed(gateway.id, text, route.refs).into(home.id).through("nat", gateway.id)
        made = replace(made, source=address, nat=own.id, references="", origin=home.vpc)
        return self.from_subnet(home, made, seen | {own.id})

    def _by_nat64(self, gateway: str, route: Route, trail: Trail) -> Trail:
        """NAT64 is for 64:ff9b::/96 only (VPC user guide, "DNS64 and NAT64")."""
        if prefixes.parse(_NAT64)[1] & prefixes.parse(self.address)[1]:
            return trail.unknown(gateway, [f"NAT64 through {gateway}"])
        text = f"{gateway} carries IPv4 and {_NAT64}, not {self.address}."
        return trail.dropped(gateway, text, route.refs)

    def _to_transit(
        self, route: Route, subnet: Subnet, trail: Trail, seen: frozenset[str]
    ) -> Trail:
        """Into a transit gateway by the VPC's attachment, which needs a subnet in this zone."""
        gateway = short(route.target)
        index = self.transit
        attachments = [a for a in index.of_vpc.get((gateway, subnet.vpc), ()) if a.live]
        if not attachments:
            gap = index.attachment_gap(gateway, self.world.vpcs.get(subnet.vpc))
            if gap:
                return trail.unknown(gateway, [gap])
            text = f"{subnet.vpc} has no attachment to {gateway} that is in service."
            return trail.dropped(gateway, text, route.refs, "BAD_STATE_ATTACHMENT")
        attachment = attachments[0]
        if self.family is Family.IPV6 and not attachment.ipv6:
            return _without_ipv6(attachment, trail)
        entry = self._zone_subnet(attachment, subnet)
        if attachment.subnets is None or isinstance(entry, str):
            call = "ec2.describe_transit_gateway_vpc_attachments"
            return trail.unknown(gateway, [entry if isinstance(entry, str) else call])
        if entry is None:
            text = f"{attachment.id} has no subnet in {subnet.zone}, the zone of {subnet.id}."
            return trail.dropped(attachment.id, text, attachment.refs)
        text = f"{subnet.id} sends {self.address} to {gateway} by {attachment.id}."
        made = trail.passed(gateway, text, route.refs)
        if entry.id == made.last:
            crossings = (
                Crossing(entry.id, "out", made.source),
                Crossing(entry.id, "in", made.source),
            )
            made = replace(made, crossings=(*made.crossings, *crossings), last="")
        else:
            made = replace(made.into(entry.id), last="")
        made = made.through("transit-gateway", gateway)
        known = index.gateways.get(gateway)
        told = bool(known and known.references and attachment.references)
        once = trail.kinds == ()
        made = replace(made, references="inbound" if told and once else "")
        return self.from_attachment(gateway, attachment.id, made, seen, entry)

    def _zone_subnet(self, attachment: TransitAttachment, subnet: Subnet) -> Subnet | str | None:
        """The attachment's subnet in a subnet's zone; what is missing to say; ``None``: none."""
        missing = "" if subnet.zone and attachment.subnets else f"zones of {attachment.id}"
        for name in attachment.subnets or ():
            known = self.world.subnets.get(name)
            if known is None or not known.zone:
                missing = f"ec2.describe_subnets({name})"
            if known is not None and (
                known.id == subnet.id or (subnet.zone and known.zone == subnet.zone)
            ):
                return known
        return missing or None

    def from_attachment(
        self,
        gateway: str,
        attachment: str,
        trail: Trail,
        seen: frozenset[str],
        entry: Subnet | None = None,
    ) -> Trail:
        """Go on by the table that an attachment is associated with."""
        key = f"{gateway} {attachment}"
        if key in seen:
            return trail.dropped(gateway, f"The routes lead to {attachment} again.")
        table = self.transit.table_of(gateway, attachment)
        if isinstance(table, str):
            return trail.unknown(gateway, [table])
        if table is None:
            text = f"{attachment} is associated with no route table of {gateway}."
            return trail.dropped(gateway, text)
        found = transit_route_to(self.world, table, self.number, self.family)
        if found.doubts:
            return trail.unknown(table.id, found.doubts)
        if found.route is None:
            text = f"Transit gateway route table {table.id} has no route to {self.address}."
            return trail.dropped(table.id, text, table.refs)
        if found.route.blackhole:
            text = f"The route of {table.id} to {self.address} is a blackhole."
            return trail.dropped(table.id, text, found.route.refs, "BAD_STATE_ROUTE")
        return self._by_transit_route(gateway, found.route, trail, seen | {key}, entry)

    def _by_transit_route(
        self,
        gateway: str,
        route: TransitRoute,
        trail: Trail,
        seen: frozenset[str],
        entry: Subnet | None,
    ) -> Trail:
        ways = [
            self._by_attachment(gateway, name, route, trail, seen, entry)
            for name in route.attachments
        ]
        if not ways:
            text = f"{gateway} has a route to {self.address} without an attachment."
            return trail.dropped(gateway, text, route.refs, "BAD_STATE_ROUTE")
        return max(ways, key=lambda way: way.verdict.rank)

    def _by_attachment(
        self,
        gateway: str,
        name: str,
        route: TransitRoute,
        trail: Trail,
        seen: frozenset[str],
        entry: Subnet | None,
    ) -> Trail:
        attachment = self.transit.attachments.get((name, gateway))
        if attachment is None:
            call = "ec2.describe_transit_gateway_attachments"
            gap = self.transit.unless_known(gateway, call)
            return trail.unknown(gateway, [gap or f"{call}({name})"])
        if not attachment.live:
            text = f"{name} is not in service."
            return trail.dropped(name, text, attachment.refs, "BAD_STATE_ATTACHMENT")
        text = f"{gateway} sends {self.address} to {name} ({attachment.kind})."
        made = trail.passed(gateway, text, route.refs)
        if attachment.kind == "vpc":
            return self._arrive(attachment, made, seen, entry)
        if attachment.kind in ("peering", "tgw-peering"):
            far = short(attachment.resource)
            made = replace(made.through("transit-gateway-peering", far), references="")
            return self.from_attachment(far, name, made, seen)
        if attachment.kind in ("vpn", "direct-connect-gateway", "connect", "vpn-concentrator"):
            made = replace(made.through("on-prem", name), references="")
            return made.at(ON_PREM, f"on-prem:{short(attachment.resource) or name}")
        return made.unknown(name, [f"routing through {name} ({attachment.kind})"])

    def _arrive(
        self,
        attachment: TransitAttachment,
        trail: Trail,
        seen: frozenset[str],
        entry: Subnet | None,
    ) -> Trail:
        """In by a VPC attachment: the table of the attachment's subnet says where to go on.

        The gateway keeps to the zone the packet came from where it can; zones' names are only
        comparable inside one account.
        """
        if self.family is Family.IPV6 and not attachment.ipv6:
            return _without_ipv6(attachment, trail)
        known = [s for one in attachment.subnets or () if (s := self.world.subnets.get(one))]
        if not known:
            call = f"ec2.describe_transit_gateway_vpc_attachments({attachment.id})"
            return trail.unknown(attachment.id, [call])
        if entry is not None:
            same = [
                s
                for s in known
                if (s.zone, s.account_id, s.region) == (entry.zone, entry.account_id, entry.region)
            ]
            known = same or known
        if not attachment.references:
            trail = replace(trail, references="")
        ways = [self.from_subnet(s, replace(trail, last=s.id), seen) for s in known]
        chosen = max(ways, key=lambda way: way.verdict.rank)
        if chosen.verdict is Verdict.YES and any(w.verdict is Verdict.NO for w in ways):
            term = condition("context", "availability-zone")
            terms = chosen.conditions | {term}
            chosen = replace(chosen, verdict=Verdict.CONDITIONAL, conditions=terms)
        return chosen


def _without_ipv6(attachment: TransitAttachment, trail: Trail) -> Trail:
    """``Options.Ipv6Support`` (EC2 API reference, TransitGatewayVpcAttachmentOptions)."""
    text = f"{attachment.id} carries no IPv6 (Ipv6Support)."
    return trail.dropped(attachment.id, text, attachment.refs)


def _addresses(interface: Interface) -> tuple[str, ...]:
    return (*(one.private for one in interface.addresses), *interface.ipv6)


def addresses_of(interface: Interface, family: Family) -> tuple[str, ...]:
    """An interface's private IPv4 or its IPv6 addresses."""
    if family is Family.IPV6:
        return interface.ipv6
    return tuple(one.private for one in interface.addresses if one.private)
