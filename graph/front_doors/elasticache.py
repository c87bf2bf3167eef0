"""ElastiCache Serverless caches; node-based ones are never public (``never_public``).

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-public-endpoints-chapter.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.front_doors.controls import ANY_PORT, facts, port, state
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, stops, unread
from graph.front_doors.sight import BOTH, Sight, member
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.spans import union

_FAMILIES = {"ipv6": (Family.IPV6,), "dual_stack": BOTH}


def _serverless(sight: Sight, item: Item) -> Iterator[Reach]:
    told = item.item
    gap = sight.gap(item, "describe_serverless_caches")
    endpoints = (member(told, name, "Port") for name in ("Endpoint", "ReaderEndpoint"))
    opened = union(found for one in endpoints if (found := port(one)) is not None)
    login = "All users of a public cache sign in with IAM: no password beside it."
    locks = [
        _connection(sight, item, gap),
        asks_for("authentication", item.id, login, "authn:sigv4"),
        state(item, told.get("Status"), _asleep()),
    ]
    if not opened:
        locks.append(unread("port", item.id, gap))
    families = _FAMILIES.get(str(told.get("NetworkType")).lower(), (Family.IPV4,))
    yield from sight.reached(
        item, "elasticache", locks, opened=opened or ANY_PORT, families=families
    )


def _asleep() -> list[str]:
    found: list[str] = facts("elasticache")["asleep"]["statuses"]
    return found


def _connection(sight: Sight, item: Item, gap: str) -> Lock:
    """Through a VPC endpoint is the default; only ``public`` is on the internet."""
    name, kind = "connection type", item.item.get("ConnectionType", "vpc")
    (ref,) = sight.refs(item, "/item/ConnectionType")
    if kind == "public":
        return passes(name, item.id, "Its endpoint is public (ConnectionType public).", ref)
    if kind == "vpc":
        return stops(name, item.id, "It is reached through a VPC endpoint only.", ref)
    return unread(name, item.id, gap, ref)


DOORS = (
    FrontDoor(
        type_id="elasticache:serverless-cache",
        mechanism="elasticache",
        title="ElastiCache Serverless caches",
        rule="ConnectionType is `public` (Valkey 9 and later; the default is `vpc`) and the cache "
        "is in service. All its users sign in with IAM, none with a password: `authn:sigv4`.",
        source="https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-public-endpoints-chapter.html",
        judge=_serverless,
        test="tests/front_doors/test_elasticache.py",
    ),
)
"""Declarations of this service."""
