"""The firewall of a Lightsail instance: which ports it opens to whom.

https://docs.aws.amazon.com/lightsail/latest/userguide/understanding-firewall-and-port-mappings-in-amazon-lightsail.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from collector.snapshot import Item
from graph.front_doors.openings import Openings, disjoint
from graph.front_doors.sight import member, rows
from graph.network import ports, prefixes
from graph.network.ec2_shapes import integer, text, texts
from graph.network.prefixes import Family
from graph.network.spans import Spans, union

_UNREADABLE = "unreadable"
_RANGE = re.compile(r"[0-9a-fA-F:.]+/[0-9]+")
_EVERYONE = {Family.IPV4: "0.0.0.0/0", Family.IPV6: "::/0"}


def openings(item: Item) -> Openings | None:
    """What the firewall lets in; ``None`` if it was not told.

    A rule that cannot be read opens everything to a range that nobody can read: its addresses
    are unknown, not absent.
    """
    told = member(item.item, "networking", "ports")
    if not isinstance(told, list):
        return None
    found: dict[Spans, list[str]] = {}
    for row in told:
        if not isinstance(row, Mapping):
            found.setdefault(ports.ALL, []).append(_UNREADABLE)
        elif text(row.get("accessDirection")).lower() != "outbound":
            found.setdefault(_opened(row), []).extend(_ranges(row))
    return disjoint({opened: tuple(dict.fromkeys(cidrs)) for opened, cidrs in found.items()})


def _opened(row: Mapping[str, Any]) -> Spans:
    try:
        return ports.of_rule(
            text(row.get("protocol")), integer(row.get("fromPort")), integer(row.get("toPort"))
        )
    except ValueError:
        return ports.ALL


def _ranges(row: Mapping[str, Any]) -> list[str]:
    """``cidrs`` and ``ipv6Cidrs``; where neither was told, the ranges that ``accessFrom`` names.

    The alias ``lightsail-connect`` is the console's own client, for who may sign in there.
    """
    try:
        ports.number_of(text(row.get("protocol")))
    except ValueError:
        return [_UNREADABLE]
    if isinstance(row.get("cidrs"), list) or isinstance(row.get("ipv6Cidrs"), list):
        return [*texts(row.get("cidrs")), *texts(row.get("ipv6Cidrs"))]
    if rows(row.get("cidrListAliases")) or texts(row.get("cidrListAliases")):
        return []
    return _RANGE.findall(text(row.get("accessFrom"))) or [_UNREADABLE]


def of_family(found: Openings, family: Family) -> Openings:
    """The openings to addresses of a family; a range that cannot be read is of every family."""
    kept = {
        opened: tuple(cidr for cidr in cidrs if _family_of(cidr) in (family, None))
        for opened, cidrs in found.items()
    }
    return {opened: cidrs for opened, cidrs in kept.items() if cidrs}


def _family_of(cidr: str) -> Family | None:
    try:
        return prefixes.parse(cidr)[0]
    except ValueError:
        return None


def open_to_everyone(found: Openings, family: Family) -> Spans:
    """The ports that every address of a family may use."""
    return union(opened for opened, cidrs in found.items() if _EVERYONE[family] in cidrs)


def open_to_someone(found: Openings) -> Spans:
    """The ports that any address at all may use."""
    return union(opened for opened, cidrs in found.items() if cidrs)


__all__ = ["of_family", "open_to_everyone", "open_to_someone", "openings"]
