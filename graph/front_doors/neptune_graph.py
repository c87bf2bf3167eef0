"""Neptune Analytics graphs.

https://docs.aws.amazon.com/neptune-analytics/latest/userguide/gettingStarted-connecting.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.front_doors.controls import facts, state
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, stops, unread
from graph.front_doors.sight import Sight, member
from graph.network.reach import Reach

_CALL = "get_graph"
_FLAG = "publicConnectivity"


def _graph(sight: Sight, item: Item) -> Iterator[Reach]:
    told = item.call(_CALL).value
    status = item.item.get("status") or member(told, "status")
    text = "Every request must be signed."
    locks = (
        _connectivity(sight, item, told),
        asks_for("authentication", item.id, text, "authn:sigv4"),
        state(item, status, facts("neptune_graph")["asleep"]["statuses"]),
    )
    yield from sight.reached(item, "neptune-graph", locks)


def _connectivity(sight: Sight, item: Item, told: object) -> Lock:
    name, public = "public connectivity", item.item.get(_FLAG, member(told, _FLAG))
    (ref,) = sight.refs(item, f"/item/{_FLAG}")
    if public is True:
        return passes(name, item.id, "publicConnectivity is true.", ref)
    if public is False:
        return stops(name, item.id, "It has private endpoints only.", ref)
    return unread(name, item.id, sight.gap(item, _CALL), ref)


DOORS = (
    FrontDoor(
        type_id="neptune-graph:graph",
        mechanism="neptune-graph",
        title="Neptune Analytics graphs",
        rule="publicConnectivity is true and the graph is in service. Every request is signed: "
        "`authn:sigv4`.",
        source="https://docs.aws.amazon.com/neptune-analytics/latest/userguide/gettingStarted-connecting.html",
        judge=_graph,
        test="tests/front_doors/test_neptune_graph.py",
        untold_families=True,
    ),
)
"""Declarations of this service."""
