"""Sets of addresses that go the same way from a subnet, whatever tables are asked on it."""

from __future__ import annotations

from graph.network import prefixes
from graph.network.between.facts import TransitTable
from graph.network.between.lookup import told_apart, told_apart_over
from graph.network.between.transit import transit_of
from graph.network.between.walker import tables_to
from graph.network.facts import RouteTable, Subnet
from graph.network.prefixes import Family
from graph.network.routes import effective_table
from graph.network.spans import NOTHING, Spans, union
from graph.network.world import NetworkWorld


def parted(world: NetworkWorld, home: Subnet, family: Family, whole: Spans) -> tuple[Spans, ...]:
    """A set of addresses, cut where a table on their way from a subnet tells them apart.

    The tables are those that packets to the addresses meet: the subnet's own, those of transit
    gateways, NAT gateways and appliances on the way. Subnets of one table, VPC and zone share
    the answer.
    """
    table = effective_table(world, home)
    name = home.id if isinstance(table, str) else table.id
    key = ("parted", name, home.vpc, home.zone, home.account_id, family, whole)
    if key not in world.memo:
        world.memo[key] = tuple(_parted(world, home, family, whole))
    found: tuple[Spans, ...] = world.memo[key]
    return found


def _parted(world: NetworkWorld, home: Subnet, family: Family, whole: Spans) -> list[Spans]:
    done: list[Spans] = []
    left: list[tuple[Spans, frozenset[str]]] = [(whole, frozenset())] if whole else []
    while left:
        some, asked = left.pop()
        tables = tables_to(world, home, address_in(some, family))
        table = next((one for one in tables if one.id not in asked), None)
        if table is None:
            done.append(some)
            continue
        asked |= {table.id}
        sets, homes = _sets(world, table, family)
        left += [(both, asked) for one in sets if (both := some & one)]
        done += [both] if (both := some & homes) else []
    return sorted(done, key=lambda one: one.pairs)


def address_in(some: Spans, family: Family) -> str:
    """The first address of a set."""
    return prefixes.cidrs(Spans((some.pairs[0],)), family)[0].partition("/")[0]


def _sets(
    world: NetworkWorld, table: RouteTable | TransitTable, family: Family
) -> tuple[tuple[Spans, ...], Spans]:
    """The sets that a table tells apart; and addresses of VPCs that it leads to, as one."""
    if isinstance(table, RouteTable):
        return told_apart(world, table, family), NOTHING
    key = ("parts over", table.id, table.gateway, family)
    if key not in world.memo:
        world.memo[key] = _over_transit(world, table, family)
    found: tuple[tuple[Spans, ...], Spans] = world.memo[key]
    return found


def _over_transit(
    world: NetworkWorld, table: TransitTable, family: Family
) -> tuple[tuple[Spans, ...], Spans]:
    """A hub leads to many VPCs: what goes to a VPC's own addresses goes nowhere else from there."""
    found: list[Spans] = []
    homes: list[Spans] = []
    for fate, some in told_apart_over(world, table, family):
        mine = NOTHING if fate is None else some & _own(world, table.gateway, fate[0], family)
        homes.append(mine)
        if some - mine:
            found.append(some - mine)
    return tuple(found), union(homes)


def _own(world: NetworkWorld, gateway: str, attachments: tuple[str, ...], family: Family) -> Spans:
    """The addresses of the VPC that a route leads to."""
    known = transit_of(world).attachments
    one = known.get((attachments[0], gateway)) if len(attachments) == 1 else None
    vpc = world.vpcs.get(one.resource) if one is not None and one.kind == "vpc" else None
    return prefixes.of(vpc.cidrs, family) if vpc is not None else NOTHING


__all__ = ["address_in", "parted"]
