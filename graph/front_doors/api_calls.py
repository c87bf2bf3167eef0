"""What callers of an API may call, by which ways, and what answers them: for every kind of API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from collector.snapshot import Item
from collector.snapshot.ledger import ALL_TYPES, LedgerRow
from graph.front_doors.declare import Lock, unread
from graph.front_doors.sight import HTTPS, Sight
from graph.network.balancers import targets_behind
from graph.network.doors import Door, Node, listeners_of
from graph.network.facts import LoadBalancer
from graph.network.pieces import INTERNET, Piece
from graph.network.prefixes import PUBLIC, Family
from graph.network.reach import Reach
from graph.network.spans import Spans
from graph.network.web_acls import Narrowing
from graph.verdict import Verdict, all_of

DOMAIN = "apigateway-domain"


@dataclass(frozen=True, slots=True)
class Entry:
    """How callers arrive at an API: under its own name, or through a domain.

    Attributes:
        mechanism: without the family.
        locks: what every caller meets before any method.
        families: by which the name resolves.
        via: the domain.
        guards: web ACLs.
        web_acls: those of them that let only fixed ranges or a secret header through.
    """

    mechanism: str
    locks: tuple[Lock, ...]
    families: tuple[Family, ...] = (Family.IPV4,)
    via: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    web_acls: tuple[Narrowing, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """Who may call, and by which locks; ``admitted`` as for :meth:`Sight.reached`."""

    locks: tuple[Lock, ...]
    source: str = INTERNET
    admitted: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Behind:
    """What answers a call.

    Attributes:
        id: node id.
        locks: between the API and it.
        balancer: the load balancer that it is, if it is a collected one.
        opened: its ports, where they are not the API's own.
    """

    id: str
    locks: tuple[Lock, ...] = ()
    balancer: LoadBalancer | None = None
    opened: Spans = HTTPS


@dataclass(frozen=True, slots=True)
class Operation:
    """Methods or routes that ask for the same, who gets through, and what they lead to."""

    ways: tuple[Way, ...]
    behind: tuple[Behind, ...] = field(default=())


def api_reaches(
    sight: Sight, item: Item, entry: Entry, operations: Iterable[Operation]
) -> Iterator[Reach]:
    """The reach to an API and to what stands behind it, way by way (not merged).

    Args:
        sight: what is known.
        item: the API's line.
        entry: how callers arrive.
        operations: what they may call.
    """
    for operation in operations:
        for way in operation.ways:
            yield from _through(sight, item, entry, way, "", (), HTTPS, entry.via)
            chain = (*entry.via, item.id)
            for one in operation.behind:
                guarded = _before(entry, one)
                found = list(
                    _through(sight, item, guarded, way, one.id, one.locks, one.opened, chain)
                )
                yield from found
                if one.balancer is not None:
                    yield from _balanced(sight, one, found)


def _before(entry: Entry, behind: Behind) -> Entry:
    """The entry with the web ACLs of the load balancer that stands behind the API."""
    if behind.balancer is None or not behind.balancer.guards:
        return entry
    guards = dict.fromkeys((*entry.guards, *behind.balancer.guards))
    return replace(entry, guards=tuple(guards))


def unseen_domains(sight: Sight, item: Item) -> Iterator[Reach]:
    """The reach through custom domains that nobody could list, for an API without other names."""
    for row in _domain_gaps(sight):
        if (row.account_id, row.region) == (item.account_id, item.region):
            gap = f"{row.service}.{row.operation}@{row.account_id}/{row.region}"
            lock = unread("custom domain", item.id, gap)
            yield from sight.reached(item, DOMAIN, (lock,))


def _domain_gaps(sight: Sight) -> list[LedgerRow]:
    return sight.once(
        ("front doors", "gaps of domains"),
        lambda: [
            one
            for one in sight.snapshot.gaps("apigateway:domain", "apigatewayv2:domain")
            if one.operation == "get_domain_names" or one.type == ALL_TYPES
        ],
    )


def _through(
    sight: Sight,
    item: Item,
    entry: Entry,
    way: Way,
    target: str,
    locks: tuple[Lock, ...],
    opened: Spans,
    via: tuple[str, ...],
) -> Iterator[Reach]:
    return sight.reached(
        item,
        entry.mechanism,
        (*entry.locks, *way.locks, *locks),
        opened=opened,
        families=entry.families,
        admitted=way.admitted,
        source=way.source,
        target=target,
        via=via,
        guards=entry.guards,
        web_acls=entry.web_acls,
    )


def _balanced(sight: Sight, behind: Behind, found: Iterable[Reach]) -> Iterator[Reach]:
    """What stands behind a load balancer that a private link leads to.

    The targets see the load balancer's addresses: of what comes through a private link a network
    load balancer preserves no client address ("Client IP preservation", Network Load Balancers).
    """
    assert behind.balancer is not None  # The caller's condition.
    for reach in found:
        if reach.verdict is Verdict.NO:
            continue
        door = _as_door(sight, behind, behind.balancer, reach)
        guarded = behind.balancer.kind != "network"
        for target in targets_behind(sight.network, door):
            told = target.answer if guarded else replace(target.answer, guards=())
            yield replace(
                target,
                source=INTERNET if target.verdict is Verdict.NO else reach.source,
                mechanism=reach.mechanism,
                broad=reach.broad,
                answer=all_of((reach.answer, told)).because(
                    target.answer.why
                    if target.verdict.rank <= reach.verdict.rank
                    else reach.answer.why
                ),
            )


def _as_door(sight: Sight, behind: Behind, balancer: LoadBalancer, reach: Reach) -> Door:
    """The load balancer as the link meets it: any of its nodes, on the ports that are asked for."""
    everybody = (Piece(PUBLIC[reach.family]),)
    flows = tuple(
        (listener, listener.ports & behind.opened, everybody)
        for listener in listeners_of(balancer)
        if listener.ports & behind.opened
    )
    nodes = tuple(
        Node(
            sight.network.subnets.get(subnet),
            subnet,
            (),
            flows,
            Verdict.YES,
            frozenset(),
            (),
        )
        for subnet in balancer.subnets
    )
    hidden = replace(balancer, kind="application") if balancer.kind == "network" else balancer
    return Door(hidden, reach.family, nodes, reach.via)
