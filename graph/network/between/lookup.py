"""The route that wins for one address: longest prefix first.

At equal length static beats prefix list beats propagated (VPC user guide, "How route priority
works"; transit gateway guide, "Route evaluation order"). Inside the VPC's own ranges propagated
routes never win: "the local route is most preferred even if the propagated routes are more
specific" (https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

from graph.network import prefixes
from graph.network.between.facts import TransitRoute, TransitTable
from graph.network.facts import Route, RouteTable
from graph.network.prefixes import Family
from graph.network.route_claims import priority as rank_of
from graph.network.route_claims import settled
from graph.network.spans import Pair, Spans
from graph.network.world import NetworkWorld

T = TypeVar("T")
F = TypeVar("F", bound=Hashable)
_LIST_CALL = "ec2.get_managed_prefix_list_entries"

# A route more specific than a VPC's own range may lead to these only (VPC user guide, "Middlebox
# routing": a NAT gateway, a network interface or a Gateway Load Balancer endpoint).
_WITHIN_VPC = ("interface", "nat_gateway")


@dataclass(frozen=True, slots=True)
class Unread:
    """A route whose destination is not known."""

    call: str
    kind: str


class PrefixTable(Generic[T]):
    """Values by prefix; finding one costs a look at each prefix length that occurs."""

    def __init__(self, rows: Iterable[tuple[str, int, T]], name: Callable[[T], str]) -> None:
        """Rows are (CIDR, priority, value); the lowest priority, then name, wins a prefix."""
        self._by_length: dict[tuple[Family, int], dict[int, tuple[int, str, T]]] = {}
        for cidr, priority, value in rows:
            family, spans = prefixes.parse(cidr)
            shift = family.bits - prefixes.length(cidr)
            known = self._by_length.setdefault((family, shift), {})
            place, entry = spans.pairs[0][0] >> shift, (priority, name(value), value)
            if place not in known or entry[:2] < known[place][:2]:
                known[place] = entry
        self._lengths = {
            family: sorted(shift for of, shift in self._by_length if of is family)
            for family in Family
        }

    def find(self, address: int, family: Family) -> T | None:
        """The value of the longest prefix that holds an address."""
        for shift in self._lengths[family]:
            found = self._by_length[family, shift].get(address >> shift)
            if found is not None:
                return found[2]
        return None

    def parts(self, family: Family) -> Iterator[tuple[int, int, T | None]]:
        """Every address by what is found for it: (first, last, value), in order."""
        highest = (1 << family.bits) - 1
        edges = {0, highest + 1}
        for shift in self._lengths[family]:
            for place in self._by_length[family, shift]:
                edges |= {place << shift, (place + 1) << shift}
        ordered = sorted(edges)
        for first, end in pairwise(ordered):
            yield first, end - 1, self.find(first, family)


@dataclass(frozen=True, slots=True)
class Found:
    """What a table says of an address; ``doubts`` are calls whose answer could change it."""

    route: Route | None
    doubts: tuple[str, ...] = ()


def route_to(world: NetworkWorld, table: RouteTable, address: int, family: Family) -> Found:
    """Look an address up in a VPC's route table."""
    routes, unread = _known(world, table)
    route = routes.find(address, family)
    local = route is not None and route.kind == "local"
    doubts = tuple(
        dict.fromkeys(one.call for one in unread if not local or one.kind in _WITHIN_VPC)
    )
    return Found(route, doubts)


def told_apart(world: NetworkWorld, table: RouteTable, family: Family) -> tuple[Spans, ...]:
    """The sets of addresses that a VPC's route table sends the same way."""
    key = ("told apart", table.id, family)
    if key not in world.memo:
        found = _known(world, table)[0].parts(family)
        fates = ((a, b, one and (one.kind, one.target, one.active)) for a, b, one in found)
        world.memo[key] = tuple(some for _, some in _alike(fates))
    made: tuple[Spans, ...] = world.memo[key]
    return made


def _alike(parts: Iterable[tuple[int, int, F]]) -> tuple[tuple[F, Spans], ...]:
    by: dict[F, list[Pair]] = {}
    for first, last, fate in parts:
        by.setdefault(fate, []).append((first, last))
    return tuple((fate, Spans.of(pairs)) for fate, pairs in by.items())


