"""Controls that many managed services share: a public flag, a state, a port, groups and subnets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from collector.snapshot import Item
from graph.evidence import Ref
from graph.front_doors.declare import Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.sight import Sight
from graph.network import ports
from graph.network.prefixes import Family
from graph.network.reach import Reach, merge
from graph.network.spans import Spans
from graph.verdict import Verdict

OTHER_SUBNET = "context:subnet"
PUBLIC_IPV6 = "context:public-ipv6"
ANY_PORT = ports.tcp(0, 65535)
"""For what is not told: every service of these speaks TCP."""


@cache
def facts(service: str) -> Any:
    """A data file of this package, e.g. ``facts("redshift")``."""
    file = resources.files("graph.front_doors").joinpath("data", f"{service}.json")
    return json.loads(file.read_text(encoding="utf-8"))


def strings(value: Any, member: str = "") -> list[str]:
    """The strings of a list, or a member of each of its objects; nothing of another shape."""
    found = value if isinstance(value, list) else []
    if member:
        found = [one.get(member) for one in found if isinstance(one, dict)]
    return list(dict.fromkeys(one for one in found if isinstance(one, str) and one))


def public_flag(item: Item, name: str, value: Any, gap: str, *refs: Ref) -> Lock:
    """Whether it has a public address; ``value`` is its flag, neither true nor false: not read."""
    if value is True:
        return passes("address", item.id, f"{name} is true.", *refs)
    if value is False:
        return stops("address", item.id, f"{name} is false.", *refs)
    return unread("address", item.id, gap, *refs)


def state(item: Item, status: Any, asleep: Iterable[str]) -> Lock:
    """Dormant in the statuses in which the service does not answer; open in every other one."""
    if not isinstance(status, str) or not status:
        return passes("state", item.id, "No state is told; it is taken as in service.")
    text = f"It is {status.lower()}."
    if status.lower() in {one.lower() for one in asleep}:
        return sleeps("state", item.id, text)
    return passes("state", item.id, text)


def port(value: Any) -> Spans | None:
    """The TCP port of a member; ``None`` if it is none."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536:
        return ports.tcp(value)
    return None


def port_of_address(value: Any) -> Spans | None:
    """The TCP port at the end of ``host:9194`` or ``ssl://host:61617``."""
    if not isinstance(value, str):
        return None
    digits = value.rpartition(":")[2].partition("/")[0]
    return port(int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 6 else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a VPC.

    Attributes:
        subnets: short ids of the subnets that it may stand in.
        groups: its security groups' short ids; empty if they were not told.
        zones: the zones that it stands in; empty if it stands in every subnet.
        moves: it may move to another of the subnets by itself (failover, relocation).
        opened: ports that it listens on; ``None`` if they were not told.
        dual_stack: it has IPv6 addresses too.
        sure_ipv6: AWS's documentation says that its IPv6 address is public when it is.
    """

    subnets: Sequence[str]
    groups: Sequence[str]
    zones: Sequence[str] = ()
    moves: bool = False
    opened: Spans | None = None
    dual_stack: bool = False
    sure_ipv6: bool = False


def in_subnets(
    sight: Sight, item: Item, mechanism: str, place: Place, locks: Sequence[Lock], gap: str
) -> list[Reach]:
    """Judge something with a public address in a VPC, in the subnet in use first.

    Args:
        sight: what is known.
        item: its line.
        mechanism: without the family.
        place: where it stands.
        locks: its own controls: the public address, its state.
        gap: the call that would tell what ``place`` lacks.

    Returns:
        one reach for each source and family. Where only some of the subnets that it may stand in
        let the internet through, a yes is conditional (``context:subnet``).
    """
    families = (Family.IPV4, Family.IPV6) if place.dual_stack else (Family.IPV4,)
    return merge(
        reach
        for family in families
        for reach in _in_family(sight, item, mechanism, place, locks, gap, family)
    )


def _in_family(
    sight: Sight,
    item: Item,
    mechanism: str,
    place: Place,
    locks: Sequence[Lock],
    gap: str,
    family: Family,
) -> list[Reach]:
    own = [*locks, *_missing(item, place, gap)]
    if family is Family.IPV6 and not place.sure_ipv6:
        text = "AWS's documentation was not found to say whether its IPv6 address is public."
        own.append(asks_for("address", item.id, text, PUBLIC_IPV6))

    def judge(subnets: Sequence[str], *more: Lock) -> list[Reach]:
        return sight.placed(
            item,
            mechanism,
            (*own, *more),
            subnets=subnets,
            groups=place.groups or None,
            opened=place.opened or ANY_PORT,
            families=(family,),
        )

    if not place.zones:
        # It has an address in each of them: one through which the internet gets is enough.
        return judge(place.subnets)
    here = _in_use(sight, item, place)
    found = {subnet: judge([subnet]) for subnet in here}
    possible = [subnet for subnet in here if not _nothing(found[subnet])]
    if here and len(possible) == len(here):
        return [one for some in found.values() for one in some]
    if not possible and place.moves:
        possible = [one for one in place.subnets if one not in here]
    text = "It may stand in a subnet that lets the internet through."
    lock = asks_for("subnet", item.id, text, OTHER_SUBNET)
    now = [one for some in found.values() for one in some if one.verdict is Verdict.NO]
    moved = [one for subnet in possible for one in judge([subnet], lock)]
    return [*now, *moved] or judge(())


def _missing(item: Item, place: Place, gap: str) -> list[Lock]:
    locks = []
    if not place.groups:
        locks.append(unread("security group", item.id, gap))
    if place.opened is None:
        locks.append(unread("port", item.id, gap))
    return locks


def _in_use(sight: Sight, item: Item, place: Place) -> list[str]:
    """The subnets of the zones in use; all where no zone is told or none has a subnet."""
    if not place.zones:
        return list(place.subnets)
    known = sight.network.subnets
    nodes = {one: sight.node(one, item) for one in place.subnets}
    zone = {one: known[node].zone for one, node in nodes.items() if node in known}
    mine = [one for one in place.subnets if zone.get(one) in place.zones]
    if not mine:
        return list(place.subnets)
    return [one for one in place.subnets if one in mine or one not in zone]


def _nothing(found: Iterable[Reach]) -> bool:
    return all(one.verdict is Verdict.NO for one in found)
