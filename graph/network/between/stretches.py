"""Ways from subnets to addresses without the telling, put together at transit gateways.

What lies beyond a transit gateway is the same for every VPC that comes in by the same table, so
that it is walked once for all; only the way up to the gateway differs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from graph.network.between.facts import TransitTable
from graph.network.between.lookup import route_to
from graph.network.between.over_transit import TransitWalk
from graph.network.between.trail import Trail, goal_of
from graph.network.between.transit import transit_of
from graph.network.between.walker import Walker, trail_to
from graph.network.between.zones import same_zone
from graph.network.facts import Route, RouteTable, Subnet
from graph.network.prefixes import Family
from graph.network.routes import effective_table
from graph.network.world import NetworkWorld

_HUB = "transit-gateway"
Zone = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Upto:
    """The way from a subnet into a transit gateway."""

    trail: Trail
    gateway: str
    attachment: str
    entry: Subnet | None
    table: TransitTable

    @property
    def zone(self) -> Zone | None:
        """The zone by which it goes in, if that is known."""
        return _zone(self.entry) if self.entry else None


@dataclass(frozen=True, slots=True)
class Beyond:
    """The way from a transit gateway's table on; the VPCs it meets, a subnet for each zone."""

    trail: Trail
    vpcs: frozenset[str]
    zones: tuple[Subnet, ...]


class Stretches:
    """Ways of one world."""

    def __init__(self, world: NetworkWorld) -> None:
        """Args: the facts."""
        self._world = world
        self._transit = transit_of(world)
        self._tables: dict[str, RouteTable | None] = {}
        self._upto: dict[tuple[str, str, Family], Upto | None] = {}
        self._beyond: dict[tuple[object, ...], Beyond] = {}

    def to(self, home: Subnet, address: str, number: int, family: Family) -> Trail:
        """The trail from a subnet to an address, without steps and ``via``.

        Args:
            home: the subnet.
            address: the address; ``number`` is the same.
            number: the address as a number.
            family: its family.
        """
        halves = self.halves(home, address, number, family)
        if halves is None:
            return trail_to(self._world, home, address).untold()
        return self.whole(*halves, home.vpc)

    def whole(self, upto: Upto, beyond: Beyond, origin: str) -> Trail:
        """Two halves as one trail of packets that come from the VPC ``origin``."""
        before, after = upto.trail, beyond.trail
        met = before.crossings
        return replace(
            after,
            crossings=(*met, *after.crossings),
            choices=tuple(replace(c, crossings=(*met, *c.crossings)) for c in after.choices),
            kinds=(*before.kinds, *after.kinds[1:]),
            references=before.references if after.references else "",
            origin=origin,
        )

    def halves(
        self, home: Subnet, address: str, number: int, family: Family
    ) -> tuple[Upto, Beyond] | None:
        """The way as its two halves, if it leads straight to a transit gateway, and not back."""
        upto = self.up_to_hub(home, address, number, family)
        beyond = self.from_hub(upto, home.vpc, address) if upto else None
        if upto is None or beyond is None or home.vpc in beyond.vpcs:
            return None
        return upto, beyond

    def up_to_hub(self, home: Subnet, address: str, number: int, family: Family) -> Upto | None:
        """The way into a transit gateway, if the subnet's route leads straight there."""
        if home.id not in self._tables:
            table = effective_table(self._world, home)
            self._tables[home.id] = None if isinstance(table, str) else table
        known = self._tables[home.id]
        found = route_to(self._world, known, number, family) if known else None
        if found is None or found.doubts or found.route is None or not found.route.active:
            return None
        if found.route.kind != "transit_gateway":
            return None
        key = (home.id, found.route.target, family)
        if key not in self._upto:
            self._upto[key] = self._enter(home, found.route, address)
        return self._upto[key]

    def _enter(self, home: Subnet, route: Route, address: str) -> Upto | None:
        walk = _ToHub(self._world, address)
        trail = walk.enter(route, home, Trail(last=home.id, origin=home.vpc), frozenset())
        if walk.met is None:
            return None
        gateway, attachment, entry = walk.met
        table = self._transit.table_of(gateway, attachment)
        if not isinstance(table, TransitTable):
            return None
        return Upto(trail.untold(), gateway, attachment, entry, table)

    def from_hub(self, upto: Upto, vpc: str, address: str) -> Beyond | None:
        """What lies beyond, by any zone, or by the sender's where one there is the same.

        ``vpc`` is the sender's; nothing where that is met again.
        """
        whole = self._walked(upto, vpc, address, None)
        entry = upto.entry
        if whole is None or entry is None:
            return whole
        if not any(same_zone(one, entry) for one in whole.zones):
            return whole
        return self._walked(upto, vpc, address, entry)

    def _walked(self, upto: Upto, vpc: str, address: str, entry: Subnet | None) -> Beyond | None:
        key = (upto.table.id, upto.gateway, address, _zone(entry) if entry else None)
        if key not in self._beyond:
            made = self._walk(upto, vpc, address, entry)
            if vpc in made.vpcs:
                return None
            self._beyond[key] = made
        return self._beyond[key]

    def _walk(self, upto: Upto, vpc: str, address: str, entry: Subnet | None) -> Beyond:
        walker, met = Walker(self._world, address), list[Subnet]()
        onward = walker.from_subnet

        def noting(subnet: Subnet, trail: Trail, seen: frozenset[str]) -> Trail:
            met.append(subnet)
            return onward(subnet, trail, seen)

        walker.over_transit.onward = noting
        walker.middleboxes.onward = noting
        start = Trail(origin=vpc, references="inbound", kinds=(_HUB,))
        trail = walker.over_transit.from_attachment(
            upto.gateway, upto.attachment, start, frozenset(), entry
        )
        return Beyond(
            trail.untold(),
            frozenset(one.vpc for one in met),
            tuple({_zone(one): one for one in met}.values()),
        )


class _ToHub(TransitWalk):
    """Stops at the first transit gateway, and says by what it came in."""

    def __init__(self, world: NetworkWorld, address: str) -> None:
        super().__init__(goal_of(world, address), lambda _, trail, __: trail)
        self.met: tuple[str, str, Subnet | None] | None = None

    def from_attachment(
        self,
        gateway: str,
        attachment: str,
        trail: Trail,
        seen: frozenset[str],
        entry: Subnet | None = None,
    ) -> Trail:
        """Stop here."""
        self.met = (gateway, attachment, entry)
        return trail


def _zone(subnet: Subnet) -> Zone:
    return subnet.zone_id, subnet.zone, subnet.account_id, subnet.region