def _known(world: NetworkWorld, table: RouteTable) -> tuple[PrefixTable[Route], tuple[Unread, ...]]:
    key = ("route table", table.id)
    if key not in world.memo:
        world.memo[key] = _read(world, table)
    known: tuple[PrefixTable[Route], tuple[Unread, ...]] = world.memo[key]
    return known


def _read(world: NetworkWorld, table: RouteTable) -> tuple[PrefixTable[Route], tuple[Unread, ...]]:
    found: list[tuple[str, Route]] = []
    unread: list[Unread] = []
    own = [one.cidr for one in table.routes if one.kind == "local" and readable(one.cidr)]
    local = {family: prefixes.of(own, family) for family in Family}
    for route in table.routes:
        cidrs = (route.cidr,) if route.cidr else _listed(world, route.prefix_list)
        if not cidrs:
            # A gateway endpoint's list holds the addresses of S3 or DynamoDB, never private ones.
            if cidrs is None and route.kind != "endpoint":
                unread.append(Unread(f"{_LIST_CALL}({route.prefix_list})", route.kind))
            continue
        for cidr in cidrs:
            if readable(cidr):
                family, spans = prefixes.parse(cidr)
                if not (route.propagated and local[family].covers(spans)):
                    found.append((cidr, route))
            else:
                call = f"ec2.describe_route_tables({table.id}: {cidr!r})"
                unread.append(Unread(call, route.kind))
    rows = ((cidr, rank_of(route), route) for cidr, route in settled(found))
    return PrefixTable(rows, lambda one: f"{one.target} {one.active}"), tuple(unread)


def _listed(world: NetworkWorld, name: str) -> tuple[str, ...] | None:
    known = world.prefix_lists.get(name)
    return known.cidrs if known else None


def readable(cidr: str) -> bool:
    """Whether a text is a CIDR."""
    try:
        prefixes.parse(cidr)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class TransitFound:
    """What a transit gateway's table says of an address."""

    route: TransitRoute | None
    doubts: tuple[str, ...] = ()


def transit_route_to(
    world: NetworkWorld, table: TransitTable, address: int, family: Family
) -> TransitFound:
    """Look an address up in a transit gateway's route table."""
    if table.routes is None:
        calls = [call for call in table.missing if "routes" in call]
        return TransitFound(
            None, tuple(calls) or (f"ec2.search_transit_gateway_routes({table.id})",)
        )
    routes, doubts = _known_transit(world, table)
    return TransitFound(routes.find(address, family), doubts)


Fate = tuple[tuple[str, ...], bool]
"""Where a transit gateway's route leads, and whether it is a blackhole."""


def told_apart_over(
    world: NetworkWorld, table: TransitTable, family: Family
) -> tuple[tuple[Fate | None, Spans], ...]:
    """The sets of addresses that a transit gateway's table sends the same way, and where."""
    key = ("told apart over", table.id, table.gateway, family)
    if key not in world.memo:
        found = _known_transit(world, table)[0].parts(family)
        fates = ((a, b, one and (one.attachments, one.blackhole)) for a, b, one in found)
        world.memo[key] = _alike(fates)
    made: tuple[tuple[Fate | None, Spans], ...] = world.memo[key]
    return made


def _known_transit(
    world: NetworkWorld, table: TransitTable
) -> tuple[PrefixTable[TransitRoute], tuple[str, ...]]:
    key = ("transit table", table.id, table.gateway)
    if key not in world.memo:
        world.memo[key] = _read_transit(world, table)
    known: tuple[PrefixTable[TransitRoute], tuple[str, ...]] = world.memo[key]
    return known


def _read_transit(
    world: NetworkWorld, table: TransitTable
) -> tuple[PrefixTable[TransitRoute], tuple[str, ...]]:
    found: list[tuple[str, int, TransitRoute]] = []
    doubts: list[str] = []
    for route in table.routes or ():
        cidrs = (route.cidr,) if route.cidr else _listed(world, route.prefix_list)
        if cidrs is None:
            doubts.append(f"{_LIST_CALL}({route.prefix_list})")
            continue
        for cidr in cidrs:
            if readable(cidr):
                found.append((cidr, 1 if route.propagated else 0, route))
            else:
                doubts.append(f"ec2.search_transit_gateway_routes({table.id}: {cidr!r})")
    name = lambda one: f"{one.blackhole} {one.attachments}"  # noqa: E731
    return PrefixTable(found, name), tuple(dict.fromkeys(doubts))
