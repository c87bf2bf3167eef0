"""Over transit gateways: by the table of the attachment that packets come from.

Rules: "How transit gateways work" and "Network ACLs for transit gateways" of the transit gateway
guide.
"""

from __future__ import annotations

from dataclasses import replace

from graph.network.between.facts import TransitAttachment, TransitRoute, TransitTable
from graph.network.between.lookup import transit_route_to
from graph.network.between.trail import ON_PREM, VPC, Crossing, Goal, Onward, Trail
from graph.network.between.transit import short, transit_of
from graph.network.between.zones import admits_all, comparable, in_some_zone, same_zone
from graph.network.facts import Route, Subnet
from graph.network.prefixes import Family
from graph.verdict import Verdict


class TransitWalk:
    """Walks over transit gateways to one address."""

    def __init__(self, goal: Goal, onward: Onward) -> None:
        """Args: where packets are addressed to, and how they go on from a subnet."""
        self.goal, self.onward = goal, onward
        self.transit = transit_of(goal.world)
        self.asked: list[TransitTable] = []

    def enter(self, route: Route, subnet: Subnet, trail: Trail, seen: frozenset[str]) -> Trail:
        """Into a transit gateway by the VPC's attachment, which needs a subnet in this zone."""
        index = self.transit
        gateway = index.hub(route.target)
        attachments = [a for a in index.of_vpc.get((gateway, subnet.vpc), ()) if a.live]
        if not attachments:
            gap = index.attachment_gap(gateway, self.goal.world.vpcs.get(subnet.vpc))
            if gap:
                return trail.unknown(gateway, [gap])
            text = f"{subnet.vpc} has no attachment to {gateway} that is in service."
            return trail.dropped(gateway, text, route.refs, "BAD_STATE_ATTACHMENT")
        attachment = attachments[0]
        if self.goal.family is Family.IPV6 and not attachment.ipv6:
            return _without_ipv6(attachment, trail)
        entry = self._zone_subnet(attachment, subnet)
        if attachment.subnets is None or isinstance(entry, str):
            call = "ec2.describe_transit_gateway_vpc_attachments"
            return trail.unknown(gateway, [entry if isinstance(entry, str) else call])
        if entry is None:
            text = f"{attachment.id} has no subnet in {subnet.zone}, the zone of {subnet.id}."
            code = "TGW_ROUTE_AZ_RESTRICTION"
            return trail.dropped(attachment.id, text, attachment.refs, code)
        text = f"{subnet.id} sends {self.goal.address} to {gateway} by {attachment.id}."
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
            known = self.goal.world.subnets.get(name)
            if known is not None and (known.id == subnet.id or same_zone(known, subnet)):
                return known
            if known is None or not comparable(known, subnet):
                missing = f"ec2.describe_subnets({name})"
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
            return trail.dropped(gateway, text, code="TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION")
        self.asked.append(table)
        found = transit_route_to(self.goal.world, table, self.goal.number, self.goal.family)
        if found.doubts:
            return trail.unknown(table.id, found.doubts)
        if found.route is None:
            text = f"Transit gateway route table {table.id} has no route to {self.goal.address}."
            code = "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"
            return trail.dropped(table.id, text, table.refs, code)
        if found.route.blackhole:
            text = f"The route of {table.id} to {self.goal.address} is a blackhole."
            return trail.dropped(table.id, text, found.route.refs, "TGW_RTB_BAD_STATE_ROUTE")
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
            text = f"{gateway} has a route to {self.goal.address} without an attachment."
            return trail.dropped(gateway, text, route.refs, "TGW_RTB_BAD_STATE_ROUTE")
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
        text = f"{gateway} sends {self.goal.address} to {name} ({attachment.kind})."
        made = trail.passed(gateway, text, route.refs)
        if attachment.kind == "vpc":
            return self._arrive(attachment, made, seen, entry)
        if attachment.kind in ("peering", "tgw-peering"):
            far = self.transit.hub(attachment.resource)
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

        The gateway keeps to the zone the packet came from where it can, but for appliance mode
        ("Appliance in a shared services VPC" of the transit gateway guide).
        """
        if self.goal.family is Family.IPV6 and not attachment.ipv6:
            return _without_ipv6(attachment, trail)
        known = [s for one in attachment.subnets or () if (s := self.goal.world.subnets.get(one))]
        if not known:
            call = f"ec2.describe_transit_gateway_vpc_attachments({attachment.id})"
            return trail.unknown(attachment.id, [call])
        if entry is not None and not attachment.any_zone:
            known = [s for s in known if same_zone(s, entry)] or known
        if not attachment.references:
            trail = replace(trail, references="")
        ways = [self.onward(s, replace(trail, last=s.id), seen) for s in known]
        if len(ways) == 1:
            return ways[0]
        return self._in_any_zone(ways, len(trail.crossings))

    def _in_any_zone(self, ways: list[Trail], passed: int) -> Trail:
        """The best of the ways by an attachment's zones; those that are like it are choices."""
        narrow = [self._narrow(way, passed) for way in ways]
        best = max(range(len(ways)), key=lambda i: (ways[i].verdict.rank, -len(narrow[i])))
        chosen = ways[best]
        alike = [
            chosen.end == VPC and chosen.verdict is not Verdict.NO and _base(way) == _base(chosen)
            for way in ways
        ]
        if any(alike):
            some = (chosen, *(way for way, same in zip(ways, alike, strict=True) if same))
            listed = (one for way in some for one in way.choices or (way.choice,))
            chosen = replace(chosen, choices=tuple(dict.fromkeys(listed)))
        others = [i for i, same in enumerate(alike) if not same]
        if any(ways[i].verdict is Verdict.NO or narrow[i] != narrow[best] for i in others):
            return in_some_zone(chosen)
        return chosen

    def _narrow(self, way: Trail, passed: int) -> frozenset[tuple[str, str]]:
        """(subnet, direction) of the network ACLs on a way's last stretches that stop anything."""
        met = [(one.subnet, one.way) for one in way.crossings[passed:]]
        if way.end == VPC and way.last:
            met.append((way.last, "out"))
        world, family = self.goal.world, self.goal.family
        return frozenset(one for one in met if not admits_all(world, *one, family))


def _base(way: Trail) -> Trail:
    """A way but for what its choices may differ in."""
    return replace(way, crossings=(), last="", steps=(), via=(), choices=())


def _without_ipv6(attachment: TransitAttachment, trail: Trail) -> Trail:
    """``Options.Ipv6Support`` (EC2 API reference, TransitGatewayVpcAttachmentOptions)."""
    text = f"{attachment.id} carries no IPv6 (Ipv6Support)."
    return trail.dropped(attachment.id, text, attachment.refs)
